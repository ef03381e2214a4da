// Who keeps the calls: lines at several servers, what is asked of them, and what is done when nobody ends a call.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { keepCalls } from '../../dist/phone/call-upkeep.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { eventOf } from '../../dist/webhooks/events.js'
import { afterIn, newSid, type Office, startOffice, ticketIn } from './office.js'

let store: Store
let office: Office
let other: Office
let agentId: string

before(async () => {
  store = await openStore('memory')
})
beforeEach(async (t) => {
  office = await startOffice({}, store)
  other = await startOffice({}, store)
  agentId = await office.agent()
  if ('after' in t) t.after(() => Promise.all([office.close(), other.close()]))
})
after(() => store.close())

describe('a ticket', () => {
  it('is good at any server of the same database, for a minute, for its own call, once', async () => {
    const sid = newSid()
    const { answer, call } = await office.comesIn(agentId, sid)
    const ticket = ticketIn(answer)
    const { switchboard } = other.phone
    assert.equal(await switchboard.redeem('twilio', ticket, newSid()), undefined)
    assert.equal(await switchboard.redeem('telnyx', ticket, sid), undefined)
    assert.equal(await switchboard.redeem('twilio', `${ticket}x`, sid), undefined)
    await other.clock.to(60_000)
    assert.equal(await switchboard.redeem('twilio', ticket, sid), undefined)
    assert.equal((await office.phone.switchboard.redeem('twilio', ticket, sid))?.id, call.id)
    assert.equal(await office.phone.switchboard.redeem('twilio', ticket, sid), undefined)
  })

  it('is not stored: what lies in the database opens no line', async () => {
    const { answer, call } = await office.comesIn(agentId)
    assert.ok(!JSON.stringify(await office.call(call.id)).includes(ticketIn(answer)))
  })
})

describe('a line', () => {
  it('is hung up when its call was, at whichever server', async () => {
    const { answer, call } = await office.comesIn(agentId)
    const { line } = await office.connect(answer)
    await other.phone.switchboard.end(call.id, 'ended', 'hung_up_by_api')
    await office.until(() => line.done.length > 0)
    assert.deepEqual(line.done, ['hung up'])
  })

  it('is hung up when its account is gone', async () => {
    await store.accounts.create('acct_gone', 'Gone')
    const theirs = await office.agent({}, 'acct_gone')
    const { line } = await office.connect((await office.comesIn(theirs)).answer)
    await store.accounts.remove('acct_gone')
    await office.until(() => line.done.length > 0)
  })

  it('is hung up at once when its call was over before it came', async () => {
    const sid = newSid()
    const { answer, call } = await office.comesIn(agentId, sid)
    const redeemed = await office.phone.switchboard.redeem('twilio', ticketIn(answer), sid)
    await office.phone.switchboard.end(call.id, 'ended', 'hung_up')
    const done: string[] = []
    const line = { hangUp: () => void done.push('hung up'), answeredByMachine: () => {} }
    office.phone.switchboard.connected(redeemed!, 'sess_1', line)
    await office.phone.switchboard.settled(call.id)
    assert.deepEqual(done, ['hung up'])
  })

  it('carries out once what is asked of it at another server', async () => {
    const { answer, call } = await office.comesIn(agentId)
    const { line } = await office.connect(answer)
    await other.phone.switchboard.order(call.id, { do: 'leave_message', message: 'Please call back.' })
    await office.until(() => line.done.length > 0)
    await office.clock.to(office.clock.now() + 3_000)
    assert.deepEqual(line.done, ['machine: Please call back.'])
  })

  it('that was lost takes its session with it when the call is over, at whichever server that is known', async () => {
    for (const { phone } of [office, other]) {
      const { answer, call } = await office.comesIn(agentId)
      const { line, over } = await office.connect(answer)
      await over()
      assert.deepEqual([line.done, office.phone.switchboard.held], [[], []])
      await phone.switchboard.end(call.id, 'ended', 'hung_up')
      await office.until(() => line.done.length > 0)
      assert.deepEqual(line.done, ['hung up'])
    }
  })

  it('that was lost takes its session with it when the call finds no place any more', async () => {
    const first = await office.comesIn(agentId)
    const { line, call, over } = await office.connect(first.answer)
    await over()
    office.phone.switchboard.disconnected(call, undefined, { reason: 'refused', transfer: undefined })
    await office.until(() => line.done.length > 0)
    assert.equal((await office.call(call.id)).reason, 'refused')
  })

  it('that was lost is asked for nothing: that waits for the next one', async () => {
    const { answer, call } = await office.comesIn(agentId)
    const first = await office.connect(answer)
    await first.over()
    await office.phone.switchboard.order(call.id, { do: 'leave_message', message: 'Please call back.' })
    await office.clock.to(office.clock.now() + 3_000)
    assert.deepEqual(first.line.done, [])
    const back = await office.asks('twilio', afterIn(answer), { fields: { CallSid: first.call.carrierCallId } })
    const second = await office.connect(back)
    await office.until(() => second.line.done.length > 0)
    assert.deepEqual([first.line.done, second.line.done], [[], ['machine: Please call back.']])
  })

  it('whose session goes on elsewhere is let go: that is no news of the call', async () => {
    const { answer, call } = await office.comesIn(agentId)
    const { line, over } = await office.connect(answer)
    await over({ reason: 'suspended', transfer: undefined })
    assert.deepEqual([office.phone.switchboard.held, (await office.call(call.id)).line], [[], 'up'])
    await office.phone.switchboard.end(call.id, 'ended', 'hung_up')
    assert.deepEqual(line.done, [])
  })

  it('that is asked for nothing keeps nobody awake when it is gone', async () => {
    const { answer } = await office.comesIn(agentId)
    const { over } = await office.connect(answer)
    const awake = office.clock.pending
    await over({ reason: 'agent_end', transfer: undefined })
    await office.until(() => office.clock.pending < awake)
  })
})

