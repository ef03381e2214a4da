// Status callbacks of a call: told in order, one after another, to whoever has asked for them.
import type { Office } from './office.js'
import type { Onward } from './twiml.js'

export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled'

/** `StatusCallbackEvent`; the end of a call, whatever it is, is `completed`. */
export const statusEvents = ['initiated', 'ringing', 'answered', 'completed'] as const
export type StatusEvent = (typeof statusEvents)[number]

export interface StatusSubscription {
  readonly to: Onward
  readonly events: readonly StatusEvent[]
}

export class StatusNews {
  readonly #office: Office
  readonly #subscription: StatusSubscription | undefined
  readonly #over = new AbortController()
  #told: Promise<unknown> = Promise.resolve()
  #count = 0

  constructor(office: Office, subscription: StatusSubscription | undefined) {
    this.#office = office
    this.#subscription = subscription
  }

  /** Aborted at the end of the call. */
  get callOver(): AbortSignal {
    return this.#over.signal
  }

  /** `seconds`: how long the call lasted, told at its end. */
  tell(status: CallStatus, fields: Readonly<Record<string, string>>, seconds: number): void {
    const event = eventOf(status)
    if (event === 'completed') this.#over.abort()
    const subscription = this.#subscription
    if (!event || !subscription?.events.includes(event)) return
    const { unixMs } = this.#office.settings.clock
    const news = {
      ...fields,
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(this.#count++),
      Timestamp: rfc2822(unixMs()),
      ...(event === 'completed' && { CallDuration: String(seconds), Duration: String(Math.ceil(seconds / 60)) }),
    }
    this.#told = this.#told.then(() => this.#office.ask(subscription.to, news))
  }

  /** Resolves when all that was to be told has been. */
  async settled(): Promise<void> {
    await this.#told
  }
}

export const rfc2822 = (unixMs: number): string => new Date(unixMs).toUTCString().replace('GMT', '+0000')

function eventOf(status: CallStatus): StatusEvent | undefined {
  if (status === 'queued') return undefined
  if (status === 'initiated' || status === 'ringing') return status
  return status === 'in-progress' ? 'answered' : 'completed'
}
