// Tools as an agent declares them.
import { z } from 'zod'

export const Tool = z.object({
  type: z.literal('function'),
  name: z.string(),
  description: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  timeout_seconds: z.number(),
  execution_mode: z.enum(['interactive', 'hold']),
  http: z.record(z.string(), z.unknown()).nullable(),
  response_instructions: z.object({ success: z.string().nullish(), error: z.string().nullish() }).nullable(),
})
export type Tool = z.infer<typeof Tool>

export const ToolInput = z.object({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  timeout_seconds: z.number().optional(),
  execution_mode: z.enum(['interactive', 'hold']).optional(),
  response_instructions: z.object({ success: z.string().nullish(), error: z.string().nullish() }).nullish(),
})
export type ToolInput = z.infer<typeof ToolInput>
