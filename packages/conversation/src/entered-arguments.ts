// Arguments that callers enter on the keypad: the model neither sees them in a tool nor gives them.
import type { Tool } from '@parley/protocol'
import type { Arguments, KeypadArgument } from './model.js'
import type { Live } from './state.js'

type OnThePhone = Pick<Live, 'phone'>

/** What callers enter for a tool, in the order in which they are asked for it. */
export const enteredArguments = ({ phone }: OnThePhone, tool: string): readonly KeypadArgument[] =>
  phone?.keypad.filter((asked) => asked.tool === tool) ?? []

/** The tool as the model is told of it. */
export function toolWithoutEntered(live: OnThePhone, tool: Tool): Tool {
  const hidden = namesOf(enteredArguments(live, tool.name))
  if (hidden.size === 0) return tool
  const { properties, required, ...rest } = tool.parameters
  const left = {
    ...rest,
    ...(isObject(properties) && { properties: without(properties, hidden) }),
    ...(Array.isArray(required) && { required: required.filter((name) => !hidden.has(name)) }),
  }
  return { ...tool, parameters: left }
}

/** What a model makes up for them all the same counts for nothing. */
export const withoutEntered = (live: OnThePhone, tool: string, args: Arguments): Arguments =>
  without(args, namesOf(enteredArguments(live, tool)))

/** Of the arguments those that anybody may know. */
export const withoutSensitive = (live: OnThePhone, tool: string, args: Arguments): Arguments =>
  without(args, namesOf(enteredArguments(live, tool).filter(({ sensitive }) => sensitive)))

const namesOf = (asked: readonly KeypadArgument[]): ReadonlySet<unknown> =>
  new Set(asked.map(({ argument }) => argument))

const without = (values: Arguments, names: ReadonlySet<unknown>): Arguments =>
  names.size === 0 ? values : Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)))

const isObject = (value: unknown): value is Arguments =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
