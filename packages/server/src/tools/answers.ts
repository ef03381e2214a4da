// What the language model is told of a tool of the server: its response, or in few words what went wrong (Q34).
import { limits } from '@parley/protocol'
import type { ToolAnswer } from './tool.js'

/** A text as it may be kept and sent: within the limit, without the character that databases cannot store. */
export const answered = (text: string): ToolAnswer => ({ result: bounded(text), isError: false })

/** `error`: a word for the model; `more`: what else it may be told. */
export const failed = (error: string, more: Readonly<Record<string, string | number>> = {}): ToolAnswer => ({
  result: JSON.stringify({ error, ...more }),
  isError: true,
})

/** At most `limits.toolResponseBytes` of the text as UTF-8, cut between characters. */
export function bounded(text: string): string {
  const bytes = Buffer.from(text.replaceAll('\0', ''))
  const isCut = bytes.length > limits.toolResponseBytes
  return new TextDecoder().decode(bytes.subarray(0, limits.toolResponseBytes), { stream: isCut })
}
