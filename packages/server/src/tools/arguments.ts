// The arguments of a tool call: from the text that the model wrote to checked values.
import type { ArgumentProblem, Arguments } from '@parley/conversation'
import { SchemaCheck } from './schema-check.js'

export interface CheckedArguments {
  /** As the schema wants them: "5" for a whole number has become 5. */
  readonly arguments: Arguments
  readonly problems: readonly ArgumentProblem[]
  /** What the schema asks for and could not be held to, for the log: no values are in it. */
  readonly notes: readonly string[]
}

/** What is read of the tool that is called. */
export interface CalledTool {
  /** A JSON Schema. It comes from users: whatever is malformed in it is passed over. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * `text`: JSON as the model wrote it; nothing stands for no arguments. Without `tool` only the form is checked.
 * Held to are types, `required`, `enum`, `pattern` on the whole value, `format` and the bounds (checklist 133, 134).
 */
export function checkedArguments(text: string, tool?: CalledTool): CheckedArguments {
  const value = objectIn(text)
  if (value === undefined)
    return {
      arguments: {},
      problems: [{ argument: '', why: 'The arguments must be one JSON object.' }],
      notes: [],
    }
  return tool === undefined ? unchecked(value, []) : checked(value, tool)
}

function checked(value: Arguments, { parameters }: CalledTool): CheckedArguments {
  const check = new SchemaCheck(parameters)
  try {
    const found = check.check({ ...parameters, type: 'object' }, value, '')
    return {
      // true: the type object was asked for, and a value of another type is left as it is, an object
      arguments: found.value as Arguments,
      problems: found.problems.slice(0, MOST_PROBLEMS),
      notes: check.notes,
    }
  } catch {
    return unchecked(value, ['The schema could not be used: its arguments went unchecked.'])
  }
}

const unchecked = (value: Arguments, notes: readonly string[]): CheckedArguments => ({
  arguments: value,
  problems: [],
  notes,
})

/** Some models write the object as text within text, or `null` for nothing. */
function objectIn(text: string): Arguments | undefined {
  const value = text.trim() === '' ? {} : parsed(text)
  const inner = typeof value === 'string' ? parsed(value) : value
  if (inner === null) return {}
  // true: an object that is neither null nor a list has only string keys
  return typeof inner === 'object' && !Array.isArray(inner) ? (inner as Arguments) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** More would tell the model no more. */
const MOST_PROBLEMS = 10
