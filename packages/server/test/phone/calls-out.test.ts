// Calls that agents make, with the real package of Twilio against the simulated REST API; and calls that are handed on.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Call } from '@parley/conformance/phone'
import { utterance, wordsHeard } from './ear.js'
import { wordsOf } from './legible-voice.js'
import { assertSameWords, CALLED, type Json, NUMBER, says, Telephone } from './telephone.js'

let telephone: Telephone
before(async () => {
  telephone = await Telephone.start()
})
afterEach(() => {
  telephone.phones = () => ({ does: 'answers' })
  telephone.answer = says('All right.')
})
after(() => telephone.close())

/** Has the agent call somebody. */
async function calls(agent_id: string, more: Json = {}): Promise<{ readonly call: Call; readonly id: string }> {
  const earlier = telephone.twilio.calls.length
  const { id } = await telephone.ask('POST', '/v1/calls', { agent_id, to: CALLED, from: NUMBER, ...more })
  const call = await telephone.eventually(() => telephone.twilio.calls[earlier])
  return { call, id: String(id) }
}

const over = (id: string) =>
  telephone.eventually(async () => {
    const record = await telephone.ask('GET', `/v1/calls/${id}`)
    return record.ended_at === null ? undefined : record
  })

async function caller(fields: Json = {}, hears: readonly string[] = ['Who is there?']): Promise<string> {
  const agent = await telephone.agent(fields, hears)
  await telephone.ask('PUT', `/v1/phone-numbers/${encodeURIComponent(NUMBER)}/agent`, { agent_id: agent })
  return agent
}

test('an agent calls somebody, and speaks with what the call was made with', async () => {
  const agent = await caller({ greeting: 'Hello {{name}}, your bread is ready.' })
  telephone.answer = says('It is the bakery.')
  const { call, id } = await calls(agent, { variables: { name: 'Anna' } })
  const line = await call.stream()
  await telephone.hears(line, 'Hello Anna, your bread is ready.')
  line.say(utterance(900))
  await telephone.hears(line, 'It is the bakery.')
  await telephone.twilio.wait(300)
  call.hangUp()
  await call.ended
  const record = await over(id)
  const { status, direction, from_number, to_number } = record
  assert.deepEqual([status, direction, from_number, to_number], ['ended', 'outbound', NUMBER, CALLED])
  assertSameWords((await telephone.session(String(record.session_id))).turns, line)
})

test('nobody is there: the record says so, and no session was opened', async () => {
  const agent = await caller()
  telephone.phones = () => ({ does: 'is busy' })
  const { call, id } = await calls(agent)
  assert.equal(await call.ended, 'busy')
  const record = await over(id)
  assert.deepEqual([record.status, record.session_id, call.streams], ['failed', null, []])
})

test('a call that rings is called off over the interface', async () => {
  const agent = await caller()
  telephone.phones = () => ({ does: 'lets it ring' })
  const { call, id } = await calls(agent)
  await telephone.ask('DELETE', `/v1/calls/${id}`)
  assert.equal(await call.ended, 'canceled')
  await over(id)
})

test('a call that runs is hung up over the interface', async () => {
  const agent = await caller()
  const { call, id } = await calls(agent)
  await telephone.hears(await call.stream(), 'Good morning.')
  await telephone.ask('DELETE', `/v1/calls/${id}`)
  assert.equal(await call.ended, 'completed')
  await over(id)
})

test('a number that may not be called is refused, and the carrier is not even asked', async () => {
  const agent = await caller()
  const asked = telephone.twilio.requests.length
  await assert.rejects(calls(agent, { to: '+4930123456' }), /403[\s\S]*PARLEY_CALL_DESTINATIONS/)
  assert.equal(telephone.twilio.requests.length, asked)
})

test('a machine that answers is hung up on', async () => {
  const agent = await caller({ greeting: 'Good morning. May I tell you at length about the bread that we have today?' })
  telephone.phones = () => ({ does: 'answers', by: 'machine', detectedAfterMs: 300 })
  const { call, id } = await calls(agent)
  assert.equal(await call.ended, 'completed')
  assert.equal((await over(id)).status, 'ended')
  assert.equal(call.answeredBy, 'machine_end_beep')
})

test('a machine is left a message, all of it, and then hung up on', async () => {
  const message = 'This is the bakery. Please call us back.'
  const agent = await caller({ parley: { phone: { on_machine: 'leave_message', machine_message: message } } })
  telephone.phones = () => ({ does: 'answers', by: 'machine', detectedAfterMs: 1200 })
  const { call } = await calls(agent)
  const line = await call.stream()
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(wordsHeard(line).slice(-wordsOf(message).length), wordsOf(message))
})

const targets = [
  { name: 'Anna', description: 'The baker.', kind: 'human', phone_number: CALLED, ring_timeout_seconds: 2 },
]
const handsOn: Telephone['answer'] = ({ answer }) =>
  answer
    .calls(0, 'call_1', 'aai_transfer_call', { target: 'Anna', words: 'I put you through to Anna.' })
    .done('tool_calls')

/** A caller who has asked for Anna. */
async function handedOn(): Promise<Call> {
  await telephone.agent({ transfer_targets: targets }, ['May I speak to Anna?'])
  telephone.answer = handsOn
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Good morning.')
  line.say(utterance(900))
  await line.ended
  assert.deepEqual(wordsHeard(line).slice(-6), wordsOf('I put you through to Anna.'))
  return call
}

test('a call is handed on, after the caller was told', async () => {
  telephone.phones = () => ({ does: 'answers', talksMs: 100 })
  const call = await handedOn()
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(
    call.dials.map(({ number, timeoutSeconds, status }) => [number, timeoutSeconds, status]),
    [[CALLED, 2, 'completed']],
  )
  const { record, turns } = await telephone.kept(call)
  assert.equal(record.public_close_reason, 'transferred')
  assertSameWords(turns, call.streams[0]!)
  assert.deepEqual(call.errors, [])
})

test('when nobody answers there, the caller is told by the agent', async () => {
  telephone.phones = () => ({ does: 'is busy' })
  const call = await handedOn()
  const line = await call.stream(2)
  await telephone.eventually(() => wordsHeard(line).length > 2 || undefined)
  await telephone.twilio.wait(500)
  call.hangUp()
  await call.ended
  assert.deepEqual(
    call.dials.map(({ status }) => status),
    ['busy'],
  )
  assert.notEqual((await telephone.kept(call)).record.public_close_reason, 'transferred')
})
