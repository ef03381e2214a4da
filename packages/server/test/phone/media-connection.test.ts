// What becomes of the stream of a call, message by message, in virtual time.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { EventBody } from '@parley/conversation'
import type { Problem } from '@parley/protocol'
import type { WebSocket } from 'ws'
import { createMetrics } from '../../dist/observe/metrics.js'
import type { ConnectedLine, LineEnd, PhoneCall } from '../../dist/phone/call.js'
import { CallLines } from '../../dist/phone/call-lines.js'
import { type CallSession, connectMedia } from '../../dist/phone/media-connection.js'
import { twilioStream } from '../../dist/phone/twilio.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { Lobby } from '../../dist/session/lobby.js'
import type { Channel, Line } from '../../dist/session/session.js'
import { twilio } from './documented.js'
import { CALL_SID, incoming } from './exchange.js'

const SESSION = `sess_${'1'.repeat(32)}`

interface StageSettings {
  readonly call?: PhoneCall | undefined
  /** What the switchboard answers instead of the call. */
  readonly redeem?: () => Promise<PhoneCall | undefined>
  readonly refusal?: Problem
  readonly found?: 'here' | 'over' | Problem
  readonly mostWaiting?: number
}

const START_WITHIN_MS = 5_000

const atCapacity: Problem = { code: 'at_capacity', message: 'Full.' }

/** A stream whose socket, session and switchboard are the test's own. */
function stage({ call = incoming, redeem, refusal, found = 'here', mostWaiting = 10 }: StageSettings = {}) {
  const clock = new VirtualClock()
  const sent: { event: string; mark?: { name: string } }[] = []
  const closes: string[] = []
  const told: { session: string | undefined; end: LineEnd | undefined | 'connected' }[] = []
  const happened: EventBody[] = []
  const heard: number[] = []
  const pressed: string[] = []
  const logged: string[] = []
  const asked: unknown[] = []
  const tally = { silenceFilledMs: 0, soundDroppedMs: 0, marksLost: 0 }
  let line: Line | undefined
  let channel: Channel | undefined
  let connected: ConnectedLine | undefined
  let attached = 0
  let detached = 0
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (text: string) => void sent.push(JSON.parse(text)),
    ping() {},
    terminate: () => void closes.push('cut off'),
    close(code: number, reason: string) {
      closes.push(`${code} ${reason}`)
      socket.readyState = 2
    },
  })
  const session: CallSession = {
    id: SESSION,
    hear: (bytes) => void heard.push(bytes.length),
    press: (key) => void pressed.push(key),
    dispatch: (event) => void happened.push(event),
    attach(given) {
      line = given
      attached += 1
      return found === 'here'
    },
    detach(given) {
      if (given === line) detached += 1
    },
  }
  const lines = new CallLines({
    switchboard: {
      connected(_call, id, given) {
        told.push({ session: id, end: 'connected' })
        connected = given
      },
      disconnected: (_call, id, end) => void told.push({ session: id, end }),
    },
    ended() {},
  })
  const lobby = new Lobby(mostWaiting)
  // True as far as a connection goes: it uses nothing of a socket but what this has.
  connectMedia(socket as unknown as WebSocket, twilioStream(), {
    ...{ clock, carrier: 'twilio', tally, lines, lobby, pingEveryMs: 20_000, startWithinMs: START_WITHIN_MS },
    traffic: { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 },
    log: (_level, message, fields) => void logged.push(`${message} ${fields?.why ?? fields?.error ?? ''}`.trim()),
    switchboard: {
      async redeem(carrier, ticket, carrierCallId) {
        asked.push([carrier, ticket, carrierCallId])
        return redeem ? redeem() : call
      },
    },
    adapt: (agent, { greeting }) => ({ ...agent, config: { ...agent.config, greeting: greeting ?? null } }),
    sessions: {
      refusal: () => refusal,
      open(given, _peer, kind) {
        line = given
        channel = kind
        return session
      },
      find: async () => (found === 'here' || found === 'over' ? session : found),
    },
  })
  const receive = (message: string) => void socket.emit('message', Buffer.from(message), false)
  return {
    ...{ clock, socket, sent, closes, told, happened, heard, pressed, logged, asked, tally, lines, lobby, receive },
    line: () => line!,
    channel: () => channel,
    connected: () => connected,
    attached: () => attached,
    detached: () => detached,
    gone: () => void socket.emit('close', 1006),
    async start(parameters: Readonly<Record<string, string>> = { ticket: 'abc' }) {
      receive(twilio.connected)
      receive(twilio.start(parameters))
      await clock.to(clock.now())
    },
  }
}

