// The carrier comes back: everything that a call can have come to by then, and what the carrier is told.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import type { Answer } from '../http/app.js'
import { afterIn, attribute, caller, newSid, type Office, ours, queryOf, startOffice, ticketIn } from './office.js'

let store: Store
let office: Office
let agentId: string

const desk = '+15550150'
const allowing = { PARLEY_CALL_DESTINATIONS: '+1555' }

before(async () => {
  store = await openStore('memory')
})
beforeEach(async (t) => {
  office = await startOffice(allowing, store)
  agentId = await office.agent({
    transfer_targets: [{ name: 'the desk', kind: 'human', phone_number: desk, ring_timeout_seconds: 12 }],
  })
  if ('after' in t) t.after(() => office.close())
})
after(() => store.close())

/** Comes back from `answer` as the carrier does, with the status that a call has that goes on. */
const back = (from: Answer, sid: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  office.asks('twilio', afterIn(from), {
    fields: { CallSid: sid, From: caller, To: ours, CallStatus: 'in-progress', ...fields },
  })

const talking = async () => {
  const sid = newSid()
  const { answer, call } = await office.comesIn(agentId, sid)
  const connected = await office.connect(answer)
  const state = async () => {
    const { status, reason } = await office.call(call.id)
    return [status, reason]
  }
  return { sid, answer, id: call.id, state, ...connected }
}

/** While time passes. */
const answered = async (asking: Promise<Answer>): Promise<Answer> => {
  let isDone = false
  void asking.finally(() => {
    isDone = true
  })
  await office.until(() => isDone)
  return asking
}

const hangsUp = ({ text }: Answer) => assert.match(text, /<Response><Hangup\/><\/Response>/)
const apologises = ({ text }: Answer) => assert.match(text, /<Say>I am sorry, something went wrong\..*<Hangup\/>/)

describe('the carrier comes back', () => {
  it('when the agent has hung up, and hangs up', async () => {
    const { sid, answer, over, state, id } = await talking()
    office.clock.to(5000)
    await over({ reason: 'agent_end', transfer: undefined })
    assert.deepEqual(await state(), ['ended', 'agent_end'])
    hangsUp(await back(answer, sid))
    const events = office.happenings.filter(({ callId }) => callId === id)
    assert.deepEqual(
      events.map(({ event }) => event),
      ['call.connected', 'call.ended'],
    )
  })

  it('when the caller has hung up, whether the line says so or not', async () => {
    const told = await talking()
    await told.over({ reason: 'participant_disconnected', transfer: undefined })
    hangsUp(await back(told.answer, told.sid, { CallStatus: 'completed' }))
    assert.deepEqual(await told.state(), ['ended', 'hung_up'])
    const untold = await talking()
    hangsUp(await back(untold.answer, untold.sid, { CallStatus: 'completed' }))
    assert.deepEqual(await untold.state(), ['ended', 'hung_up'])
    assert.deepEqual(untold.line.done, ['hung up'])
  })

  for (const [reason, status] of [
    ['error', 'failed'],
    ['refused', 'failed'],
    ['server_stopping', 'ended'],
  ] as const)
    it(`when the session ended by ${reason}, and says sorry`, async () => {
      const { sid, answer, over, state } = await talking()
      await over({ reason, transfer: undefined })
      apologises(await back(answer, sid))
      assert.deepEqual(await state(), [status, reason])
    })

  for (const reason of ['max_duration', 'idle', 'client_end'] as const)
    it(`when the session ended by ${reason}, and hangs up`, async () => {
      const { sid, answer, over, state } = await talking()
      await over({ reason, transfer: undefined })
      hangsUp(await back(answer, sid))
      assert.deepEqual(await state(), ['ended', reason === 'client_end' ? 'hung_up' : reason])
    })

  it('when the line was lost, and is connected to the same session again while that waits', async () => {
    const first = await talking()
    await first.over()
    await office.clock.to(office.clock.now() + 29_000)
    const answer = await back(first.answer, first.sid)
    assert.deepEqual(queryOf(afterIn(answer)), { call: first.id, leg: '2' })
    const second = await office.connect(answer)
    assert.equal(second.call.sessionId, first.sessionId)
    assert.deepEqual(await first.state(), ['active', undefined])
    await second.over()
    assert.match((await back(answer, first.sid)).text, /<Stream/)
  })

  it('when the session waits no more, and says sorry', async () => {
    const { sid, answer, over, state } = await talking()
    await over()
    await office.clock.to(office.clock.now() + 30_000)
    apologises(await back(answer, sid))
    assert.deepEqual(await state(), ['failed', 'line_lost'])
  })

  it('when nobody came back to the session in time, and says sorry: only the carrier knows that the caller is still there', async () => {
    const { sid, answer, over, state } = await talking()
    await over()
    await office.clock.to(office.clock.now() + 30_000)
    await over({ reason: 'participant_disconnected', transfer: undefined })
    assert.deepEqual(await state(), ['active', undefined])
    apologises(await back(answer, sid))
    assert.deepEqual(await state(), ['failed', 'line_lost'])
  })

  it('when the stream was never opened, or not opened again, and says sorry', async () => {
    const sid = newSid()
    const { answer, call } = await office.comesIn(agentId, sid)
    apologises(await back(answer, sid))
    assert.deepEqual(
      [(await office.call(call.id)).status, (await office.call(call.id)).reason],
      ['failed', 'not_connected'],
    )
    const lost = await talking()
    await lost.over()
    apologises(await back(await back(lost.answer, lost.sid), lost.sid))
    assert.deepEqual(await lost.state(), ['failed', 'not_connected'])
  })

  it('before the line knows that it is gone: it waits for that, and then believes the carrier', async () => {
    const late = await talking()
    const waiting = answered(back(late.answer, late.sid))
    await office.until(() => office.clock.pending > 1)
    await late.over({ reason: 'agent_end', transfer: undefined })
    hangsUp(await waiting)
    const never = await talking()
    const from = office.clock.now()
    assert.match((await answered(back(never.answer, never.sid))).text, /<Stream/)
    assert.ok(office.clock.now() - from >= 5_000)
  })

  it('twice, which is a replay: nothing changes, and no ticket is given', async () => {
    const { sid, answer, over, state } = await talking()
    await over()
    const again = await back(answer, sid)
    hangsUp(await back(answer, sid))
    await office.connect(again)
    hangsUp(await back(answer, sid))
    assert.deepEqual(await state(), ['active', undefined])
  })

  it('from a call that is not known, or is another one, and hangs up', async () => {
    const { sid, answer, state } = await talking()
    hangsUp(await back(answer, newSid()))
    const unknown = `/v1/twilio/after?call=call_${'0'.repeat(32)}&leg=1`
    hangsUp(await office.asks('twilio', unknown, { fields: { CallSid: sid } }))
    hangsUp(await office.asks('telnyx', afterIn(answer).replace('twilio', 'telnyx'), { fields: { CallSid: sid } }))
    hangsUp(await office.asks('twilio', '/v1/twilio/after', { fields: { CallSid: sid } }))
    assert.deepEqual(await state(), ['active', undefined])
  })

  it('too often, which is a circle, and is let go', async () => {
    const call = await talking()
    let answer = call.answer
    let { over } = call
    for (let leg = 1; leg < 20; leg++) {
      await over()
      answer = await back(answer, call.sid)
      over = (await office.connect(answer)).over
    }
    await over()
    apologises(await back(answer, call.sid))
    assert.deepEqual(await call.state(), ['failed', 'too_many_lines'])
  })
})

describe('a call that is handed on', () => {
  const handedOn = async (target = 'the desk') => {
    const call = await talking()
    await call.over({ reason: 'transferred', transfer: target })
    return { ...call, dial: await back(call.answer, call.sid) }
  }

  it('rings at the target, from the number that was called', async () => {
    const { dial, state } = await handedOn()
    assert.match(dial.text, new RegExp(`<Dial[^>]* timeLimit="10800"[^>]*><Number>\\${desk}</Number></Dial>`))
    assert.deepEqual([attribute(dial, 'timeout'), attribute(dial, 'callerId')], ['12', ours])
    assert.deepEqual(await state(), ['active', undefined])
  })

  it('is over when the other one hangs up', async () => {
    const { dial, sid, state } = await handedOn()
    hangsUp(await back(dial, sid, { DialCallStatus: 'completed' }))
    assert.deepEqual(await state(), ['ended', 'transferred'])
  })

  for (const status of ['busy', 'no-answer', 'failed', 'canceled'])
    it(`goes back to the agent, in a new session, when the other one is ${status}`, async () => {
      const { dial, sid, sessionId, state } = await handedOn()
      const again = await back(dial, sid, { DialCallStatus: status })
      const { call, ...connected } = await office.connect(again)
      assert.match(call.greeting ?? '', /could not reach the desk/)
      assert.equal(call.sessionId, undefined)
      assert.notEqual(connected.sessionId, sessionId)
      assert.deepEqual(await state(), ['active', undefined])
      await connected.over()
      assert.equal((await office.connect(await back(again, sid))).call.sessionId, connected.sessionId)
    })

  it('goes back to the agent when the target is not there any more, or may not be called', async (t) => {
    const gone = await handedOn('the cellar')
    assert.match((await office.connect(gone.dial)).call.greeting ?? '', /could not reach the cellar/)
    assert.match(office.logged.join('\n'), /cannot be handed on.*PARLEY_CALL_DESTINATIONS/)
    const allowed = office
    office = await startOffice({}, store)
    t.after(() => allowed.close())
    const forbidden = await handedOn()
    assert.ok(!forbidden.dial.text.includes(desk))
    assert.match(forbidden.dial.text, /<Stream/)
  })

  it('rings once, though the carrier comes back twice', async () => {
    const { answer, sid, dial } = await handedOn()
    hangsUp(await back(answer, sid))
    hangsUp(await back(answer, sid, { DialCallStatus: 'completed' }))
    assert.match((await back(dial, sid, { DialCallStatus: 'busy' })).text, /<Stream/)
    hangsUp(await back(dial, sid, { DialCallStatus: 'busy' }))
  })

  it('is over when the caller hangs up meanwhile', async () => {
    const { dial, sid, state } = await handedOn()
    hangsUp(await back(dial, sid, { CallStatus: 'completed', DialCallStatus: 'no-answer' }))
    assert.deepEqual(await state(), ['ended', 'hung_up'])
  })

  it('says sorry when the stream to the agent cannot be opened again', async () => {
    const { dial, sid, state } = await handedOn()
    const again = await back(dial, sid, { DialCallStatus: 'busy' })
    assert.notEqual(ticketIn(again), '')
    apologises(await back(again, sid))
    assert.deepEqual(await state(), ['failed', 'not_connected'])
  })
})

describe('what carriers tell of a call', () => {
  const tells = (sid: string, CallStatus: string) =>
    office.asks('twilio', '/v1/twilio/status', { fields: { CallSid: sid, CallStatus } })

  for (const [status, state] of [
    ['completed', ['ended', 'hung_up']],
    ['busy', ['failed', 'busy']],
    ['no-answer', ['failed', 'no_answer']],
    ['canceled', ['failed', 'canceled']],
    ['failed', ['failed', 'not_reachable']],
    ['ringing', ['dialing', undefined]],
  ] as const)
    it(`${status} makes it ${state[0]}`, async () => {
      const sid = newSid()
      const { call } = await office.comesIn(agentId, sid)
      assert.equal((await tells(sid, status)).status, 204)
      const { status: now, reason } = await office.call(call.id)
      assert.deepEqual([now, reason], state)
    })

  it('does not bring a call back that is over, nor change how it ended', async () => {
    const call = await talking()
    await call.over({ reason: 'agent_end', transfer: undefined })
    for (const status of ['in-progress', 'failed', 'completed']) await tells(call.sid, status)
    assert.deepEqual(await call.state(), ['ended', 'agent_end'])
    assert.equal(office.happenings.filter(({ callId }) => callId === call.id).length, 2)
  })
})
