// Tells of a session as it begins and ends, and knows the webhook that the session may bring itself.
import type { Conversation, Effect, EndReason, Event, Millis } from '@parley/conversation'
import type { SessionConfig, Webhook } from '@parley/protocol'
import type { SessionObserver } from '../session/observer.js'
import { type Happening, type SessionFacts, sessionHappening } from './events.js'

export interface NewsPorts {
  publish(happening: Happening): void
  /** The session has a webhook of its own from now on; it takes the place of an earlier one. */
  bring(session: { readonly id: string; readonly accountId: string }, webhook: Webhook): void
}

export function sessionNews(
  session: { readonly id: string; readonly accountId: string },
  { publish, bring }: NewsPorts,
): SessionObserver {
  let agent: string | undefined
  let openedAt = 0
  let begun: SessionFacts | undefined

  return {
    prepared(_config: SessionConfig, agentId: string | undefined) {
      agent = agentId
    },
    stepped(event: Event, effects: readonly Effect[], conversation: Conversation) {
      if (event.type === 'client.updated' && event.patch.webhook && isAccepted(effects))
        bring(session, event.patch.webhook)
      if (begun || conversation.phase !== 'live') return
      openedAt = conversation.start.startedAtUnixMs
      begun = { ...session, agentId: agent, startedAt: openedAt + conversation.since, ended: undefined }
      publish(sessionHappening(begun))
    },
    over(reason: EndReason | 'refused', at: Millis) {
      const publicReason = reason === 'refused' ? 'error' : reason
      if (begun) publish(sessionHappening({ ...begun, ended: { at: openedAt + at, reason: publicReason } }))
    },
  }
}

/** An update that was refused, or that came before it could be heard, orders neither of these. */
const isAccepted = (effects: readonly Effect[]): boolean =>
  effects.some(({ type }) => type === 'prepare' || type === 'reconfigure')
