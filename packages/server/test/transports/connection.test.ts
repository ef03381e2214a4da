import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import { VirtualClock } from '../../dist/session/clock.js'
import type { Line, Session } from '../../dist/session/session.js'
import { connect } from '../../dist/transports/connection.js'
import { native } from '../../dist/transports/native.js'

/** A connection whose socket and session are the test's own. */
function stage() {
  const clock = new VirtualClock()
  const dispatched: string[] = []
  const closes: number[] = []
  let line: Line | undefined
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send() {},
    ping() {},
    terminate: () => void closes.push(0),
    close(code: number) {
      closes.push(code)
      socket.readyState = 2
    },
  })
  const session = { dispatch: ({ type }: { type: string }) => void dispatched.push(type), hear() {} }
  // True as far as a connection goes: it uses nothing of a socket and a session but what these have.
  connect(socket as unknown as WebSocket, {
    clock,
    transport: native(),
    log() {},
    traffic: { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 },
    known: () => ({ voices: [], allowPrivateUrls: false }),
    defaultEncoding: 'audio/pcm',
    open(opened) {
      line = opened
      return session as unknown as Session
    },
    begin: () => undefined,
  })
  const receive = (event: unknown) => socket.emit('message', Buffer.from(JSON.stringify(event)), false)
  return { clock, socket, line: line!, receive, dispatched, closes }
}

test('what a peer sends after the end changes nothing and costs no timer', () => {
  const { clock, line, receive, dispatched, closes } = stage()
  receive({ type: 'reply.create' })
  line.close(1000, 'client_end')
  const alarms = clock.pending
  for (let frame = 0; frame < 20_000; frame++) receive({ type: 'reply.create' })
  assert.deepEqual([dispatched, closes, clock.pending], [['client.askedReply'], [1000], alarms])
})

test('a peer that does not answer the close is cut off, one that has gone leaves no timer behind', async () => {
  const silent = stage()
  silent.line.close(1000, 'client_end')
  await silent.clock.to(5000)
  assert.deepEqual(silent.closes, [1000, 0])
  const gone = stage()
  gone.socket.readyState = 3
  gone.socket.emit('close', 1006)
  assert.deepEqual(gone.dispatched, ['connection.lost'])
  gone.line.close(1000, 'connection lost')
  assert.deepEqual([gone.closes, gone.clock.pending], [[], 0])
})
