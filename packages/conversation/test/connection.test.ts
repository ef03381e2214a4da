// What a client that comes back is told of the time without it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Effect, type Live, step } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import { keepMissed } from '../dist/connection.js'
import { makeReady, Player } from './scenario.js'

function alone(): Live {
  const player = new Player()
  makeReady(player, {})
  player.happen({ type: 'connection.lost', at: 100 })
  if (player.conversation.phase !== 'live') assert.fail('it lives')
  return player.conversation
}

const sent = (event: ServerEvent): Effect => ({ type: 'send', event })
const call = (call_id: string): ServerEvent => ({ type: 'tool.call', call_id, name: 'look_up', arguments: {} })
const words: ServerEvent = { type: 'transcript.user', item_id: 'msg_1', text: 'Hello.' }
const gone: ServerEvent = { type: 'input.speech.stopped' }

test('calls of tools and words of the user are delivered once, in order, after session.ready; nothing else is', () => {
  const [once] = keepMissed([alone(), [sent(words), sent(gone)]])
  const [twice] = keepMissed([once, [sent(call('call_1'))]])
  const [back, effects] = step(twice, { type: 'connection.resumed', at: 200 })
  const told = effects.flatMap((effect) => (effect.type === 'send' || effect.type === 'deliver' ? [effect] : []))
  assert.deepEqual(
    told.map(({ type, event }) => `${type} ${event.type}`),
    ['send session.ready', 'deliver transcript.user', 'deliver tool.call'],
  )
  const [, again] = step(back, { type: 'connection.resumed', at: 300 })
  assert.ok(again.every(({ type }) => type !== 'deliver'))
})

test('what is kept for a client is bounded: the oldest goes', () => {
  const calls = Array.from({ length: 150 }, (_, number) => sent(call(`call_${number}`)))
  const [kept] = keepMissed([alone(), calls])
  if (kept.phase !== 'live' || kept.connection.is !== 'down') assert.fail('it is down')
  assert.equal(kept.connection.missed.length, 100)
  assert.deepEqual(kept.connection.missed.at(-1), call('call_149'))
})
