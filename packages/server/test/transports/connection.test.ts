import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { WebSocket } from 'ws'
import { VirtualClock } from '../../dist/session/clock.js'
import type { Line } from '../../dist/session/session.js'
import { connect } from '../../dist/transports/connection.js'
import { native } from '../../dist/transports/native.js'

const PING_EVERY_MS = 20_000

/** A connection whose socket and door are the test's own. */
function stage() {
  const clock = new VirtualClock()
  const dispatched: string[] = []
  const closes: number[] = []
  const pings: number[] = []
  let line: Line | undefined
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send() {},
    ping: () => void pings.push(clock.now()),
    terminate: () => void closes.push(0),
    close(code: number) {
      closes.push(code)
      socket.readyState = 2
    },
  })
  const door = {
    inputEncoding: undefined,
    hear() {},
    receive: ({ type }: { type: string }) => void dispatched.push(type),
    lost: () => void dispatched.push('lost'),
  }
  // True as far as a connection goes: it uses nothing of a socket but what this has.
  connect(socket as unknown as WebSocket, {
    clock,
    transport: native(),
    log() {},
    traffic: { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 },
    defaultEncoding: 'audio/pcm',
    pingEveryMs: PING_EVERY_MS,
    open(opened) {
      line = opened
      return door
    },
  })
  const receive = (event: unknown) => socket.emit('message', Buffer.from(JSON.stringify(event)), false)
  return { clock, socket, line: line!, receive, dispatched, closes, pings }
}

test('what a peer sends after the end changes nothing and costs no timer', () => {
  const { clock, line, receive, dispatched, closes } = stage()
  receive({ type: 'reply.create' })
  line.close(1000, 'client_end')
  const alarms = clock.pending
  for (let frame = 0; frame < 20_000; frame++) receive({ type: 'reply.create' })
  assert.deepEqual([dispatched, closes, clock.pending], [['reply.create'], [1000], alarms])
})

test('a peer that does not answer the close is cut off, one that has gone leaves no timer behind', async () => {
  const silent = stage()
  silent.line.close(1000, 'client_end')
  await silent.clock.to(5000)
  assert.deepEqual(silent.closes, [1000, 0])
  const gone = stage()
  gone.socket.readyState = 3
  gone.socket.emit('close', 1006)
  assert.deepEqual(gone.dispatched, ['lost'])
  gone.line.close(1000, 'connection lost')
  assert.deepEqual([gone.closes, gone.clock.pending], [[], 0])
})

test('a peer of which nothing is heard from one ping to the next is gone; a pong is enough, and so is a message', async () => {
  const { clock, socket, receive, closes, pings } = stage()
  await clock.to(PING_EVERY_MS)
  socket.emit('pong')
  await clock.to(2 * PING_EVERY_MS)
  receive({ type: 'reply.create' })
  await clock.to(3 * PING_EVERY_MS)
  assert.deepEqual([pings, closes], [[1, 2, 3].map((count) => count * PING_EVERY_MS), []])
  await clock.to(4 * PING_EVERY_MS)
  assert.deepEqual([pings.length, closes], [3, [0]])
})
