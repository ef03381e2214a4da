// What a stored agent answers about a call, for whoever keeps the calls and has no session yet.
import { preConnectOf, storedPhoneSettings } from '../http/agent-view.js'
import type { SecretBox } from '../secrets.js'
import type { StoredAgent } from '../storage/store.js'
import { type BeforeAnswer, type BeforeAnswerPorts, beforeAnswer } from './before-answer.js'
import type { PhoneCall } from './call.js'
import { machineAnswerOf } from './phone-agent.js'
import { type MachineAnswer, type TransferTarget, transferTargetOf } from './phone-settings.js'

export interface AgentAnswers {
  /** Takes 800 ms at most for each request of the agent. Rejects with a `SealError` when their headers cannot be read. */
  beforeAnswer(call: PhoneCall, agent: StoredAgent, signal?: AbortSignal): Promise<BeforeAnswer>
  /** By the name that the agent has for it. */
  transferTarget(agent: StoredAgent, name: string): TransferTarget | undefined
  machineAnswer(agent: StoredAgent, call: PhoneCall): MachineAnswer
  /** The number that its calls are to come from. */
  callerId(agent: StoredAgent): string | undefined
}

export function agentAnswers({ secrets, ...ports }: BeforeAnswerPorts & { readonly secrets: SecretBox }): AgentAnswers {
  const ask = beforeAnswer(ports)
  return {
    beforeAnswer: async (call, agent, signal) => ask(call, preConnectOf(agent, secrets), signal),
    transferTarget: (agent, name) => transferTargetOf(storedPhoneSettings(agent), name),
    machineAnswer: (agent, call) => machineAnswerOf(storedPhoneSettings(agent), call),
    callerId: (agent) => storedPhoneSettings(agent).callerId,
  }
}
