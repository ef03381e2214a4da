// How the agent hangs up: after its goodbye was heard, unless the user goes on talking.
import type { Tool } from '@parley/protocol'
import { recordResult, runningCalls } from './calls.js'
import { apply, type Called, type Millis, type Rule, unchanged } from './model.js'
import { note } from './rules.js'
import type { Live } from './state.js'

/** Tools of agents cannot begin with `aai_`, which is reserved for those of the platform: no tool has the same name. */
export const END_CALL = 'aai_end_call'

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

/** When the line is closed; undefined while somebody speaks, or nobody wants it closed. */
export function hangsUpAt(live: Live): Millis | undefined {
  const { ending, quietSince } = live
  if (ending === undefined || quietSince === undefined) return undefined
  return quietSince + (runningCalls(live).length === 0 ? HANG_UP_AFTER : FINISH_WITHIN)
}

/** The conversation goes on: the agent does not hang up. */
export const callOffEnding: Rule<Live> = (live) => {
  const { ending } = live
  if (ending === undefined) return unchanged(live)
  return apply<Live>(
    { ...live, ending: undefined },
    recordResult(ending, CALLED_OFF),
    note('hanging up called off', 'the user or the client goes on'),
  )
}

const CALLED_OFF = 'The line was not closed: the conversation goes on.'

/** Time for the last sound to be played at the other end, and for a last word of the user. */
const HANG_UP_AFTER: Millis = 800
/** How long tools that still run are waited for. */
const FINISH_WITHIN: Millis = 10_000
