// The smallest rules: give an order, note a decision, run a rule only while the conversation is live.
import { apply, type Effect, type Rule, unchanged } from './model.js'
import type { Conversation, Live } from './state.js'

export const order =
  (...effects: readonly Effect[]): Rule<Live> =>
  (live) => [live, effects]

/** A decision with its reason. `figures`: ms, scores and counts; never words. */
export const note = (what: string, why: string, figures?: Readonly<Record<string, number>>): Rule<Live> =>
  order({ type: 'note', decision: { what, why, ...(figures && { figures }) } })

export const whenLive =
  (...rules: readonly Rule<Live>[]): Rule<Conversation> =>
  (conversation) =>
    conversation.phase === 'live' ? apply(conversation, ...rules) : unchanged(conversation)

/** A score as a log shows it. */
export const round = (score: number): number => Math.round(score * 100) / 100
