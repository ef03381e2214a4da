// Why a call of the model is not made, in words for the model (protocol.md 7.1, checklist 133).
import type { Tool } from '@parley/protocol'
import { PRE_CONNECT_CONTEXT } from './known-before.js'
import type { ArgumentProblem, Called, CallId, Item } from './model.js'
import { unsaidValues } from './said-values.js'
import type { Live, Reply } from './state.js'

/** What the model is told instead of a result; undefined: the call is in order. */
export function refusalOf(
  live: Live,
  reply: Reply,
  { name, arguments: args }: Called,
  problems: readonly ArgumentProblem[],
): string | undefined {
  const { tools } = live.config
  const tool = tools.find((offered) => offered.name === name)
  if (!tool) return notMade(`there is no tool of the name ${name}. ${namesOf(tools)}`)
  if (problems.length > 0) return notMade(`${problems.map(sentenceOf).join('; ')}. ${CORRECT}`)
  const unsaid = unsaidValues(args, tool.parameters, sourcesOf(live, reply))
  return unsaid.length > 0 ? notMade(`nobody has given a value for ${unsaid.join(', ')} yet. ${ASK}`) : undefined
}

const notMade = (why: string): string => `The call was not made: ${why}`

const namesOf = (tools: readonly Tool[]): string =>
  tools.length === 0 ? 'There are no tools.' : `The tools are: ${tools.map(({ name }) => name).join(', ')}.`

const sentenceOf = ({ argument, why }: ArgumentProblem): string => (argument === '' ? why : `${argument} ${why}`)

const CORRECT = 'Call the tool again with arguments that are right, or ask the user for what is missing.'
const ASK =
  'Only the user and the results of tools can give values; one must never be invented. Ask the user for it, or leave the argument out if it is not required.'

/**
 * Where values may come from: what the user said or the client asked for, what tools gave, what earlier calls used, and
 * what was known before the first word. The prompt is none.
 */
function sourcesOf({ history, calls }: Live, reply: Reply): readonly string[] {
  const idsOf = (how: string) =>
    new Set(calls.flatMap(({ callId, progress }) => (progress.is === 'over' && progress.how === how ? [callId] : [])))
  const succeeded = idsOf('succeeded')
  const refused = idsOf('refused')
  const asked = reply.kind === 'requested' && reply.instructions !== undefined ? [reply.instructions] : []
  return [...history.flatMap((item) => valuesIn(item, succeeded, refused)), ...asked]
}

function valuesIn(item: Item, succeeded: ReadonlySet<CallId>, refused: ReadonlySet<CallId>): readonly string[] {
  switch (item.role) {
    case 'user':
      return [item.text]
    case 'tool':
      return succeeded.has(item.callId) || item.name === PRE_CONNECT_CONTEXT ? [item.text] : []
    case 'agent':
      return (item.calls ?? []).flatMap((call) => (refused.has(call.callId) ? [] : [JSON.stringify(call.arguments)]))
    case 'system':
      return []
  }
}
