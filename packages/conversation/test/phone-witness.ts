// Watches what is peculiar to a telephone: what counts as heard, which keys are waited for, and how a call ends.
import type { Conversation, Effect, Event, Live } from '@parley/conversation'
import { placeWords } from '../dist/words.js'

type Must = (holds: boolean, what: string) => void

const MARK_MS = 120
const OVERDUE_MS = 2000

export class PhoneWitness {
  readonly #must: Must
  /** What keys are for, as the session has been told. */
  #collecting: string | undefined
  /** The sound of the open reply that the peer has confirmed, and when: 0 ms as the first of it was made. */
  #confirmed = { reply: '', ms: 0, at: 0 }

  constructor(must: Must) {
    this.#must = must
  }

  happened(before: Conversation, event: Event): void {
    if (event.type === 'keypad.collected' && this.#collecting === `${event.callId} ${event.argument}`)
      this.#collecting = undefined
    if (before.phase !== 'live' || !('reply' in event) || before.reply?.id !== event.reply) return
    const { id: reply, playing } = before.reply
    if (event.type === 'tts.spoke' && playing.is === 'nothing') this.#confirmed = { reply, ms: 0, at: event.at }
    if (event.type !== 'playout.reached' || this.#confirmed.reply !== reply) return
    const ms = Math.min(event.offset, playing.is === 'nothing' ? 0 : playing.made)
    if (ms > this.#confirmed.ms) this.#confirmed = { reply, ms, at: event.at }
  }

  ordered(effect: Effect, event: Event, before: Conversation): void {
    switch (effect.type) {
      case 'collect':
        this.#collecting = `${effect.callId} ${effect.asked.argument}`
        return
      case 'stopCollecting':
        this.#collecting = undefined
        return
      case 'awaitKeys':
        return this.#must(this.#collecting !== undefined, 'keys are awaited when something is asked for')
      case 'generate': {
        const tool = effect.tools.find(({ name }) => name === 'pay')
        const shown = JSON.stringify(tool?.parameters ?? {})
        return this.#must(!/code|secret/.test(shown), 'the model knows nothing of what callers enter')
      }
      case 'end':
        return this.#must(
          (effect.reason === 'transferred') === (effect.transfer === 'sales'),
          'a call is handed on to a target of the agent, or to nobody',
        )
      case 'send':
        if (effect.event.type === 'transcript.agent' && before.phase === 'live')
          this.#heard(before, effect.event, event)
    }
  }

  stepped(after: Conversation): void {
    if (after.phase !== 'live') return
    const { entry, ending, user } = after
    this.#must(
      (entry && `${entry.callId} ${entry.asked.argument}`) === this.#collecting,
      'the session collects what the conversation asks for',
    )
    this.#must(
      entry?.stage !== 'awaited' || after.quietSince !== undefined,
      'time for keys runs only while nobody speaks',
    )
    this.#must(ending?.is !== 'message' || user.is === 'silent', 'nobody listens to a machine')
    const isCollecting = after.calls.some(({ progress }) => progress.is === 'collecting')
    this.#must(isCollecting === (entry !== undefined), 'a call that waits for keys is asked for')
  }

  /** The server is about to die. */
  died(): void {
    this.#collecting = undefined
  }

  /** What was interrupted was heard as far as it was confirmed, give or take a mark, or should have been long ago. */
  #heard({ start, reply }: Live, said: { reply_id: string; text: string; interrupted: boolean }, event: Event): void {
    if (!start.confirmsPlayout || !reply || reply.id !== said.reply_id || reply.medium === 'text') return
    const confirmed = this.#confirmed.reply === reply.id ? this.#confirmed.ms : 0
    const { playing } = reply
    if (!said.interrupted) {
      const until = playing.is === 'nothing' ? 0 : playing.until
      const made = playing.is === 'nothing' ? 0 : playing.made
      const isOver = confirmed >= made - 20 || event.at >= until + 1000
      return this.#must(isOver, 'a reply that nobody has confirmed is not over')
    }
    const sounds = reply.made.flatMap((sound, clause) => placeWords(reply.clauses[clause]!, sound, sound.words))
    const believed = confirmed + Math.max(MARK_MS, event.at - OVERDUE_MS - this.#confirmed.at)
    const sure = sounds.filter(({ start: from, end }) => (from + end) / 2 < believed)
    const most = sure
      .map(({ text }) => text)
      .join('')
      .trim()
    this.#must(reply.making !== undefined || most.startsWith(said.text), 'what was not confirmed was not heard')
  }
}
