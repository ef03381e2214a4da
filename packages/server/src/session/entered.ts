// Arguments that were entered on the keypad, held to the rules of the tool that they are for.
import type { Arguments, Conversation, Effect, KeypadArgument } from '@parley/conversation'
import type { Tool } from '@parley/protocol'
import { checkedArguments } from '../tools/arguments.js'
import type { ToolAnswer } from '../tools/tool.js'

type Invocation = Extract<Effect, { type: 'invoke' }>

/** What a call is made with, or why it is not made. */
export type Completed =
  | { readonly is: 'whole'; readonly arguments: Arguments; readonly secrets: readonly string[] }
  | { readonly is: 'broken'; readonly answer: ToolAnswer }

/** Whether the tool takes these digits for the argument; a tool that says nothing of it takes any. */
export function acceptsDigits(tools: readonly Tool[], { tool, argument }: KeypadArgument, digits: string): boolean {
  const { properties, $defs, definitions } = tools.find(({ name }) => name === tool)?.parameters ?? {}
  const rule: unknown = isObject(properties) ? properties[argument] : undefined
  if (rule === undefined) return true
  const parameters = { type: 'object', properties: { [argument]: rule }, $defs, definitions }
  return checkedArguments(JSON.stringify({ [argument]: digits }), { parameters }).problems.length === 0
}

/** A call with the digits that only the session has; its arguments are now what the schema wants them to be. */
export function completed(
  { name, arguments: args }: Invocation,
  secrets: Readonly<Record<string, string>>,
  conversation: Conversation,
): Completed {
  const whole = { is: 'whole', arguments: args, secrets: [] } as const
  if (conversation.phase !== 'live' || !conversation.phone?.keypad.some(({ tool }) => tool === name)) return whole
  const tool = conversation.config.tools.find((offered) => offered.name === name)
  const found = checkedArguments(JSON.stringify({ ...args, ...secrets }), tool)
  if (found.problems.length === 0) return { is: 'whole', arguments: found.arguments, secrets: Object.values(secrets) }
  const why = found.problems.map((problem) => problem.why).join(' ')
  return { is: 'broken', answer: { result: `The call was not made. ${why}`, isError: true } }
}

/** A tool may give back what it was given: digits that the model may not know are taken out of its words, in groups too. */
export const withoutSecrets = (result: string, secrets: readonly string[]): string =>
  secrets
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .reduce((text, secret) => text.replaceAll(new RegExp([...secret].join('[ .-]?'), 'g'), HIDDEN), result)

/** Fewer digits are found in any text by chance. */
const SHORTEST_SECRET = 4
const HIDDEN = '[hidden]'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
