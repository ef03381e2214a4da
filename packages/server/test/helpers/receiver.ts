// A receiver of webhooks on a real socket: keeps what is posted to it, to the byte.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posting {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: Buffer
  /** The body. */
  // Tests reach into it; a wrong shape fails the test that does.
  readonly body: ReturnType<typeof JSON.parse>
}

/** `status`: what it answers, by the path; 204 unless told otherwise. */
export async function startReceiver(status: (path: string) => number = () => 204) {
  const postings: Posting[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const raw = Buffer.concat(pieces)
      const path = request.url ?? ''
      postings.push({ path, headers: request.headers, raw, body: JSON.parse(raw.toString('utf8')) })
      response.writeHead(status(path), { location: '/elsewhere' }).end('x'.repeat(100_000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const at = (path: string) => postings.filter((posting) => posting.path === path)
  return {
    url: `http://127.0.0.1:${port}`,
    at,
    /** What was posted to `path`, once there are so many. */
    async received(path: string, count: number, withinMs = 20_000): Promise<readonly Posting[]> {
      for (const end = performance.now() + withinMs; at(path).length < count; ) {
        if (performance.now() > end) throw new Error(`Only ${at(path).length} of ${count} came to ${path}.`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return at(path)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>
