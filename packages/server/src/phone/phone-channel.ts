// What kind of peer a telephone call is to its session.
import type { Millis } from '@parley/conversation'
import { type Encoding, sampleRateHz } from '@parley/protocol'
import type { Channel, StoredAgent } from '../session/session.js'
import type { PhoneCall } from './call.js'

/** An agent as it is on a call: what it knows of the caller, and what it can do on a telephone. */
export type AdaptAgent = (agent: StoredAgent, call: PhoneCall) => StoredAgent

/** A caller cannot try again as a program does, and hangs up when it takes too long. */
const READY_WITHIN: Millis = 30_000

/** `encoding`: of the line, both ways, whatever the agent says of sound. */
export const phoneChannel = (call: PhoneCall, encoding: Encoding, adapt: AdaptAgent): Channel => ({
  confirmsPlayout: true,
  readyWithin: READY_WITHIN,
  adapt: (agent) => onLine(adapt(agent, call), encoding),
})

function onLine(agent: StoredAgent, encoding: Encoding): StoredAgent {
  const format = { encoding, sample_rate: sampleRateHz[encoding] }
  const { input, output } = agent.config
  const config = {
    ...agent.config,
    input: { ...input, format },
    output: { ...output, type: 'audio', format },
  } as const
  return { ...agent, config }
}
