// The chunks of a streamed chat completion, as OpenAI, Ollama, llama.cpp, vLLM and others send them, and the reply they add up to.
import { z } from 'zod'
import type { LlmOutput } from '../engine.js'
import { SpokenText } from './spoken-text.js'
import { ToolCalls } from './tool-calls.js'

/** A reply longer than this is cut: that is a quarter of an hour of speech. */
export const MAX_REPLY_CHARACTERS = 20_000

const Part = z.object({ type: z.string(), text: z.string().optional() })

/** Arguments are JSON text by the standard; some servers send the object itself. */
const Arguments = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value)))

const ToolCall = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: Arguments.nullish() }).nullish(),
})

const Choice = z.object({
  delta: z
    .object({
      content: z.union([z.string(), z.array(Part)]).nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(ToolCall).nullish(),
    })
    .nullish(),
  finish_reason: z.string().nullish(),
})

const Chunk = z.object({
  choices: z.array(Choice).nullish(),
  usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
})

/** A chunk of another form than that of chat completions. */
class NotAChunk extends SyntaxError {}

/** Takes chunks, gives what is to be spoken at once; calls come at the end, when they are complete. */
export class ReplyAssembly {
  readonly #text = new SpokenText()
  readonly #calls = new ToolCalls()
  #length = 0
  /** Whether anything that belongs to a reply has come. */
  begun = false
  finishReason: string | undefined
  #isMarked = false
  usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined

  take(chunk: unknown): string {
    const parsed = Chunk.safeParse(chunk)
    if (!parsed.success) throw new NotAChunk('not a chat completion chunk')
    const { choices, usage } = parsed.data
    if (usage) this.usage = { promptTokens: usage.prompt_tokens ?? 0, completionTokens: usage.completion_tokens ?? 0 }
    const choice = choices?.[0]
    if (!choice) return ''
    this.begun = true
    this.finishReason = choice.finish_reason || this.finishReason
    for (const call of choice.delta?.tool_calls ?? []) {
      const { name, arguments: text } = call.function ?? {}
      this.#calls.take({ index: call.index, id: call.id, name, arguments: text ?? undefined })
    }
    return this.#limited(this.#text.take(contentOf(choice)))
  }

  /** The endpoint has marked the end of its answer. */
  end(): void {
    this.#isMarked = true
  }

  /** Whether the answer came to an end: some endpoints give a reason and no mark, others a mark and no reason. */
  get isWhole(): boolean {
    return this.#isMarked || this.finishReason !== undefined
  }

  /** What was held back of the text, then the tool calls. */
  finish(): { readonly text: string; readonly calls: readonly LlmOutput[] } {
    const calls = this.#calls.finish().map((call) => ({ type: 'called' as const, ...call }))
    return { text: this.#limited(this.#text.finish()), calls }
  }

  get isTooLong(): boolean {
    return this.#length >= MAX_REPLY_CHARACTERS
  }

  #limited(text: string): string {
    const kept = text.slice(0, MAX_REPLY_CHARACTERS - this.#length)
    this.#length += kept.length
    return kept
  }
}

function contentOf({ delta }: z.infer<typeof Choice>): string {
  const content = delta?.content
  if (typeof content === 'string' && content !== '') return content
  if (Array.isArray(content)) return content.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('')
  return delta?.refusal ?? ''
}
