// The words of a reply on their way to the client: each as it begins to sound, and those that had been heard.
import { type Effect, type Millis, type Rule, send, unchanged } from './model.js'
import { heardBy, playsAt } from './playing.js'
import type { Live, MadeClause, Reply, Sound } from './state.js'
import { placeWords, spacedWords } from './words.js'

/** When the words of the next clause are told; undefined while that depends on sound yet to come. */
export function tellsAt(reply: Reply): Millis | undefined {
  const made = reply.made[reply.told]
  const sound = made ?? (reply.told === reply.made.length ? reply.making : undefined)
  if (!sound) return undefined
  const begins = playsAt(reply.playing, sound.offset)
  return begins === undefined || made ? begins : begins + LENGTH_KNOWN_WITHIN
}

export const tellBegun: Rule<Live> = (live) => (live.reply ? tellClauses(live.reply.told + 1)(live) : unchanged(live))

/** Sends the words of the clauses before number `end` that were not yet sent (checklist 81, 82). */
export const tellClauses =
  (end: number): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    const effects: Effect[] = []
    for (let clause = reply.told; clause < end; clause++) effects.push(...deltas(reply, clause))
    return [{ ...live, reply: { ...reply, told: end } }, effects]
  }

/** The words that had been played by `at`: a word counts once half of it was (checklist 98). */
export function wordsHeardBy(reply: Reply, at: Millis): string {
  if (reply.medium === 'text') return reply.clauses.slice(0, reply.told).join('').trim()
  const heard = heardBy(reply.playing, at)
  let text = ''
  for (const [clause, clauseText] of reply.clauses.entries()) {
    const sound = soundOf(reply, clause)
    if (!sound) break
    for (const word of placeWords(clauseText, sound, sound.words))
      if ((word.start + word.end) / 2 < heard) text += word.text
  }
  return text.trim()
}

/** A voice that makes a clause in one go has told its length by then; of a slow one the length is guessed. */
const LENGTH_KNOWN_WITHIN: Millis = 300
const USUAL_LENGTH_PER_LETTER: Millis = 65

function deltas(reply: Reply, clause: number): readonly Effect[] {
  const text = reply.clauses[clause]!
  const sound = soundOf(reply, clause)
  const words = sound ? placeWords(text, sound, sound.words) : spacedWords(text).map((word) => ({ text: word }))
  return words.map((word) =>
    send({
      type: 'transcript.agent.delta',
      reply_id: reply.id,
      item_id: reply.item,
      delta: word.text,
      start_ms: 'start' in word ? Math.round(word.start) : null,
      end_ms: 'end' in word ? Math.round(word.end) : null,
    }),
  )
}

/** Where a clause lies in the sound; of the one in the making the length is an estimate. */
function soundOf(reply: Reply, clause: number): MadeClause | undefined {
  const made = reply.made[clause]
  if (made) return made
  if (clause !== reply.made.length || !reply.making) return undefined
  return { ...likely(reply.making, reply, reply.clauses[clause]!), words: undefined }
}

function likely(making: Sound, reply: Reply, text: string): Sound {
  const letters = reply.clauses.slice(0, reply.made.length).reduce((sum, clause) => sum + clause.length, 0)
  const perLetter = letters === 0 || making.offset === 0 ? USUAL_LENGTH_PER_LETTER : making.offset / letters
  return { offset: making.offset, length: Math.max(making.length, perLetter * text.length) }
}
