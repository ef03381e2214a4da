// The arguments of a tool call: from the text that the model wrote to checked values.
import type { ArgumentProblem, Arguments } from '@parley/conversation'

export interface CheckedArguments {
  readonly arguments: Arguments
  readonly problems: readonly ArgumentProblem[]
}

/** `text`: JSON as the model wrote it; nothing stands for no arguments. */
export function checkedArguments(text: string): CheckedArguments {
  const value = parse(text.trim() === '' ? '{}' : text)
  if (value !== undefined) return { arguments: value, problems: [] }
  return { arguments: {}, problems: [{ argument: '', why: 'the arguments must be one JSON object' }] }
}

function parse(text: string): Arguments | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // True: an object that is neither null nor a list has only string keys.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Arguments) : undefined
  } catch {
    return undefined
  }
}
