// A stored agent: what a client sends to create or change it, and the record that comes back.
import { z } from 'zod'
import { InputConfig, InputPatch, LlmEntry, LlmInput, OutputConfig, OutputPatch } from './config.js'
import { completeInput, completeOutput } from './defaults.js'
import { AgentExtensions, AgentExtensionsRecord } from './extensions.js'
import { HttpRequestInput, HttpRequestRecord } from './http.js'
import { AgentId, NaiveTime, ToolId } from './ids.js'
import { limits } from './limits.js'
import {
  checkKeypadArguments,
  KeypadArgumentInput,
  KeypadArgumentRecord,
  PhoneNumber,
  TransferTargetInput,
  TransferTargetRecord,
  uniqueKeypadArguments,
  uniqueTransferTargets,
} from './phone.js'
import { PreConnectRequestList, PreConnectRequestRecord } from './pre-connect.js'
import { list } from './schema-kit.js'
import { executionModes, ResponseInstructions, toolFields, toolList } from './tools.js'

export const VoiceChoice = z
  .object({ voice_id: z.string().describe('Name of the voice; `GET /v1/voices` lists them.') })
  .describe('The voice of the agent.')
export type VoiceChoice = z.infer<typeof VoiceChoice>

const dtmf =
  'Parameters that a caller enters on the keypad of a phone. Without a keypad the model asks for them, and a tool with sensitive ones is not offered.'

/** A tool of a stored agent. Read-only members of a record may stay in it and are ignored (checklist 154). */
export const AgentToolInput = z
  .object({
    ...toolFields,
    http: HttpRequestInput.nullish().describe(
      'The request that the server makes to run the tool; without it the client runs it.',
    ),
    dtmf_collected_arguments: list(KeypadArgumentInput, limits.keypadArguments)
      .check(uniqueKeypadArguments)
      .nullish()
      .describe(dtmf),
  })
  .check(checkKeypadArguments)
  .describe('A tool of a stored agent.')
export type AgentToolInput = z.infer<typeof AgentToolInput>

const texts = {
  name: 'Name of the agent, for people. Need not be unique.',
  system_prompt: 'Who the agent is and how it talks.',
  greeting: 'What the agent says first, word for word; null: the user speaks first.',
  tools: 'What the agent can do. When sent, replaces the whole list.',
  pre_connect_requests: 'Requests made before a phone call is answered. When sent, replaces the whole list.',
  transfer_targets: 'Where phone calls may be handed on to. When sent, replaces the whole list.',
  outbound_trunk_id: 'Trunk for outgoing phone calls.',
  caller_id: 'Number shown by outgoing phone calls, such as `+15550100`.',
  llm: 'A model of your own; empty: the model of the server. When sent, replaces the whole list.',
  parley: 'Settings that only Parley has. When sent, replaces all of them; null clears them.',
}

/** The output of an agent. A voice in it, as in records of other servers, is ignored. */
export const AgentOutput = OutputPatch.omit({ voice: true })
  .transform(completeOutput)
  .describe('How the agent is heard; only the settings to set. The voice is in `voice`.')

/** null in these members means the same as leaving them out: programs write back what they have read (checklist 154). */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional()

const fields = {
  name: z.string().min(1).max(limits.agentNameCharacters).describe(texts.name),
  system_prompt: z.string().describe(texts.system_prompt),
  voice: VoiceChoice,
  greeting: z.string().nullish().describe(texts.greeting),
  input: optional(InputPatch.transform(completeInput)).describe(
    'How the user is heard. When sent, replaces all settings of the input.',
  ),
  output: optional(AgentOutput).describe('How the agent is heard. When sent, replaces all settings of the output.'),
  tools: optional(toolList(AgentToolInput)).describe(texts.tools),
  pre_connect_requests: optional(PreConnectRequestList).describe(texts.pre_connect_requests),
  transfer_targets: optional(list(TransferTargetInput, limits.transferTargets).check(uniqueTransferTargets)).describe(
    texts.transfer_targets,
  ),
  outbound_trunk_id: z.string().max(256).nullish().describe(texts.outbound_trunk_id),
  caller_id: PhoneNumber.nullish().describe(texts.caller_id),
  parley: AgentExtensions.nullish().describe(texts.parley),
}

