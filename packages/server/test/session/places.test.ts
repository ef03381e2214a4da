// How many sessions run at once for one account and by one key.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Places } from '../../dist/session/places.js'

test('an account has as many places as it may, and one that is freed can be taken again', () => {
  const places = new Places(2)
  const owner = { accountId: 'a' }
  places.take(owner)
  assert.equal(places.refusal(owner), undefined)
  places.take({ ...owner, keyId: 'key_1' })
  assert.match(places.refusal(owner)!.message, /this account may have, 2/)
  assert.equal(places.refusal(owner)?.code, 'concurrency_exceeded')
  assert.equal(places.refusal({ accountId: 'b' }), undefined)
  places.free(owner)
  assert.equal(places.refusal(owner), undefined)
  assert.equal(places.owners, 2)
})

test('a key has its own limit, whatever its account may', () => {
  const places = new Places(Number.POSITIVE_INFINITY)
  const owner = { accountId: 'a', keyId: 'key_1', maxSessions: 1 }
  places.take(owner)
  assert.match(places.refusal(owner)!.message, /this API key may have, 1/)
  assert.equal(places.refusal({ accountId: 'a', keyId: 'key_2', maxSessions: 1 }), undefined)
  assert.equal(places.refusal({ accountId: 'a', keyId: 'key_1' }), undefined)
  places.free(owner)
  assert.equal(places.refusal(owner), undefined)
  assert.equal(places.owners, 0)
})
