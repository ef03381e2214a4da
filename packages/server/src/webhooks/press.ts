// Takes what happens to the queue, in the order in which it happened, also when the database is away for a while.
import type { Webhook } from '@parley/protocol'
import type { SecretBox } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { SessionLog } from '../session/session.js'
import { InOrder } from '../storage/in-order.js'
import type { Store } from '../storage/store.js'
import { webhookSecretPlace } from '../storage/webhook-tables.js'
import { eventOf, type Happening, subjectOf } from './events.js'

export interface PressPorts {
  readonly store: Pick<Store, 'webhooks' | 'deliveries'>
  readonly secrets: Pick<SecretBox, 'seal'>
  readonly clock: Clock
  readonly log: SessionLog
  /** There is something new in the queue. */
  queued(): void
}

/** The waits between tries to store an event, in ms; what then still cannot be stored is lost, and logged. */
const STORE_AGAIN_AFTER_MS = [500, 2_000, 10_000, 30_000, 60_000] as const

export class Press {
  readonly #ports: PressPorts
  /** By session, or by call: its events go out in their order. */
  readonly #writes: InOrder

  constructor(ports: PressPorts) {
    this.#ports = ports
    this.#writes = new InOrder({
      clock: ports.clock,
      againAfterMs: STORE_AGAIN_AFTER_MS,
      lost: (error, session, what) =>
        ports.log('error', `Webhooks: ${what} of a session could not be stored and is lost.`, {
          session,
          error: String(error),
        }),
    })
  }

  publish(happening: Happening): void {
    const { store, clock, queued } = this.#ports
    const event = eventOf(happening)
    void this.#writes.run(subjectOf(happening), `the event ${event.event}`, async () => {
      const count = await store.deliveries.publish(event, new Date(clock.unixMs()))
      if (count > 0) queued()
    })
  }

  /** The session has a webhook of its own. */
  bring(session: { readonly id: string; readonly accountId: string }, { url, events, secret }: Webhook): void {
    const { store, secrets, clock } = this.#ports
    const id = `session.${session.id}`
    const sealed = secret === undefined ? undefined : secrets.seal(secret, webhookSecretPlace(id))
    void this.#writes.run(session.id, 'the webhook', () =>
      store.webhooks.bring(
        session.accountId,
        { id, sessionId: session.id, url, events, secret: sealed },
        new Date(clock.unixMs()),
      ),
    )
  }

  /** Resolves when everything is stored; what cannot be stored now is given up. */
  close(): Promise<void> {
    return this.#writes.close()
  }
}
