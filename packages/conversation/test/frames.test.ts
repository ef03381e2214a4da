// What is sent has exactly the documented members.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { serverEvents } from '@parley/protocol'
import { Player, play } from './scenario.js'

const folder = new URL('../../../scenarios/', import.meta.url)

/** Its settings are not those of a session: only what the scenario is about. */
const ABRIDGED = 'a-stored-agent-is-loaded.txt'

test('every event sent in any scenario has the members of its schema and no others', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt') && name !== ABRIDGED)) {
    const { sent } = play(readFileSync(new URL(file, folder), 'utf8'))
    for (const event of sent) {
      const checked = serverEvents[event.type].strict().safeParse(event)
      assert.ok(checked.success, `${file}: ${JSON.stringify(event)} ${checked.error?.message}`)
    }
  }
})

test('errors of the form name neither a field nor the session, all others both (checklist 64)', () => {
  const keys = (code: 'invalid_format' | 'invalid_value') => {
    const player = new Player()
    player.happen({ type: 'client.updated', patch: {}, problems: [{ code, message: 'm', param: 'p' }], at: 0 })
    const effect = player.effects[0]
    return effect?.type === 'send' ? Object.keys(effect.event) : []
  }
  assert.deepEqual(keys('invalid_format'), ['type', 'code', 'message'])
  assert.deepEqual(keys('invalid_value'), ['type', 'code', 'message', 'param', 'session_id'])
})