test('a stream that does not say in time which call it is is closed', async () => {
  const { clock, receive, closes, lobby, gone } = stage({ mostWaiting: 1 })
  receive(twilio.connected)
  await clock.to(4_999)
  assert.deepEqual(closes, [])
  await clock.to(5_000)
  assert.deepEqual(closes, ['1008 No call was started within 5 s.'])
  assert.equal(lobby.isFull, false)
  gone()
  assert.equal(clock.pending, 0)
})

test('only so many streams may wait at once; one that has said which call it is waits no more', async () => {
  const { lobby, start, closes } = stage({ mostWaiting: 1 })
  assert.equal(lobby.isFull, true)
  await start()
  assert.equal(lobby.isFull, false)
  assert.deepEqual(closes, [])
  assert.deepEqual(stage({ mostWaiting: 0 }).closes, ['1008 Too many calls wait to be connected.'])
})

test('a stream that is gone before it said anything leaves nothing behind', () => {
  const { clock, lobby, gone } = stage({ mostWaiting: 1 })
  gone()
  assert.equal(clock.pending, 0)
  assert.equal(lobby.isFull, false)
})

test('the ticket opens a session with the agent of the call', async () => {
  const { start, asked, told, happened, channel } = stage({ call: { ...incoming, greeting: 'Good morning.' } })
  await start({ ticket: 'abc' })
  assert.deepEqual(asked, [['twilio', 'abc', CALL_SID]])
  assert.deepEqual(told, [{ session: SESSION, end: 'connected' }])
  assert.deepEqual(happened, [{ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] }])
  assert.equal(channel()?.confirmsPlayout, true)
})

test('a stream without a ticket, or with one that does not count, is closed', async () => {
  const none = stage()
  await none.start({})
  assert.deepEqual(none.closes, ['1008 The stream has no parameter `ticket`.'])
  assert.deepEqual(none.asked, [])
  const wrong = stage({ redeem: async () => undefined })
  await wrong.start()
  assert.deepEqual(wrong.closes, ['1008 The ticket is not for this call, or was used.'])
  assert.deepEqual([...none.told, ...wrong.told], [])
})

test('a switchboard that fails closes the stream, and the log says why', async () => {
  const { start, closes, logged } = stage({ redeem: async () => Promise.reject(new Error('No database.')) })
  await start()
  assert.deepEqual(closes, ['1011 The call could not be connected.'])
  assert.match(logged.join('\n'), /No database/)
})

test('where there is no place for a session the switchboard learns it, so that the caller can be told', async () => {
  const { start, told, closes } = stage({ refusal: atCapacity })
  await start()
  assert.deepEqual(told, [{ session: undefined, end: { reason: 'refused', transfer: undefined } }])
  assert.deepEqual(closes, ['1008 at_capacity'])
})

test('a call that lost its line goes on with its session', async () => {
  const { start, told, happened, attached } = stage({ call: { ...incoming, sessionId: SESSION } })
  await start()
  assert.equal(attached(), 1)
  assert.deepEqual(told, [{ session: SESSION, end: 'connected' }])
  assert.deepEqual(happened, [])
})

