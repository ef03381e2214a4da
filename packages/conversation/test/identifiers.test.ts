// Identifiers: their form, and that no two are alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agentItemId, replyId, userItemId } from '../dist/identifiers.js'

const sessions = [
  'sess_0123456789abcdef0123456789abcdef',
  'sess_00000000000000000000000000000000',
  'sess_ffffffffffffffffffffffffffffffff',
]

test('identifiers have the documented form and differ', () => {
  const seen = new Set<string>()
  for (const session of sessions)
    for (let count = 1; count <= 3000; count++) {
      const [reply, agent, user] = [replyId(session, count), agentItemId(session, count), userItemId(session, count)]
      assert.match(reply, /^resp_[0-9a-f]{32}$/)
      assert.match(agent, /^msg_[0-9a-f]{32}$/)
      assert.match(user, /^msg_[0-9a-f]{32}$/)
      for (const id of [reply, agent, user]) seen.add(id.replace(/^.*_/, ''))
    }
  assert.equal(seen.size, sessions.length * 3000 * 3)
})

test('the same count gives the same identifier', () => assert.equal(replyId(sessions[0]!, 7), replyId(sessions[0]!, 7)))
