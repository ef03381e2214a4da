// What has been heard by now: sound plays from when there is some, and a little of it is always ahead at the client.
import type { Millis } from './model.js'

/**
 * `made`: sound so far. `until`: when all that was sent has been played.
 * `held`: nothing leaves any more, but the client still plays what it has, up to `sent`.
 */
export type Playing =
  | { readonly is: 'nothing' }
  | { readonly is: 'flowing'; readonly made: Millis; readonly until: Millis }
  | { readonly is: 'held'; readonly made: Millis; readonly sent: Millis; readonly until: Millis }

export const madeSoFar = (playing: Playing): Millis => (playing.is === 'nothing' ? 0 : playing.made)

/** A voice that falls behind leaves a gap: what comes later plays later. */
export function soundMade(playing: Playing, length: Millis, at: Millis): Playing {
  switch (playing.is) {
    case 'nothing':
      return { is: 'flowing', made: length, until: at + length }
    case 'flowing':
      return { is: 'flowing', made: playing.made + length, until: Math.max(at, playing.until) + length }
    case 'held':
      return { ...playing, made: playing.made + length }
  }
}

/** Sound stops leaving at `at`; `lead` of it at most has left before its time. */
export function hold(playing: Playing, lead: Millis, at: Millis): Playing {
  if (playing.is !== 'flowing') return playing
  const ahead = Math.min(lead, Math.max(0, playing.until - at))
  const unsent = Math.max(0, playing.until - at) - ahead
  return { is: 'held', made: playing.made, sent: playing.made - unsent, until: at + ahead }
}

/** Sound leaves again; what the client had left bridges a short hold without a gap. */
export const release = (playing: Playing, at: Millis): Playing =>
  playing.is === 'held'
    ? { is: 'flowing', made: playing.made, until: Math.max(at, playing.until) + playing.made - playing.sent }
    : playing

/** How much of the sound has been played by `at`. */
export function heardBy(playing: Playing, at: Millis): Millis {
  if (playing.is === 'nothing') return 0
  const sent = playing.is === 'held' ? playing.sent : playing.made
  return sent - Math.max(0, playing.until - at)
}

/** When the sound at `offset` begins to play; undefined while it is held back, or before there is any. */
export function playsAt(playing: Playing, offset: Millis): Millis | undefined {
  if (playing.is === 'nothing') return undefined
  const sent = playing.is === 'held' ? playing.sent : playing.made
  return offset > sent || (offset === sent && playing.is === 'held') ? undefined : playing.until - (sent - offset)
}

/** When all sound so far has been played; undefined while some of it is held back. */
export function playedOutAt(playing: Playing): Millis | undefined {
  if (playing.is === 'nothing' || (playing.is === 'held' && playing.sent < playing.made)) return undefined
  return playing.until
}