test('a session that is gone, or over, is told as a refusal', async () => {
  const gone: Problem = { code: 'session_not_found', message: 'Gone.' }
  for (const found of [gone, 'over'] as const) {
    const { start, told, closes, lines } = stage({ call: { ...incoming, sessionId: SESSION }, found })
    await start()
    assert.deepEqual(told, [{ session: SESSION, end: { reason: 'refused', transfer: undefined } }])
    assert.deepEqual(closes, ['1008 session_not_found'])
    assert.equal(lines.size, 0)
  }
})

test('a caller who hangs up while the ticket is looked at opens no session', async () => {
  let answer: (call: PhoneCall) => void = () => {}
  const { start, gone, told, channel, clock } = stage({
    redeem: () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  })
  await start()
  gone()
  answer(incoming)
  await clock.to(1_000)
  assert.deepEqual(told, [])
  assert.equal(channel(), undefined)
})

test('one stream is one session: a second start changes nothing', async () => {
  const { start, asked, told } = stage()
  await start()
  await start()
  assert.equal(asked.length, 1)
  assert.equal(told.length, 1)
})

test('sound, keys and marks go to the session; what comes before it goes nowhere', async () => {
  const { receive, start, heard, pressed, happened, line, sent } = stage()
  const frame = Buffer.alloc(160, 0xff).toString('base64')
  for (const message of [twilio.media(frame, 0), twilio.dtmf('1'), twilio.mark('a'), twilio.stop]) receive(message)
  await start()
  assert.deepEqual([heard, pressed, happened.length], [[], [], 1])
  receive(twilio.media(frame, 20))
  receive(twilio.dtmf('#'))
  line().sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
  receive(twilio.mark(sent.at(-1)!.mark!.name))
  receive(twilio.mark('of somebody else'))
  assert.deepEqual([heard, pressed], [[160], ['#']])
  assert.deepEqual(happened.slice(1), [{ type: 'playout.reached', reply: 'resp_1', offset: 20 }])
})

test('the carrier says that the caller has hung up: the session ends', async () => {
  const { start, receive, happened } = stage()
  await start()
  receive(twilio.stop)
  assert.deepEqual(happened.at(-1), { type: 'client.ended' })
})

test('whoever keeps the call can end it, or say that a machine has answered', async () => {
  const { start, happened, connected } = stage()
  await start()
  connected()?.answeredByMachine('Please call back.')
  connected()?.hangUp()
  assert.deepEqual(happened.slice(1), [
    { type: 'call.answeredByMachine', message: 'Please call back.' },
    { type: 'client.ended' },
  ])
})

test('a line that breaks leaves the session, and the switchboard learns that it may be gone on with', async () => {
  const { start, gone, detached, told, happened } = stage()
  await start()
  gone()
  assert.equal(detached(), 1)
  assert.deepEqual(told.at(-1), { session: SESSION, end: undefined })
  assert.equal(happened.length, 1)
})

test('a session that is over says how, once, and with whom the call goes on', async () => {
  const { start, told, lines, line, closes, gone } = stage()
  const observer = lines.observe({ id: SESSION })
  await start()
  const event = { type: 'clock.ticked', at: 1 } as const
  // true as far as this observer goes: it looks at no conversation
  const conversation = {} as Parameters<NonNullable<typeof observer.stepped>>[2]
  observer.stepped?.(event, [{ type: 'end', reason: 'transferred', duration: 1, transfer: 'sales' }], conversation)
  line().close(1000, 'transferred')
  observer.over?.('transferred', 1)
  gone()
  assert.deepEqual(closes, ['1000 transferred'])
  assert.deepEqual(told.slice(1), [{ session: SESSION, end: { reason: 'transferred', transfer: 'sales' } }])
  assert.equal(lines.size, 0)
})

test('sessions of no call are let be, and one that goes on elsewhere is forgotten', async () => {
  const { start, told, lines } = stage()
  lines.observe({ id: 'sess_other' }).over?.('client_end', 1)
  await start()
  assert.equal(told.length, 1)
  lines.observe({ id: SESSION }).suspended?.(1)
  assert.equal(lines.size, 0)
  assert.deepEqual(told.at(-1), { session: SESSION, end: { reason: 'suspended', transfer: undefined } })
  lines.observe({ id: SESSION }).over?.('idle', 1)
  assert.equal(told.length, 2)
})

