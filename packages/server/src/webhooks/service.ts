// Webhooks as the server puts them together: what is published goes into the queue, and out of it to its receivers.
import type { Webhook } from '@parley/protocol'
import type { Config } from '../config.js'
import type { Guard } from '../net/guard.js'
import type { SecretBox } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { SessionObserver } from '../session/observer.js'
import type { SessionLog } from '../session/session.js'
import type { LostSession, Store } from '../storage/store.js'
import { Courier } from './courier.js'
import { type Happening, sessionHappening } from './events.js'
import { Press } from './press.js'
import { sessionNews } from './session-news.js'

export interface WebhookPorts {
  readonly store: Pick<Store, 'webhooks' | 'deliveries'>
  readonly secrets: SecretBox
  readonly clock: Clock
  readonly log: SessionLog
  readonly guard: Guard
}

export interface WebhookService {
  /** Whatever subscribes to it is told, once, in the end. */
  publish(happening: Happening): void
  /** Publishes what happens to a session. */
  observe(session: { readonly id: string; readonly accountId: string }): SessionObserver
  /** Publishes the end of a session that has lost its server, unless that did so itself. */
  lost(session: LostSession): void
  checkUrl(url: string): Promise<string | undefined>
  nudge(): void
  /** Stores what is on its way to the queue; what is in it waits for the next start. */
  close(): Promise<void>
}

const HOUSEKEEPING_EVERY_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUSEKEEPING_EVERY_MS

/** Begins at once with what an earlier run of the server has left in the queue. */
export function webhooksOf({ webhookLogDays }: Pick<Config, 'webhookLogDays'>, ports: WebhookPorts): WebhookService {
  const { guard, clock, log, store } = ports
  const courier = new Courier({ ...ports, random: Math.random })
  const press = new Press({ ...ports, queued: () => courier.nudge() })
  const publish = (happening: Happening) => press.publish(happening)
  const bring = (session: Parameters<Press['bring']>[0], webhook: Webhook) => press.bring(session, webhook)

  const forgetOld = async () => {
    const before = new Date(clock.unixMs() - webhookLogDays * DAY_MS)
    while ((await store.deliveries.forget(before)) > 0);
  }
  let cancelHousekeeping = () => {}
  let tidying = Promise.resolve()
  const keepHouse = () => {
    tidying = forgetOld().catch((error) =>
      log('warn', 'Old webhook deliveries could not be deleted; it is tried again in an hour.', {
        error: String(error),
      }),
    )
    cancelHousekeeping = clock.wake(clock.now() + HOUSEKEEPING_EVERY_MS, keepHouse)
  }
  keepHouse()
  courier.nudge()

  return {
    publish,
    observe: (session) => sessionNews(session, { publish, bring }),
    lost: ({ id, accountId, agentId, createdAt, endedAt, closeReason }) =>
      publish(
        sessionHappening({
          ...{ id, accountId, agentId, startedAt: createdAt.getTime() },
          ended: { at: endedAt.getTime(), reason: closeReason },
        }),
      ),
    checkUrl: (url) => guard.checkUrl(url),
    nudge: () => courier.nudge(),
    async close() {
      cancelHousekeeping()
      await tidying
      await press.close()
      await courier.close()
    },
  }
}
