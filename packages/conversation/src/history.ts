// What the language model is told: what was said and heard, in order.
import type { Item } from './model.js'

export const append = (history: readonly Item[], item: Item): readonly Item[] => [...history, item]

/**
 * The user's words. `continues`: they go on from words that got no answer, so that the model reads one thought.
 */
export function appendUserWords(history: readonly Item[], text: string, continues: boolean): readonly Item[] {
  const last = history.at(-1)
  if (!continues || last?.role !== 'user') return append(history, { role: 'user', text })
  return [...history.slice(0, -1), { role: 'user', text: `${last.text} ${text}` }]
}

/** What the agent said last, as far as it was heard; empty when it has not spoken. */
export function lastWordsOfAgent(history: readonly Item[]): string {
  for (let index = history.length - 1; index >= 0; index--) {
    const item = history[index]!
    if (item.role === 'agent') return item.text
  }
  return ''
}
