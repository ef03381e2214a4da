// What a stored agent says about phones: what callers enter on the keypad, where calls are handed on to, what a machine hears.
import { z } from 'zod'
import { limits } from './limits.js'
import { isObject, type JsonObject, unique } from './schema-kit.js'

/** A telephone number as the whole world dials it (E.164). */
export const phoneNumberPattern = /^\+[1-9]\d{1,14}$/
export const PhoneNumber = z.string().regex(phoneNumberPattern, { error: 'must be a phone number such as +15550100' })

const defaultTimeoutSeconds = 10
const defaultTerminator = '#'

const keypadTexts = {
  parameter_name: 'The parameter of the tool that the caller enters. The model is not shown it.',
  min_digits: 'Fewest digits.',
  max_digits: 'Most digits; with them the entry is over.',
  sensitive: 'Whether nobody but the tool learns the digits: no model, transcript, recording or log.',
  terminator: 'The key that ends the entry before there are `max_digits`.',
  confirm: 'Whether the caller hears the digits and says that they are right.',
  timeout_seconds: 'How long each key is waited for, in seconds, 1 to 300.',
  escalate_hotkey_disabled: 'Whether `*` is nothing but a key. Otherwise it leads out of the entry, back to talking.',
  prompt: 'What the agent says to ask for the digits.',
}

const digits = () => z.number().int().min(1).max(limits.keypadDigits)

