// The least that a WebSocket server can do with the same frames: parse, decode, and send as many back. A yardstick.
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/** Frames of 20 ms that each connection is sent in a second, on average. */
const framesPerSecond = Number(process.env.FRAMES_OUT_PER_SECOND ?? 25)
const TICK_MS = 5
const data = Buffer.alloc(960, 7)

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
let received = 0
const owed = new Map<WebSocket, number>()

sockets.on('connection', (socket) => {
  socket.on('message', (message) => {
    const event = JSON.parse(String(message)) as { type: string; audio?: string }
    if (event.type === 'session.update') return socket.send('{"type":"session.ready"}')
    if (event.type === 'session.end') return socket.close(1000)
    received += Buffer.from(event.audio ?? '', 'base64').length
  })
  owed.set(socket, Math.random())
  socket.on('close', () => owed.delete(socket))
})

let last = performance.now()
setInterval(() => {
  const now = performance.now()
  const due = ((now - last) / 1000) * framesPerSecond
  last = now
  for (const [socket, before] of owed) {
    let frames = before + due
    for (; frames >= 1; frames -= 1)
      socket.send(
        JSON.stringify({
          type: 'reply.audio',
          reply_id: 'resp_0',
          data: data.toString('base64'),
          timestamp: Date.now() / 1000,
        }),
      )
    owed.set(socket, frames)
  }
}, TICK_MS)

process.on('SIGINT', () => {
  console.log(`${received} bytes of sound were received`)
  process.exit(0)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
})
