// Identifiers of replies and items, derived from the session's own and a count, so that nothing is drawn by chance.
import type { CallId, ItemId, ReplyId, TurnNumber } from './model.js'

/** `resp_` and 32 hex digits (checklist 75). */
export const replyId = (sessionId: string, reply: number): ReplyId => `resp_${derive(sessionId, reply * 3)}`

/** The item of the agent's words in reply number `reply`. */
export const agentItemId = (sessionId: string, reply: number): ItemId => `msg_${derive(sessionId, reply * 3 + 1)}`

/** The item of the user's words in turn number `turn`. */
export const userItemId = (sessionId: string, turn: TurnNumber): ItemId => `msg_${derive(sessionId, turn * 3 + 2)}`

/** For the call number `call` of the session, when the model's own identifier will not do. */
export const callId = (sessionId: string, call: number): CallId => `call_${derive(sessionId, call * 3)}`

/** Odd, so that no two counts below 2^32 give the same word: within a session identifiers differ. */
const MULTIPLIERS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const

function derive(sessionId: string, count: number): string {
  const digits = sessionId.slice(-32)
  return MULTIPLIERS.map((multiplier, index) => {
    const word = Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16)
    return ((word ^ Math.imul(count, multiplier)) >>> 0).toString(16).padStart(8, '0')
  }).join('')
}
