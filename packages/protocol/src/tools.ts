// Tools as an agent declares them.
import { z } from 'zod'
import { HttpRequestEcho } from './http.js'
import { limits } from './limits.js'
import { isObject, type JsonObject, jsonObject, list, unique } from './schema-kit.js'

export const executionModes = ['interactive', 'hold'] as const
export const defaultToolTimeoutSeconds = 120

const texts = {
  name: 'Name by which the model calls the tool. Unique within the agent; `aai_` in front is reserved.',
  description: 'What the tool does and when to call it, for the model.',
  parameters: 'JSON Schema of the arguments, an object. Given to the model as it is.',
  timeout_seconds: 'How long a result is waited for, in seconds, 1 to 300.',
  execution_mode:
    '`interactive`: the conversation goes on while the tool runs. `hold`: the agent keeps silent until the result.',
  response_instructions: 'What the model is told last when it speaks about the result.',
}

export const ResponseInstructions = z
  .object({
    success: z
      .string()
      .max(limits.responseInstructionsCharacters)
      .nullish()
      .describe('Said to the model after a success.'),
    error: z
      .string()
      .max(limits.responseInstructionsCharacters)
      .nullish()
      .describe('Said to the model after a failure.'),
  })
  .describe(texts.response_instructions)

/** A tool with every default filled in, as it is in force and as it is echoed (checklist 34). */
export const Tool = z
  .object({
    type: z.literal('function').describe('Always `function`.'),
    name: z.string().describe(texts.name),
    description: z.string().describe(texts.description),
    parameters: z.record(z.string(), z.unknown()).describe(texts.parameters),
    timeout_seconds: z.number().describe(texts.timeout_seconds),
    execution_mode: z.enum(executionModes).describe(texts.execution_mode),
    http: HttpRequestEcho.nullable().describe(
      'The request that the server makes itself, without its headers; null for a tool of the client.',
    ),
    response_instructions: ResponseInstructions.nullable(),
    deployment_id: z.null().optional().describe('Always null.'),
    session_update: z.null().optional().describe('Always null.'),
    image_tag: z.null().optional().describe('Always null.'),
  })
  .describe('Something that the agent can do while it talks.')
export type Tool = z.infer<typeof Tool>

/** What the tools of `session.update` and those of stored agents have in common. */
export const toolFields = {
  name: z
    .string()
    .min(1)
    .max(limits.toolNameCharacters)
    .regex(/^(?!aai_)/, { error: "must not begin with 'aai_', which is reserved" })
    .describe(texts.name),
  description: z.string().nullish().describe(texts.description),
  parameters: jsonObject().check(checkParameters).transform(completeParameters).nullish().describe(texts.parameters),
  timeout_seconds: z
    .number()
    .min(1)
    .max(limits.toolTimeoutSeconds)
    .nullish()
    .describe(`${texts.timeout_seconds} Default ${defaultToolTimeoutSeconds}.`),
  execution_mode: z.enum(executionModes).nullish().describe(`${texts.execution_mode} Default \`interactive\`.`),
  response_instructions: ResponseInstructions.nullish(),
}

/** A tool as `session.update` brings it. The client answers its calls with `tool.result`. */
export const ToolInput = z
  .object({
    type: z.literal('function').describe('Always `function`.'),
    ...toolFields,
    http: z
      .null({ error: 'can only be set on a stored agent, via POST /v1/agents' })
      .optional()
      .describe('Only for tools of stored agents; left out or null here.'),
  })
  .describe('A tool that the client runs.')
export type ToolInput = z.infer<typeof ToolInput>

/** A list of tools in which no name stands twice. */
export const toolList = <Item extends z.ZodType<{ name: string }>>(item: Item) =>
  list(item, limits.tools).check(unique<z.output<Item>>('name'))

/** The tool that is in force for what was sent. */
export const completeTool = (tool: Omit<ToolInput, 'type' | 'http'>, http: HttpRequestEcho | null = null): Tool => ({
  type: 'function',
  name: tool.name,
  description: tool.description ?? '',
  parameters: tool.parameters ?? { type: 'object', properties: {}, required: [] },
  timeout_seconds: tool.timeout_seconds ?? defaultToolTimeoutSeconds,
  execution_mode: tool.execution_mode ?? 'interactive',
  http,
  response_instructions: tool.response_instructions ?? null,
  deployment_id: null,
  session_update: null,
  image_tag: null,
})

/** The parts of the schema that the server itself reads (checklist 132). */
function checkParameters({ value, issues }: z.core.ParsePayload<JsonObject>): void {
  const refuse = (key: string, message: string) =>
    issues.push({ code: 'custom', message, path: [key], input: value[key] })
  if (value.type !== undefined && value.type !== 'object') refuse('type', "must be 'object'")
  if (value.properties !== undefined && !isObject(value.properties)) refuse('properties', 'must be an object')
  if (value.required !== undefined && !isStringList(value.required)) refuse('required', 'must be a list of strings')
}

function completeParameters(value: JsonObject): JsonObject {
  return value.type === undefined ? { type: 'object', ...value } : value
}

const isStringList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')
