// What is known before the first word of a session, and how the language model is told of it (protocol.md 7.6).
import { callId } from './identifiers.js'
import type { Item } from './model.js'

/** The tool of the platform whose result it is. Names that begin with `aai_` are reserved, so no tool of an agent has it. */
export const PRE_CONNECT_CONTEXT = 'aai_pre_connect_context'

/** The beginning of the history: a call that nobody made, and its result. Nothing where nothing is known. */
export function knownBefore(sessionId: string, variables: Readonly<Record<string, string>> = {}): readonly Item[] {
  if (Object.keys(variables).length === 0) return []
  const called = { callId: callId(sessionId, BEFORE_ALL_OTHERS), name: PRE_CONNECT_CONTEXT, arguments: {} }
  return [
    { role: 'agent', text: '', calls: [called] },
    { role: 'tool', callId: called.callId, name: called.name, text: JSON.stringify({ variables }) },
  ]
}

/** The calls of a session are counted from 0. */
const BEFORE_ALL_OTHERS = -1
