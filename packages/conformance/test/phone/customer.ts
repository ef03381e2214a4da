// A customer of the telephone company: a small server with webhooks and a media socket, which believes nothing unsigned.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import webhooks from 'twilio/lib/webhooks/webhooks.js'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Asked {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

/** What is known of it to the world, whatever port it listens on. */
export const PUBLIC = 'https://phone.example'

export class Customer {
  readonly asked: Asked[] = []
  /** Requests and upgrades whose signature was not right. */
  readonly forged: string[] = []
  readonly sockets: WebSocket[] = []
  /** Messages that came over the last media socket. */
  readonly heard: Record<string, unknown>[] = []
  /** TwiML, or a status to refuse with, by path. */
  pages: Readonly<Record<string, string | number>> = {}
  /** Called with each media socket. */
  talk: (socket: WebSocket, streamSid: string) => void = () => {}
  #authToken = ''
  #stop: () => Promise<void> = async () => {}
  #address = ''

  static async start(): Promise<Customer> {
    const customer = new Customer()
    const server = createServer(async (request, response) => {
      const url = request.url ?? '/'
      const fields = Object.fromEntries(new URLSearchParams(await text(request)))
      if (!customer.#believes(request.headers['x-twilio-signature'], PUBLIC + url, fields)) customer.forged.push(url)
      customer.asked.push({ path: url, fields })
      const page = customer.pages[url.replace(/\?.*/, '')] ?? ''
      if (typeof page === 'number') return response.writeHead(page).end('no')
      const type = url === '/plain' ? 'text/plain' : 'text/xml'
      return response.writeHead(200, { 'content-type': type }).end(`<Response>${page}</Response>`)
    })
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      const url = `wss://phone.example${request.url}`
      if (request.url === '/refused') return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      if (!customer.#believes(request.headers['x-twilio-signature'], url, {})) customer.forged.push(url)
      return sockets.handleUpgrade(request, socket, head, (media) => customer.#listen(media))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // the server listens on TCP, so its address is not a path
    customer.#address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    customer.#stop = async () => {
      for (const socket of customer.sockets) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    return customer
  }

  trust(authToken: string): void {
    this.#authToken = authToken
  }

  /** From the public addresses to the loopback. */
  readonly route = (url: string): string =>
    url
      .replace('https://phone.example', `http://${this.#address}`)
      .replace('wss://phone.example', `ws://${this.#address}`)

  /** The fields of the last request to a path, and how many came. */
  of(path: string): readonly Asked[] {
    return this.asked.filter((asked) => asked.path.startsWith(path))
  }

  close(): Promise<void> {
    return this.#stop()
  }

  #believes(signature: string | string[] | undefined, url: string, fields: Readonly<Record<string, string>>): boolean {
    return this.#authToken === '' || webhooks.validateRequest(this.#authToken, String(signature), url, fields)
  }

  #listen(socket: WebSocket): void {
    this.sockets.push(socket)
    socket.on('message', (data) => {
      const message: Record<string, unknown> = JSON.parse(String(data))
      this.heard.push(message)
      if (message.event === 'start') this.talk(socket, String(message.streamSid))
    })
  }
}

/** A message that plays `ms` of sound. */
export const media = (streamSid: string, ms: number, byte = 1): string =>
  JSON.stringify({ event: 'media', streamSid, media: { payload: Buffer.alloc(ms * 8, byte).toString('base64') } })
export const mark = (streamSid: string, name: string): string =>
  JSON.stringify({ event: 'mark', streamSid, mark: { name } })
