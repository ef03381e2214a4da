// What a stored agent says about phones, as the server works with it. No secret is in it.
import type { KeypadArgument } from '@parley/conversation'
import type { AgentRecord, AgentToolRecord, KeypadArgumentRecord } from '@parley/protocol'

export interface PhoneSettings {
  /** Where calls may be handed on to. */
  readonly transferTargets: readonly TransferTarget[]
  /** What the agent says otherwise than it is done here, a sentence each. */
  readonly remarks: readonly string[]
  /** Arguments of tools that callers enter. */
  readonly keypad: readonly KeypadArgument[]
  /** The number that outgoing calls show, where the agent has one of its own. */
  readonly callerId: string | undefined
  /** As it was stored, with its placeholders. */
  readonly onMachine: MachineAnswer
}

export interface TransferTarget {
  readonly name: string
  /** When calls go there, for the model; may be empty. */
  readonly description: string
  readonly phoneNumber: string
  /** How long it rings there; undefined: as the server is set. */
  readonly ringTimeoutSeconds: number | undefined
}

/** What becomes of a call that a machine has answered. */
export type MachineAnswer =
  | { readonly do: 'hang up' }
  | { readonly do: 'leave'; readonly message: string }
  | { readonly do: 'continue' }

type Saying = Pick<AgentRecord, 'transfer_targets' | 'tools' | 'caller_id' | 'parley'>

export const phoneSettingsOf = ({ transfer_targets, tools, caller_id, parley }: Saying): PhoneSettings => ({
  transferTargets: transfer_targets.flatMap(({ name, description, phone_number, ring_timeout_seconds, kind }) =>
    kind === 'human' && phone_number !== null
      ? [
          {
            name,
            description: description ?? '',
            phoneNumber: phone_number,
            ringTimeoutSeconds: ring_timeout_seconds ?? undefined,
          },
        ]
      : [],
  ),
  remarks: transfer_targets.flatMap(remarksOn),
  keypad: tools.flatMap(({ name, dtmf_collected_arguments }) =>
    (dtmf_collected_arguments ?? []).map((entry) => keypadArgument(name, entry)),
  ),
  callerId: caller_id ?? undefined,
  onMachine: machineAnswer(parley?.phone),
})

export const transferTargetOf = ({ transferTargets }: PhoneSettings, name: string): TransferTarget | undefined =>
  transferTargets.find((target) => target.name === name)

/** Whether a tool is for the keypad of a phone alone: what may not be heard by anybody can be given in no other way. */
export const needsKeypad = ({ dtmf_collected_arguments }: Pick<AgentToolRecord, 'dtmf_collected_arguments'>): boolean =>
  dtmf_collected_arguments?.some(({ sensitive }) => sensitive) === true

/**
 * An agent written for another server keeps its targets here, so they are stored as they are. A warm transfer is done
 * cold, because a caller who is connected without an introduction is better off than one who is not connected at all.
 */
function remarksOn({ name, kind, mode }: AgentRecord['transfer_targets'][number]): readonly string[] {
  if (kind === 'agent')
    return [`The transfer target ${name} is an agent. Calls are handed on to telephone numbers only.`]
  return mode === 'warm' ? [`The transfer to ${name} is done cold: nobody is spoken to before the caller is.`] : []
}

const keypadArgument = (tool: string, entry: KeypadArgumentRecord): KeypadArgument => ({
  tool,
  argument: entry.parameter_name,
  prompt: entry.prompt,
  least: entry.min_digits,
  most: entry.max_digits,
  terminator: entry.terminator,
  within: entry.timeout_seconds * 1000,
  sensitive: entry.sensitive,
  confirm: entry.confirm,
  // the key that ends the entry cannot lead out of it
  escapes: !entry.escalate_hotkey_disabled && entry.terminator !== '*',
})

function machineAnswer(phone: NonNullable<Saying['parley']>['phone']): MachineAnswer {
  if (phone?.on_machine === 'continue') return { do: 'continue' }
  return phone?.on_machine === 'leave_message' && phone.machine_message !== undefined
    ? { do: 'leave', message: phone.machine_message }
    : { do: 'hang up' }
}
