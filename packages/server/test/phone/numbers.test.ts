// Telephone numbers over the REST interface: who answers which, and who may say so.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { hashOf, newApiKey } from '../../dist/secrets.js'
import { newSid, type Office, startOffice } from './office.js'

let office: Office
let agentId: string

before(async () => {
  office = await startOffice()
  agentId = await office.agent()
})
after(async () => {
  await office.close()
})

const number = '+15550177'
const path = `/v1/phone-numbers/${number}`

it('a number is assigned, read, listed, given to another agent, to nobody, and given up', async () => {
  const { send } = office.app
  assert.equal((await send('GET', path)).body.code, 'phone_number_not_found')
  const assigned = await send('PUT', `${path}/agent`, { agent_id: agentId })
  assert.equal(assigned.status, 200)
  assert.match(assigned.body.id, /^phone_[0-9a-f]{32}$/)
  assert.deepEqual(
    [assigned.body.phone_number, assigned.body.agent_id, assigned.body.type],
    [number, agentId, 'imported'],
  )
  assert.deepEqual((await send('GET', path)).body, assigned.body)
  assert.deepEqual((await send('GET', '/v1/phone-numbers')).body, {
    phone_numbers: [assigned.body],
    has_more: false,
    response_metadata: { next_cursor: '' },
  })
  await office.app.clock.to(1_000)
  const second = await office.agent()
  const again = (await send('PUT', `${path}/agent`, { agent_id: second })).body
  assert.deepEqual([again.id, again.agent_id, again.created_at], [assigned.body.id, second, assigned.body.created_at])
  assert.ok(again.updated_at > assigned.body.updated_at)
  assert.equal((await send('DELETE', `${path}/agent`)).body.agent_id, null)
  const rejected = await office.asks('twilio', '/v1/twilio/voice', { fields: { CallSid: newSid(), To: number } })
  assert.match(rejected.text, /<Reject/)
  assert.equal((await send('DELETE', path)).status, 204)
  assert.equal((await send('DELETE', path)).status, 404)
})

it('a number that is none, and an agent that is none, are told apart', async () => {
  const { send } = office.app
  for (const wrong of ['15550177', '+1555x', '%2B'])
    assert.equal(
      (await send('PUT', `/v1/phone-numbers/${wrong}/agent`, { agent_id: agentId })).body.code,
      'phone_number_not_found',
    )
  assert.equal((await send('PUT', `${path}/agent`, { agent_id: 'agent_none' })).body.code, 'agent_not_found')
  assert.equal((await send('PUT', `${path}/agent`, {})).body.code, 'validation_error')
})

it('keys of agents manage numbers, keys of calls make calls, and neither does what the other may', async () => {
  const status = async (scope: 'agents' | 'calls', method: string, url: string) => {
    const key = newApiKey()
    await office.store.keys.add('default', { name: scope, hash: hashOf(key), prefix: 'parley_sk', scopes: [scope] })
    return (await office.app.send(method, url, undefined, { authorization: key })).status
  }
  assert.deepEqual(
    [await status('agents', 'GET', '/v1/phone-numbers'), await status('calls', 'GET', '/v1/phone-numbers')],
    [200, 403],
  )
  assert.deepEqual([await status('calls', 'GET', '/v1/calls'), await status('agents', 'GET', '/v1/calls')], [200, 403])
  assert.equal(await status('agents', 'POST', '/v1/calls'), 403)
})

it('calls are listed in pages, by what is asked', async () => {
  const { send } = office.app
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.unshift((await office.comesIn(agentId)).call.id)
  const first = (await send('GET', `/v1/calls?limit=2&agent_id=${agentId}`)).body
  assert.deepEqual([first.calls.map(({ id }: { id: string }) => id), first.has_more], [ids.slice(0, 2), true])
  const rest = (await send('GET', `/v1/calls?limit=2&cursor=${first.response_metadata.next_cursor}`)).body
  assert.deepEqual(
    rest.calls.map(({ id }: { id: string }) => id),
    ids.slice(2),
  )
  assert.deepEqual((await send('GET', '/v1/calls?status=ended')).body.calls, [])
  assert.deepEqual((await send('GET', '/v1/calls?agent_id=%00')).body.calls, [])
  for (const wrong of ['status=open', 'direction=up', 'cursor=x', 'limit=0'])
    assert.equal((await send('GET', `/v1/calls?${wrong}`)).status, 422)
})
