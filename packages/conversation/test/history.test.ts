// What the language model is told: what the agent said last, and how much of a conversation is remembered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Item, lastWordsOfAgent } from '@parley/conversation'
import { append, appendReply, withResult } from '../dist/history.js'

test('a call without words leaves the last words of the agent as they were', () => {
  const history: readonly Item[] = [
    { role: 'agent', text: 'Do you want a table?' },
    { role: 'agent', text: '', calls: [{ callId: 'c1', name: 'look', arguments: {} }] },
    { role: 'tool', callId: 'c1', name: 'look', text: 'There are two.' },
  ]
  assert.equal(lastWordsOfAgent(history), 'Do you want a table?')
})

test('a history keeps what three hours may bring; of more than that the oldest is forgotten, calls with their results', () => {
  const said = (text: string): Item => ({ role: 'user', text })
  const called = { callId: 'c1', name: 'look', arguments: {} }
  const calling = (history: readonly Item[]) =>
    appendReply(history, { text: '', interrupted: false, calls: [{ called, text: 'Nothing yet.' }] })
  const saying = (history: readonly Item[], times: number, text: string) =>
    Array.from({ length: times }).reduce<readonly Item[]>((all) => append(all, said(text)), history)
  const roles = (history: readonly Item[]) => history.map(({ role }) => role)

  assert.equal(saying([said('first')], 200, 'x'.repeat(2000))[0]?.text, 'first')
  const full = saying(calling([]), 1, 'x'.repeat(999_000))
  assert.deepEqual(roles(full), ['agent', 'tool', 'user'])
  assert.deepEqual(roles(saying(full, 1, 'x'.repeat(700))), ['user', 'user'])
  const answered = withResult(calling([said('Look.')]), 'c1', 'x'.repeat(2_000_000))
  assert.deepEqual(roles(answered), ['agent', 'tool'], 'the last exchange is kept, however long it is')
  assert.equal(saying([], 10_500, '').length, 10_000, 'nor is what has no words remembered without end')
})
