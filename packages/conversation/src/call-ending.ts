// How the agent hangs up, or hands the call on: after its last words were heard, unless the user goes on talking.
import type { Tool } from '@parley/protocol'
import { recordResult, runningCalls } from './calls.js'
import { apply, type Called, type CallId, type EndReason, type Millis, type Rule, unchanged } from './model.js'
import { note } from './rules.js'
import type { Ending, Live } from './state.js'

/** Tools of agents cannot begin with `aai_`, which is reserved for those of the platform: no tool has the same name. */
export const END_CALL = 'aai_end_call'
export const TRANSFER_CALL = 'aai_transfer_call'
export const ENDING_CALLS: ReadonlySet<string> = new Set([END_CALL, TRANSFER_CALL])

/** Most models write nothing when they call a tool, so the goodbye may come with the call. */
export const endCallTool: Tool = {
  type: 'function',
  name: END_CALL,
  description:
    'Hangs up. Call it only when the user has said goodbye or clearly wants to end the conversation. You will be heard out before the line is closed.',
  parameters: {
    type: 'object',
    properties: {
      goodbye: {
        type: 'string',
        description: 'Your last words to the user. Leave it out if you have just said goodbye.',
      },
    },
    required: [],
  },
  timeout_seconds: 120,
  execution_mode: 'interactive',
  http: null,
  response_instructions: null,
}

/** The goodbye that came with the call. */
export const goodbyeOf = ({ arguments: { goodbye } }: Called): string => (typeof goodbye === 'string' ? goodbye : '')

/** Stands for the result of the call until the session is over. */
export const HANGING_UP = 'The line is closed as soon as you were heard out.'

/** Whether this call ends the session. */
export const isEnding = ({ ending }: Live, callId: CallId): boolean =>
  ending !== undefined && ending.is !== 'message' && ending.callId === callId

/** When the line is closed; undefined while somebody speaks, or nobody wants it closed. */
export function hangsUpAt(live: Live): Millis | undefined {
  const { ending, quietSince } = live
  if (ending === undefined || quietSince === undefined) return undefined
  if (ending.is === 'message') return quietSince
  return quietSince + (runningCalls(live).length === 0 ? HANG_UP_AFTER : FINISH_WITHIN)
}

export const reasonOf = ({ is }: Ending): EndReason => (is === 'transfer' ? 'transferred' : 'agent_end')

/** The conversation goes on: the agent does not hang up. Of a machine nothing is expected any more. */
export const callOffEnding: Rule<Live> = (live) => {
  const { ending } = live
  if (ending === undefined || ending.is === 'message') return unchanged(live)
  return apply<Live>(
    { ...live, ending: undefined },
    recordResult(ending.callId, CALLED_OFF[ending.is]),
    note(`${ending.is} called off`, 'the user or the client goes on'),
  )
}

const CALLED_OFF = {
  'hanging up': 'The line was not closed: the conversation goes on.',
  transfer: 'The caller was not put through: the conversation goes on. Call the tool again if they still want it.',
} as const

/** Time for the last sound to be played at the other end, and for a last word of the user. */
const HANG_UP_AFTER: Millis = 800
/** How long tools that still run are waited for. */
const FINISH_WITHIN: Millis = 5_000
