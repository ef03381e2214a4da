// What the language model is told: what was said and heard, what was called and what came of it, in order.
import type { CallId, Item } from './model.js'
import type { AnsweredCall } from './state.js'

export const append = (history: readonly Item[], item: Item): readonly Item[] => [...history, item]

/**
 * The user's words. `continues`: they go on from words that got no answer, so that the model reads one thought.
 */
export function appendUserWords(history: readonly Item[], text: string, continues: boolean): readonly Item[] {
  const last = history.at(-1)
  if (!continues || last?.role !== 'user') return append(history, { role: 'user', text })
  return [...history.slice(0, -1), { role: 'user', text: `${last.text} ${text}` }]
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
  return [
    ...history,
    {
      role: 'agent',
      text,
      ...(interrupted && text !== '' && { interrupted }),
      ...(called.length > 0 && { calls: called }),
    },
    ...calls.map(({ called: { callId, name }, text }): Item => ({ role: 'tool', callId, name, text })),
  ]
}

/** The result takes the place of what stood for it. */
export const withResult = (history: readonly Item[], callId: CallId, text: string): readonly Item[] =>
  history.map((item) => (item.role === 'tool' && item.callId === callId ? { ...item, text } : item))

/** What the agent said last, as far as it was heard; empty when it has not spoken. */
export function lastWordsOfAgent(history: readonly Item[]): string {
  const said = history.findLast((item) => item.role === 'agent' && item.text !== '')
  return said?.text ?? ''
}
