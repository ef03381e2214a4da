// What the language model is told: what was said and heard, what was called and what came of it, in order.
import type { CallId, Item } from './model.js'
import type { AnsweredCall } from './state.js'

export const append = (history: readonly Item[], item: Item): readonly Item[] => bounded([...history, item])

/**
 * The user's words. `continues`: they go on from words that got no answer, so that the model reads one thought.
 */
export function appendUserWords(history: readonly Item[], text: string, continues: boolean): readonly Item[] {
  const last = history.at(-1)
  if (!continues || last?.role !== 'user') return append(history, { role: 'user', text })
  return append(history.slice(0, -1), { role: 'user', text: `${last.text} ${text}` })
}

/**
 * What a reply leaves behind: its words as far as they were heard, then its calls, each with its result. A model must
 * never see a call without one, so every call has a text in its place from the start.
 */
export function appendReply(
  history: readonly Item[],
  { text, interrupted, calls }: { text: string; interrupted: boolean; calls: readonly AnsweredCall[] },
): readonly Item[] {
  if (text === '' && calls.length === 0) return history
  const called = calls.map((call) => call.called)
  return bounded([
    ...history,
    {
      role: 'agent',
      text,
      ...(interrupted && text !== '' && { interrupted }),
      ...(called.length > 0 && { calls: called }),
    },
    ...calls.map(({ called: { callId, name }, text }): Item => ({ role: 'tool', callId, name, text })),
  ])
}

/** The result takes the place of what stood for it. */
export const withResult = (history: readonly Item[], callId: CallId, text: string): readonly Item[] =>
  bounded(history.map((item) => (item.role === 'tool' && item.callId === callId ? { ...item, text } : item)))

/** The call as it is once the caller has entered `argument`. */
export const withArgument = (
  history: readonly Item[],
  callId: CallId,
  argument: string,
  value: string,
): readonly Item[] =>
  history.map((item): Item => {
    if (item.role !== 'agent' || !item.calls?.some((call) => call.callId === callId)) return item
    const calls = item.calls.map((call) =>
      call.callId === callId ? { ...call, arguments: { ...call.arguments, [argument]: value } } : call,
    )
    return { ...item, calls }
  })

/** What the agent said last, as far as it was heard; empty when it has not spoken. */
export function lastWordsOfAgent(history: readonly Item[]): string {
  const said = history.findLast((item) => item.role === 'agent' && item.text !== '')
  return said?.text ?? ''
}

/** The oldest makes room, each call along with its results; the last exchange stays whatever its size. */
function bounded(history: readonly Item[]): readonly Item[] {
  const last = history.findLastIndex(({ role }) => role !== 'tool')
  let size = history.reduce((sum, item) => sum + sizeOf(item), 0)
  let start = 0
  for (let item = history[0]; item && start < last && (size > MOST || item.role === 'tool'); item = history[start]) {
    size -= sizeOf(item)
    start += 1
  }
  return start === 0 ? history : history.slice(start)
}

/** In characters, about. */
const sizeOf = (item: Item): number =>
  ITEM + item.text.length + (item.role === 'agent' && item.calls ? JSON.stringify(item.calls).length : 0)

/** Several times what can be said in the longest session, and more than language models take in. */
const MOST = 1_000_000
/** What an item without words counts for. */
const ITEM = 100
