// The media socket of a call: opened as the carrier opens it, and bound to a stream.
import { WebSocket } from 'ws'
import type { Office } from './office.js'
import { Stream } from './stream.js'

interface StreamTarget {
  readonly url: string
  readonly callId: string
  readonly from: string
  readonly to: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Rejects when the server does not upgrade; the message tells how it answered. */
export async function openStream(office: Office, { url, ...names }: StreamTarget): Promise<Stream> {
  const { carrier, accountId, clock, quality, route } = office.settings
  const socket = new WebSocket(route(url), {
    headers: { 'user-agent': carrier.agent, ...carrier.signUpgrade(url) },
    perMessageDeflate: false,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const id = carrier.streamId()
  const stream = new Stream(
    {
      send: (text) => void (socket.readyState === WebSocket.OPEN && socket.send(text)),
      close: () => socket.close(1000),
      cut: () => socket.terminate(),
    },
    { id, clock, quality, messages: carrier.messages({ streamId: id, accountId, ...names }) },
  )
  socket.on('message', (data) => stream.receive(String(data)))
  // 1006: there was no closing handshake
  socket.once('close', (code, reason) => stream.closed(code === 1006 ? 'cut' : 'server', `${code} ${reason}`))
  return stream
}