/** A parameter that callers enter on the keypad of a phone (protocol section 7.7). */
export const KeypadArgumentInput = z
  .object({
    parameter_name: z.string().min(1).max(256).describe(keypadTexts.parameter_name),
    min_digits: digits().describe(keypadTexts.min_digits),
    max_digits: digits().describe(keypadTexts.max_digits),
    sensitive: z.boolean().nullish().describe(`${keypadTexts.sensitive} Default false.`),
    terminator: z
      .string()
      .regex(/^[0-9*#]$/, { error: 'must be one key of a phone: a digit, * or #' })
      .nullish()
      .describe(`${keypadTexts.terminator} Default \`${defaultTerminator}\`.`),
    confirm: z.boolean().nullish().describe(`${keypadTexts.confirm} Default false.`),
    timeout_seconds: z
      .number()
      .min(1)
      .max(limits.keypadTimeoutSeconds)
      .nullish()
      .describe(`${keypadTexts.timeout_seconds} Default ${defaultTimeoutSeconds}.`),
    escalate_hotkey_disabled: z.boolean().nullish().describe(`${keypadTexts.escalate_hotkey_disabled} Default false.`),
    prompt: z.string().min(1).max(limits.keypadPromptCharacters).describe(keypadTexts.prompt),
  })
  .refine(({ min_digits, max_digits }) => min_digits <= max_digits, {
    path: ['min_digits'],
    error: 'must not be more than max_digits',
  })
  .transform((entry) => ({
    ...entry,
    sensitive: entry.sensitive ?? false,
    terminator: entry.terminator ?? defaultTerminator,
    confirm: entry.confirm ?? false,
    timeout_seconds: entry.timeout_seconds ?? defaultTimeoutSeconds,
    escalate_hotkey_disabled: entry.escalate_hotkey_disabled ?? false,
  }))
  .describe('A parameter that callers enter on the keypad of a phone.')
export type KeypadArgumentInput = z.infer<typeof KeypadArgumentInput>

export const KeypadArgumentRecord = z
  .object({
    parameter_name: z.string().describe(keypadTexts.parameter_name),
    min_digits: z.number().describe(keypadTexts.min_digits),
    max_digits: z.number().describe(keypadTexts.max_digits),
    sensitive: z.boolean().describe(keypadTexts.sensitive),
    terminator: z.string().describe(keypadTexts.terminator),
    confirm: z.boolean().describe(keypadTexts.confirm),
    timeout_seconds: z.number().describe(keypadTexts.timeout_seconds),
    escalate_hotkey_disabled: z.boolean().describe(keypadTexts.escalate_hotkey_disabled),
    prompt: z.string().describe(keypadTexts.prompt),
  })
  .describe('A parameter that callers enter on the keypad of a phone, as it is returned.')
export type KeypadArgumentRecord = z.infer<typeof KeypadArgumentRecord>

interface WithKeypad {
  readonly parameters?: JsonObject | null | undefined
  readonly dtmf_collected_arguments?: readonly { readonly parameter_name: string }[] | null | undefined
}

/** What is entered on the keypad is a parameter of the tool, and is entered once. */
export function checkKeypadArguments({ value, issues }: z.core.ParsePayload<WithKeypad>): void {
  const properties = value.parameters?.properties
  for (const [index, { parameter_name }] of (value.dtmf_collected_arguments ?? []).entries())
    if (!isObject(properties) || !Object.hasOwn(properties, parameter_name))
      issues.push({
        code: 'custom',
        message: 'must be one of parameters.properties',
        path: ['dtmf_collected_arguments', index, 'parameter_name'],
        input: parameter_name,
      })
}

export const uniqueKeypadArguments = unique<{ parameter_name: string }>('parameter_name')

export const transferKinds = ['human', 'agent'] as const
export const transferModes = ['cold', 'warm'] as const

const transferTexts = {
  name: 'Name by which the model chooses it. Unique within the agent.',
  description: 'When calls go there, for the model.',
  kind: '`human`: a telephone number. `agent` is stored, and no call is handed on to it.',
  phone_number: 'The number, such as `+15550100`. A `human` has one.',
  agent_id: 'The other agent. An `agent` has one.',
  mode: '`cold`: the caller is connected at once. `warm` is stored, and done as `cold`: nobody is spoken to first.',
  consult_instructions: 'For `warm`; stored.',
  ring_timeout_seconds: 'How long it rings there, in seconds, 1 to 600; null: as the server is set.',
  consult_timeout_seconds: 'For `warm`; stored.',
  record_consult: 'For `warm`; stored.',
}

/** Where phone calls may be handed on to (protocol section 6.6). */
export const TransferTargetInput = z
  .object({
    name: z.string().min(1).max(limits.transferNameCharacters).describe(transferTexts.name),
    description: z.string().max(limits.transferDescriptionCharacters).nullish().describe(transferTexts.description),
    kind: z.enum(transferKinds).nullish().describe(`${transferTexts.kind} Default \`human\`.`),
    phone_number: PhoneNumber.nullish().describe(transferTexts.phone_number),
    agent_id: z.string().min(1).max(256).nullish().describe(transferTexts.agent_id),
    mode: z.enum(transferModes).nullish().describe(`${transferTexts.mode} Default \`cold\`.`),
    consult_instructions: z.string().nullish().describe(transferTexts.consult_instructions),
    ring_timeout_seconds: z
      .number()
      .int()
      .min(1)
      .max(limits.ringTimeoutSeconds)
      .nullish()
      .describe(transferTexts.ring_timeout_seconds),
    consult_timeout_seconds: z.number().min(1).nullish().describe(transferTexts.consult_timeout_seconds),
    record_consult: z.boolean().nullish().describe(transferTexts.record_consult),
  })
  .check(({ value, issues }) => {
    const needed = value.kind === 'agent' ? 'agent_id' : 'phone_number'
    if (value[needed] == null)
      issues.push({
        code: 'custom',
        message: `is required where kind is '${value.kind ?? 'human'}'`,
        path: [needed],
        input: value[needed],
      })
  })
  .transform((target) => ({
    name: target.name,
    description: target.description ?? null,
    kind: target.kind ?? ('human' as const),
    phone_number: target.phone_number ?? null,
    agent_id: target.agent_id ?? null,
    mode: target.mode ?? ('cold' as const),
    consult_instructions: target.consult_instructions ?? null,
    ring_timeout_seconds: target.ring_timeout_seconds ?? null,
    consult_timeout_seconds: target.consult_timeout_seconds ?? null,
    record_consult: target.record_consult ?? null,
  }))
  .describe('Where phone calls may be handed on to.')
export type TransferTargetInput = z.infer<typeof TransferTargetInput>

export const TransferTargetRecord = z
  .object({
    name: z.string().describe(transferTexts.name),
    description: z.string().nullable().describe(transferTexts.description),
    kind: z.enum(transferKinds).describe(transferTexts.kind),
    phone_number: z.string().nullable().describe(transferTexts.phone_number),
    agent_id: z.string().nullable().describe(transferTexts.agent_id),
    mode: z.enum(transferModes).describe(transferTexts.mode),
    consult_instructions: z.string().nullable().describe(transferTexts.consult_instructions),
    ring_timeout_seconds: z.number().nullable().describe(transferTexts.ring_timeout_seconds),
    consult_timeout_seconds: z.number().nullable().describe(transferTexts.consult_timeout_seconds),
    record_consult: z.boolean().nullable().describe(transferTexts.record_consult),
  })
  .describe('Where phone calls may be handed on to, as it is returned.')
export type TransferTargetRecord = z.infer<typeof TransferTargetRecord>

export const uniqueTransferTargets = unique<{ name: string }>('name')

export const machineActions = ['hang_up', 'leave_message', 'continue'] as const

/** What becomes of an outbound call that a machine answers. */
export const PhoneExtensions = z
  .strictObject({
    on_machine: z
      .enum(machineActions)
      .optional()
      .describe(
        'What is done when a machine answers a call: nothing is said, `machine_message` is left, or the agent talks on. Default `hang_up`.',
      ),
    machine_message: z
      .string()
      .min(1)
      .max(limits.machineMessageCharacters)
      .optional()
      .describe('What is left on a machine, word for word; `{{name}}` in it is filled in.'),
  })
  .refine(({ on_machine, machine_message }) => on_machine !== 'leave_message' || machine_message !== undefined, {
    path: ['machine_message'],
    error: "is required where on_machine is 'leave_message'",
  })
  .describe('How the agent is on phone calls.')
export type PhoneExtensions = z.infer<typeof PhoneExtensions>
