// What whoever keeps the calls asks of an agent: who may be called, where calls are handed on to, what a machine hears.
import { z } from 'zod'
import type { StoredAgent } from '../storage/store.js'
import type { PhoneCall } from './call.js'

export interface BeforeAnswer {
  /** The call is not to be answered. */
  readonly reject: boolean
  /** What stands for `{{name}}`, beside what came with the call. */
  readonly variables: Readonly<Record<string, string>>
  /** Said instead of the agent's greeting. */
  readonly greeting: string | undefined
}

export interface TransferTarget {
  readonly phoneNumber: string
  /** Undefined: as the server is set. */
  readonly ringTimeoutSeconds: number | undefined
}

/** What becomes of a call that a machine has answered. */
export type MachineAnswer =
  | { readonly do: 'hang up' }
  | { readonly do: 'leave'; readonly message: string }
  | { readonly do: 'continue' }

export interface AgentOnPhone {
  /** Asked once for each call: of one that comes in before it is answered, of one that is made when somebody has answered. */
  beforeAnswer(call: PhoneCall, agent: StoredAgent): Promise<BeforeAnswer>
  /** By the name that the agent has for it. */
  transferTarget(agent: StoredAgent, name: string): TransferTarget | undefined
  machineAnswer(agent: StoredAgent, call: PhoneCall): MachineAnswer
  /** The number that its calls are to come from. */
  callerId(agent: StoredAgent): string | undefined
}

/** As the agent's record says; it asks nobody before a call is answered, and says nothing to machines. */
export const agentAsStored: AgentOnPhone = {
  beforeAnswer: async () => ({ reject: false, variables: {}, greeting: undefined }),
  transferTarget: ({ document }, name) => {
    const targets = Saying.parse(document).transfer_targets
    const target = targets.find((one) => one.name === name)
    return target && { phoneNumber: target.phone_number, ringTimeoutSeconds: target.ring_timeout_seconds ?? undefined }
  },
  machineAnswer: () => ({ do: 'hang up' }),
  callerId: ({ document }) => Saying.parse(document).caller_id ?? undefined,
}

const Target = z.object({
  name: z.string(),
  phone_number: z.string(),
  ring_timeout_seconds: z.number().nullish(),
})

const Saying = z.object({
  caller_id: z.string().nullish(),
  /** Others than telephone numbers are left out. */
  transfer_targets: z
    .array(z.unknown())
    .catch([])
    .transform((targets) => targets.flatMap((target) => Target.safeParse(target).data ?? [])),
})