describe('what is told of a call', () => {
  it('is its beginning and its end, with how long it was, once each', async () => {
    const { answer, call } = await office.comesIn(agentId)
    const { over, sessionId } = await office.connect(answer)
    await office.clock.to(office.clock.now() + 12_500)
    await over({ reason: 'agent_end', transfer: undefined })
    const bodies = office.happenings.map((happening) => JSON.parse(eventOf(happening).body))
    assert.deepEqual(
      bodies.map(({ event, session_id, agent_id, call }) => [
        event,
        session_id,
        agent_id,
        call.status,
        call.duration_seconds,
      ]),
      [
        ['call.connected', sessionId, agentId, 'active', null],
        ['call.ended', sessionId, agentId, 'ended', 12.5],
      ],
    )
    const [connected, ended] = office.happenings
    assert.notEqual(eventOf(connected!).eventId, eventOf(ended!).eventId)
    assert.equal(bodies[1].call.call_id, call.id)
  })

  it('of one that nobody talked on names no session', async () => {
    const { call } = await office.comesIn(agentId)
    await office.phone.switchboard.end(call.id, 'failed', 'busy')
    const [happening] = office.happenings
    const { body, sessionId } = eventOf(happening!)
    assert.deepEqual([JSON.parse(body).event, JSON.parse(body).session_id, sessionId], ['call.failed', null, call.id])
  })
})

describe('calls that nobody ends', () => {
  beforeEach(async () => {
    const end = { status: 'ended', reason: 'another test', endedAt: new Date(0) } as const
    for (const line of ['none', 'up', 'lost', 'transferred'] as const)
      await store.calls.endForgotten(line, new Date(office.clock.unixMs() + 1e9), end)
  })

  const tended = async (sinceMs: number, retentionDays = 0) => {
    const clock = new VirtualClock(office.clock.unixMs() + sinceMs)
    const told: string[] = []
    const stop = keepCalls({
      clock,
      calls: store.calls,
      log: () => {},
      held: () => [],
      publish: ({ event, callId }) => void told.push(`${event} ${callId}`),
      graceMs: 30_000,
      retentionDays,
    })
    await stop()
    return told
  }

  it('are ended when their server was lost, and not before', async () => {
    const { answer, call } = await office.comesIn(agentId)
    await office.connect(answer)
    assert.deepEqual(await tended(74_000), [])
    assert.deepEqual(await tended(75_000), [`call.failed ${call.id}`])
    assert.equal((await office.call(call.id)).reason, 'server_lost')
  })

  it('go on while somebody says that their line is held', async () => {
    const { answer, call } = await office.comesIn(agentId)
    await office.connect(answer)
    const seenAt = async () => (await office.call(call.id)).seenAt.getTime()
    const before = await seenAt()
    await office.until(async () => (await seenAt()) >= before + 60_000, 1_000)
    assert.deepEqual(await tended(50_000), [])
    assert.equal((await office.call(call.id)).status, 'active')
  })

  it('are ended when the carrier does not come back, or never connects', async () => {
    const lost = await office.comesIn(agentId)
    await (await office.connect(lost.answer)).over()
    const silent = await office.comesIn(agentId)
    assert.deepEqual(await tended(89_000), [])
    assert.deepEqual(await tended(90_000), [`call.failed ${lost.call.id}`])
    assert.deepEqual(await tended(15 * 60_000), [`call.failed ${silent.call.id}`])
  })

  it('are forgotten when they ended long enough ago', async () => {
    const { call } = await office.comesIn(agentId)
    await office.phone.switchboard.end(call.id, 'ended', 'hung_up')
    const day = 24 * 60 * 60 * 1000
    await tended(10 * day, 0)
    await tended(day - 1, 1)
    assert.equal((await office.call(call.id)).status, 'ended')
    await tended(day + 1, 1)
    assert.equal(await store.calls.withId(call.id), undefined)
  })
})
