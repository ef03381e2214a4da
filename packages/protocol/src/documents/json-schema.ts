// The schemas as JSON Schema: every object that has a name stands once and is referred to.
import { z } from 'zod'
import { AgentOutput, AgentToolInput, AgentToolRecord, LlmUpdate, VoiceChoice } from '../agent.js'
import { AudioFormat, AudioFormatInput } from '../audio.js'
import {
  InputConfig,
  InputPatch,
  LlmEcho,
  LlmEntry,
  LlmInput,
  OutputConfig,
  OutputPatch,
  SessionPatch,
  TurnDetection,
  TurnDetectionPatch,
  Webhook,
} from '../config.js'
import { Filler, SessionExtensions } from '../extensions.js'
import { HttpHeaderInput, HttpRequestInput, HttpRequestRecord } from '../http.js'
import { KeypadArgumentInput, KeypadArgumentRecord, TransferTargetInput, TransferTargetRecord } from '../phone.js'
import { PreConnectRequest, PreConnectRequestRecord } from '../pre-connect.js'
import { ConfigEcho } from '../server-events.js'
import { ResponseInstructions, Tool, ToolInput } from '../tools.js'

/** A JSON Schema, as far as the documents look into it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly [keyword: string]: unknown
}

/** The objects that events are made of, in the order in which a reader meets them. */
export const socketObjects = {
  SessionPatch,
  InputPatch,
  TurnDetectionPatch,
  OutputPatch,
  AudioFormatInput,
  ToolInput,
  ResponseInstructions,
  Webhook,
  SessionExtensions,
  Filler,
  LlmInput,
  PreConnectRequest,
  HttpRequestInput,
  HttpHeaderInput,
  ConfigEcho,
  InputConfig,
  OutputConfig,
  TurnDetection,
  AudioFormat,
  Tool,
  LlmEcho,
} as const

/** The objects that the bodies of the REST interface are made of. */
export const restObjects = {
  VoiceChoice,
  InputPatch,
  TurnDetectionPatch,
  AgentOutput,
  AudioFormatInput,
  AgentToolInput,
  KeypadArgumentInput,
  ResponseInstructions,
  HttpRequestInput,
  HttpHeaderInput,
  PreConnectRequest,
  TransferTargetInput,
  LlmInput,
  LlmUpdate,
  InputConfig,
  OutputConfig,
  TurnDetection,
  AudioFormat,
  AgentToolRecord,
  KeypadArgumentRecord,
  HttpRequestRecord,
  PreConnectRequestRecord,
  TransferTargetRecord,
  LlmEntry,
} as const

/** JSON Schemas of `named`, as a sender writes the values; they refer to one another below `#/components/schemas`. */
export function componentSchemas(named: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { io: 'input', target: 'draft-7', uri: reference, override: tidy })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => {
      // true because a registry of schemas yields JSON Schemas
      return [id, schema as JsonSchema]
    }),
  )
}

export const reference = (id: string): string => `#/components/schemas/${id}`

/** Bounds that only JavaScript has, or that bound nothing, are none of the protocol's. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minItems === 0) delete jsonSchema.minItems
}
