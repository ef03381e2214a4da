// What the agent said last, as a judgement of the user's next words needs it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Item, lastWordsOfAgent } from '@parley/conversation'

test('a call without words leaves the last words of the agent as they were', () => {
  const history: readonly Item[] = [
    { role: 'agent', text: 'Do you want a table?' },
    { role: 'agent', text: '', calls: [{ callId: 'c1', name: 'look', arguments: {} }] },
    { role: 'tool', callId: 'c1', name: 'look', text: 'There are two.' },
  ]
  assert.equal(lastWordsOfAgent(history), 'Do you want a table?')
})
