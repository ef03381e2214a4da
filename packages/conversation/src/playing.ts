// What has been heard by now: sound plays from when there is some, and a little of it is always ahead at the client.
import type { Millis } from './model.js'

/**
 * `made`: sound so far. `until`: when all that was sent has been played, by the clock.
 * `held`: nothing leaves any more, but the client still plays what it has, up to `sent`.
 */
export type Playing = (
  | { readonly is: 'nothing' }
  | { readonly is: 'flowing'; readonly made: Millis; readonly until: Millis }
  | { readonly is: 'held'; readonly made: Millis; readonly sent: Millis; readonly until: Millis }
) & { readonly told?: Told }

/** What the peer tells of its playing; left out for one that tells nothing, of which the clock knows all. */
export interface Told {
  /** Sound that it has played. */
  readonly confirmed: Millis
  /** How much later it plays than the clock has it; less than 0: earlier. */
  readonly behind: Millis
}

/** Before there is any sound. `confirms`: the peer will tell what it plays. */
export const unplayed = (confirms: boolean | undefined): Playing =>
  confirms ? { is: 'nothing', told: { confirmed: 0, behind: 0 } } : { is: 'nothing' }

export const madeSoFar = (playing: Playing): Millis => (playing.is === 'nothing' ? 0 : playing.made)

/** A voice that falls behind leaves a gap: what comes later plays later. */
export function soundMade(playing: Playing, length: Millis, at: Millis): Playing {
  switch (playing.is) {
    case 'nothing':
      return { ...playing, is: 'flowing', made: length, until: at + length }
    case 'flowing':
      return { ...playing, made: playing.made + length, until: Math.max(at, playing.until) + length }
    case 'held':
      return { ...playing, made: playing.made + length }
  }
}

/**
 * The peer has played the sound up to `offset`, and says so at `at`: the clock is put right by it. One peer plays late,
 * another was thought to; that it has played more than was ever made is not believed.
 */
export function soundPlayed(playing: Playing, offset: Millis, at: Millis): Playing {
  const { told } = playing
  if (playing.is === 'nothing' || !told) return playing
  const confirmed = Math.min(offset, playing.made)
  if (!(confirmed > told.confirmed)) return playing
  const left = playing.is === 'held' ? leftUpTo(playing, confirmed) : playing
  return { ...left, told: { confirmed, behind: at - (left.until - (sentOf(left) - confirmed)) } }
}

/** Sound stops leaving at `at`; `lead` of it at most has left before its time. */
export function hold(playing: Playing, lead: Millis, at: Millis): Playing {
  if (playing.is !== 'flowing') return playing
  const ahead = Math.min(lead, Math.max(0, playing.until - at))
  const unsent = Math.max(0, playing.until - at) - ahead
  return { ...playing, is: 'held', sent: playing.made - unsent, until: at + ahead }
}

/** Sound leaves again; what the client had left bridges a short hold without a gap. */
export function release(playing: Playing, at: Millis): Playing {
  if (playing.is !== 'held') return playing
  const { sent, ...rest } = playing
  return { ...rest, is: 'flowing', until: Math.max(at, playing.until) + playing.made - sent }
}

/**
 * How much of the sound has been played by `at`. Where the peer confirms it, hardly more than that is believed; for what
 * should have been confirmed long ago the clock counts.
 */
export function heardBy(playing: Playing, at: Millis): Millis {
  if (playing.is === 'nothing') return 0
  const { told, until } = playing
  if (!told) return sentOf(playing) - Math.max(0, until - at)
  const played = (time: Millis) => sentOf(playing) - Math.max(0, until + told.behind - time)
  const overdue = played(at - CONFIRMED_WITHIN)
  return Math.max(told.confirmed, Math.min(played(at), told.confirmed + BETWEEN_MARKS), overdue)
}

/** When the sound at `offset` begins to play; undefined while it is held back, or before there is any. */
export function playsAt(playing: Playing, offset: Millis): Millis | undefined {
  if (playing.is === 'nothing') return undefined
  const sent = sentOf(playing)
  if (offset > sent || (offset === sent && playing.is === 'held')) return undefined
  return playing.until + (playing.told?.behind ?? 0) - (sent - offset)
}

/**
 * When all sound so far has been played, 0 if that is confirmed; undefined while some of it is held back. Should the peer
 * fail to confirm the end, the clock counts after a while.
 */
export function playedOutAt(playing: Playing): Millis | undefined {
  if (playing.is === 'nothing' || sentOf(playing) < playing.made) return undefined
  const { told, until, made } = playing
  if (!told) return until
  return told.confirmed >= made - LAST_FRAME ? 0 : until + told.behind + CONFIRMED_WITHIN
}

/** The peer confirms what it plays about as often as this. */
const BETWEEN_MARKS: Millis = 120
/** How long what was played, and the end of a reply, may go without being confirmed. */
const CONFIRMED_WITHIN: Millis = 2000
/** A voice and the wire count the last samples of a reply differently. */
const LAST_FRAME: Millis = 20

type Sounding = Exclude<Playing, { readonly is: 'nothing' }>

const sentOf = (playing: Sounding): Millis => (playing.is === 'held' ? playing.sent : playing.made)

/** More had left before the hold than was thought. */
function leftUpTo(held: Extract<Playing, { is: 'held' }>, offset: Millis): Sounding {
  const more = Math.max(0, offset - held.sent)
  return { ...held, sent: held.sent + more, until: held.until + more }
}