test('a line that was replaced says nothing of its end', async () => {
  const { start, gone, lines, told } = stage()
  await start()
  const line = { hangUp() {}, answeredByMachine() {} }
  lines.connected(incoming, SESSION, line)
  gone()
  assert.equal(told.length, 2)
  lines.lost(SESSION, line)
  assert.deepEqual(told.at(-1), { session: SESSION, end: undefined })
})

test('why the session of a stream failed is told in the log, with the call; an end in good order is not', async () => {
  const failed = stage()
  await failed.start()
  const message = 'The session could not be made ready in time. Try again.'
  failed.line().send({ type: 'session.error', code: 'internal_error', message, session_id: SESSION, param: null })
  failed.line().close(1011, 'internal error')
  assert.deepEqual(failed.logged, [`The stream of a call is closed: its session failed. ${message}`])
  const ended = stage()
  await ended.start()
  ended.line().close(1000, 'agent_end')
  ended.line().close(1008, 'resumed elsewhere')
  assert.deepEqual(ended.logged, [])
})

test('after its end nothing more is sent, and nothing that comes is heard', async () => {
  const { start, line, receive, sent, heard, closes, clock } = stage()
  await start()
  line().close(1000, 'agent_end')
  line().sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
  receive(twilio.media(Buffer.alloc(160).toString('base64'), 20))
  assert.deepEqual([sent, heard], [[], []])
  await clock.to(5_000)
  assert.deepEqual(closes, ['1000 agent_end', 'cut off'])
})

test('a carrier that floods the server is cut off, and binary frames are let be', async () => {
  const { start, socket, receive, heard, closes, clock } = stage()
  await start()
  socket.emit('message', Buffer.from(twilio.media('////', 0)), true)
  assert.deepEqual(heard, [])
  for (let second = 0; second < 7 && closes.length === 0; second++) {
    for (let frame = 0; frame < 1_100; frame++) receive(twilio.mark('x'))
    await clock.to(clock.now() + 1_000)
  }
  assert.match(closes.join(), /1008 More than 1000 frames a second/)
})

test('sound beyond real time is left out once ten seconds of it have come ahead', async () => {
  const { start, receive, heard, tally } = stage()
  await start()
  const second = Buffer.alloc(8_000, 0xff).toString('base64')
  for (let at = 0; at < 12_000; at += 1_000) receive(twilio.media(second, at))
  assert.equal(heard.length, 10)
  assert.equal(tally.soundDroppedMs, 2_000)
})

test('what cannot be followed is refused before the call, and told in the log after', async () => {
  const l16 = twilio.start({ ticket: 'abc' }).replace('audio/x-mulaw', 'audio/x-l16')
  const before = stage()
  before.receive(l16)
  assert.match(before.closes.join(), /1008 Twilio streams audio\/x-l16/)
  assert.equal(before.lobby.isFull, false)
  const during = stage()
  await during.start()
  during.receive(l16)
  assert.deepEqual(during.closes, [])
  assert.match(during.logged.join(), /complains.*x-l16/)
})

test('what lines lose, and how calls end, can be read off the statistics', async () => {
  const metrics = createMetrics()
  Object.assign(metrics.lines, { silenceFilledMs: 1_500, soundDroppedMs: 250, marksLost: 3 })
  metrics.callEnded('telnyx', 'transferred')
  const { text } = await metrics.expose()
  for (const line of [
    'parley_phone_silence_filled_seconds_total 1.5',
    'parley_phone_sound_dropped_seconds_total 0.25',
    'parley_phone_marks_lost_total 3',
    'parley_calls_ended_total{carrier="telnyx",reason="transferred"} 1',
  ])
    assert.ok(text.split('\n').includes(line), line)
})
