// Tool calls put together from the pieces in which servers stream them.
import { randomUUID } from 'node:crypto'
import { EngineError, type LlmToolCall } from '../engine.js'

/** What one piece may say of a call; servers leave out what they please. */
export interface ToolCallDelta {
  readonly index?: number | null | undefined
  readonly id?: string | null | undefined
  readonly name?: string | null | undefined
  /** A part of the JSON text; whole servers' objects come as JSON text too. */
  readonly arguments?: string | undefined
}

/** The arguments of one reply's calls together may not be longer. */
export const MAX_ARGUMENT_CHARACTERS = 262_144

interface Draft {
  readonly index: number | undefined
  id: string
  name: string
  arguments: string
}

export class ToolCalls {
  readonly #drafts: Draft[] = []
  #length = 0

  take(delta: ToolCallDelta): void {
    const draft = this.#draftOf(delta)
    draft.id ||= delta.id ?? ''
    draft.name ||= delta.name ?? ''
    draft.arguments += delta.arguments ?? ''
    this.#length += delta.arguments?.length ?? 0
    if (this.#length > MAX_ARGUMENT_CHARACTERS) throw broken(`longer than ${MAX_ARGUMENT_CHARACTERS} characters`)
  }

  /** The finished calls, in order; each has an id of its own. */
  finish(): LlmToolCall[] {
    const ids = new Set<string>()
    return this.#drafts.map((draft) => {
      if (draft.name === '') throw broken('without a name')
      const callId = draft.id === '' || ids.has(draft.id) ? `call_${randomUUID().replaceAll('-', '')}` : draft.id
      ids.add(callId)
      return { callId, name: draft.name, arguments: jsonObject(draft.arguments) }
    })
  }

  /**
   * The call that a piece belongs to. Ollama has sent every call whole, without an index or with index 0 for all:
   * another id at the same place, or a name after arguments, begins another call.
   */
  #draftOf({ index, id, name }: ToolCallDelta): Draft {
    const place = index ?? undefined
    const open = this.#drafts.findLast((draft) => place === undefined || draft.index === place)
    const isOther = open && ((id && open.id && id !== open.id) || (!id && name && open.name && open.arguments !== ''))
    if (open && !isOther) return open
    const draft: Draft = { index: place, id: '', name: '', arguments: '' }
    this.#drafts.push(draft)
    return draft
  }
}

function jsonObject(text: string): string {
  if (text.trim() === '') return '{}'
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text
  } catch {
    throw broken('whose arguments are not JSON')
  }
  throw broken('whose arguments are not an object')
}

const broken = (how: string): EngineError =>
  new EngineError({
    code: 'llm_bad_response',
    message: `The language model sent a tool call ${how}. Try again; if it stays so, use a model that is made for tools.`,
    retryable: true,
  })
