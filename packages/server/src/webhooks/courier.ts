// Works the queue of deliveries off: takes what is due, a few at a time, and puts back what failed.

import type { Guard } from '../net/guard.js'
import type { SecretBox } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { SessionLog } from '../session/session.js'
import type { Store } from '../storage/store.js'
import type { Claimed } from '../storage/webhook-deliveries.js'
import { attempt } from './attempt.js'

export interface CourierPorts {
  readonly store: Pick<Store, 'webhooks' | 'deliveries'>
  readonly guard: Pick<Guard, 'fetch'>
  readonly secrets: Pick<SecretBox, 'open'>
  readonly clock: Clock
  readonly log: SessionLog
  random(): number
}

/** Attempts under way at once, of this server. */
const MOST_AT_ONCE = 16
/** Of these, those for one subscription, which gets more once they have ended: a slow receiver does not hold up the others. */
const MOST_FOR_ONE = 4
/** Longer than the longest attempt: then whoever took a delivery has died. */
const LEASE_MS = 60_000
/** How often the queue is looked at unasked, for what other servers have left there. */
const LOOK_EVERY_MS = 30_000
/** The least time from one look to the next. */
const LOOK_AGAIN_MS = 1_000
/** How long attempts under way may go on when the server stops. */
const CLOSE_WITHIN_MS = 2_000

export class Courier {
  readonly #ports: CourierPorts
  readonly #stop = new AbortController()
  readonly #running = new Map<Promise<void>, string>()
  #round: Promise<void> | undefined
  #again = false
  #cancelAlarm: () => void = () => {}
  #closed = false

  constructor(ports: CourierPorts) {
    this.#ports = ports
  }

  /** Looks at the queue, now and from then on by itself. */
  nudge(): void {
    if (this.#closed) return
    this.#again = true
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined
      if (this.#again) this.nudge()
    })
  }

  /** Attempts under way have a moment to end; what they leave is due at once, for the next server. */
  async close(): Promise<void> {
    this.#closed = true
    this.#again = false
    this.#cancelAlarm()
    const { clock } = this.#ports
    const cancel = clock.wake(clock.now() + CLOSE_WITHIN_MS, () => this.#stop.abort())
    await this.#round
    await Promise.all(this.#running.keys())
    cancel()
  }

  async #rounds(): Promise<void> {
    const { log } = this.#ports
    while (this.#again && !this.#closed) {
      this.#again = false
      this.#cancelAlarm()
      try {
        await this.#takeWhatIsDue()
        this.#setAlarm(await this.#ports.store.deliveries.nextDue())
      } catch (error) {
        log('error', 'The queue of webhooks could not be read; it is tried again.', { error: String(error) })
        this.#setAlarm(undefined)
      }
    }
  }

  async #takeWhatIsDue(): Promise<void> {
    const { store, clock } = this.#ports
    const most = MOST_AT_ONCE - this.#running.size
    if (most <= 0) return
    const now = clock.unixMs()
    const claimed = await store.deliveries.claim({
      now: new Date(now),
      until: new Date(now + LEASE_MS),
      most,
      perSubscription: MOST_FOR_ONE,
      busy: [...new Set(this.#running.values())],
    })
    for (const one of claimed) this.#start(one)
  }

  #start(claimed: Claimed): void {
    const run = this.#deliver(claimed)
      .catch((error) =>
        this.#ports.log('error', 'What came of a webhook could not be stored; it will be sent again.', {
          delivery: claimed.id,
          error: String(error),
        }),
      )
      .finally(() => {
        this.#running.delete(run)
        this.nudge()
      })
    this.#running.set(run, claimed.subscriptionId)
  }

  async #deliver(claimed: Claimed): Promise<void> {
    const { store, clock, log, guard, secrets, random } = this.#ports
    const ports = { guard, secrets, random, unixMs: () => clock.unixMs() }
    const { settlement, gone } = await attempt(ports, claimed, this.#stop.signal)
    const now = new Date(clock.unixMs())
    if (this.#stop.signal.aborted && settlement.outcome !== 'delivered') return store.deliveries.release(claimed, now)
    await store.deliveries.settle(claimed, settlement)
    const { outcome, httpStatusCode } = settlement
    const fields = { delivery: claimed.id, session: claimed.sessionId, attempt: claimed.attempts, httpStatusCode }
    if (outcome === 'delivered') log('debug', 'webhook delivered', fields)
    else log('warn', outcome === 'again' ? 'webhook failed; tried again later' : 'webhook failed for good', fields)
    if (gone) await store.webhooks.disable(claimed.subscriptionId, 'The receiver said that it is gone (410).', now)
  }

  #setAlarm(due: Date | undefined): void {
    if (this.#closed) return
    const { clock } = this.#ports
    const wait = due === undefined ? LOOK_EVERY_MS : Math.min(LOOK_EVERY_MS, due.getTime() - clock.unixMs())
    // what is due by now and was not taken waits for attempts under way, here or elsewhere
    this.#cancelAlarm = clock.wake(clock.now() + Math.max(LOOK_AGAIN_MS, wait), () => this.nudge())
  }
}