export const AgentCreate = z
  .object({ ...fields, llm: optional(list(LlmInput, limits.llmEntries)).describe(texts.llm) })
  .describe('A new agent. Members that are not known are ignored.')
/** A new agent as it was sent, its `input` and `output` complete where they were sent. */
export type AgentCreate = z.infer<typeof AgentCreate>
/** A new agent as a client writes it. */
export type AgentCreateBody = z.input<typeof AgentCreate>

export const LlmUpdate = z
  .object({
    ...LlmInput.shape,
    api_key: LlmInput.shape.api_key
      .nullish()
      .describe('Key for it. Write-only; without it the stored key stays, for the same `base_url`.'),
  })
  .describe('A model of your own. A stored key is never sent to another address than the one that it was stored for.')

export const AgentUpdate = z
  .object({
    ...fields,
    name: optional(fields.name).describe(texts.name),
    system_prompt: optional(fields.system_prompt).describe(texts.system_prompt),
    voice: optional(fields.voice).describe('The voice of the agent.'),
    llm: optional(list(LlmUpdate, limits.llmEntries)).describe(texts.llm),
  })
  .describe('A change of an agent. What is left out stays as it is; sessions that run keep what they have.')
/** A change as it was sent: undefined stays, null clears. */
export type AgentUpdate = z.infer<typeof AgentUpdate>
/** A change as a client writes it. */
export type AgentUpdateBody = z.input<typeof AgentUpdate>

export const AgentToolRecord = z
  .object({
    id: ToolId.describe('The tool. Stays as long as the name of the tool does.'),
    name: z.string().describe('Name by which the model calls the tool.'),
    description: z.string().nullable().describe('What the tool does and when to call it, for the model.'),
    http: HttpRequestRecord.nullable().describe(
      'The request that the server makes to run the tool; null: the client runs it.',
    ),
    parameters: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of the arguments, an object.'),
    timeout_seconds: z.number().describe('How long a result is waited for, in seconds.'),
    execution_mode: z.enum(executionModes).describe('Whether the conversation goes on while the tool runs.'),
    response_instructions: ResponseInstructions.nullable(),
    dtmf_collected_arguments: z.array(KeypadArgumentRecord).nullable().describe(dtmf),
  })
  .describe('A tool of a stored agent, as it is returned.')
export type AgentToolRecord = z.infer<typeof AgentToolRecord>

const stamps = {
  created_at: NaiveTime.describe('When the agent was created, UTC.'),
  updated_at: NaiveTime.describe('When the agent was last changed, UTC.'),
}

export const AgentRecord = z
  .object({
    id: AgentId,
    name: z.string().describe(texts.name),
    system_prompt: z.string().describe(texts.system_prompt),
    greeting: z.string().nullable().describe(texts.greeting),
    voice: VoiceChoice,
    input: InputConfig,
    output: OutputConfig,
    tools: z.array(AgentToolRecord).describe('What the agent can do.'),
    pre_connect_requests: z.array(PreConnectRequestRecord).describe('Requests made before a phone call is answered.'),
    transfer_targets: z.array(TransferTargetRecord).describe('Where phone calls may be handed on to.'),
    outbound_trunk_id: z.string().nullable().describe(texts.outbound_trunk_id),
    caller_id: z.string().nullable().describe(texts.caller_id),
    llm: z.array(LlmEntry).describe('The model of your own, without its key; empty: the model of the server.'),
    parley: AgentExtensionsRecord.optional().describe('Settings that only Parley has, where any were set.'),
    ...stamps,
  })
  .describe('A stored agent. Secrets are not part of it.')
export type AgentRecord = z.infer<typeof AgentRecord>

export const AgentSummary = z
  .object({ id: AgentId, name: z.string().describe(texts.name), ...stamps })
  .describe('A stored agent, in a list.')
export type AgentSummary = z.infer<typeof AgentSummary>
