// A TCP proxy that fails as it is told to, the same way each time for the same seed.
import { connect, createServer, type Socket } from 'node:net'

/** What happens to the bytes that come back from the far end of a connection; `after`: from this byte on. */
export type Fault =
  | { readonly is: 'none' }
  /** Every piece waits, for up to twice as long as its neighbours. */
  | { readonly is: 'delay'; readonly ms: number }
  /** Nothing more comes, and the connection stays open. */
  | { readonly is: 'stall'; readonly after: number }
  /** The connection ends in good order, but too early. */
  | { readonly is: 'cut'; readonly after: number }
  /** The connection is reset. */
  | { readonly is: 'reset'; readonly after: number }
  /** One byte in eight or so is another one. */
  | { readonly is: 'corrupt'; readonly after: number }
  /** A few bytes at a time. */
  | { readonly is: 'drip'; readonly everyMs: number }
  /** Nothing passes either way, and neither end is told. */
  | { readonly is: 'silence' }

export interface FaultyLink {
  readonly port: number
  /** What befalls connections from now on; those that are open, too. */
  fault: Fault
  /** How many connections are open. */
  readonly open: number
  /** Resets every connection; the port refuses new ones until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  /** Resets every connection; new ones are taken. */
  resetAll(): void
  close(): Promise<void>
}

/** In front of what listens on `port` of the loopback. */
export async function startProxy(port: number, seed: number): Promise<FaultyLink> {
  const random = randomFrom(seed)
  const pairs = new Set<readonly [Socket, Socket]>()
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    for (const socket of pair) socket.on('error', () => {})
    near.on('close', () => {
      pairs.delete(pair)
      far.destroy()
    })
    // what has come until then may still be under way
    far.on('close', (hadError) => {
      if (hadError) near.destroy()
    })
    near.on('data', (piece) => {
      if (proxy.fault.is !== 'silence') far.write(piece)
    })
    near.on('end', () => far.end())
    const answers = new Answers(near, () => proxy.fault, random, timers)
    far.on('data', (piece) => answers.pass(piece))
    far.on('end', () => answers.end())
  })
  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(on, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await listen(0)
  const address = server.address()
  const own = typeof address === 'object' && address ? address.port : 0
  const resetAll = () => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  const down = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    resetAll()
    await closed
  }
  const proxy: FaultyLink = {
    port: own,
    fault: { is: 'none' },
    get open() {
      return pairs.size
    },
    down,
    up: async () => {
      if (!server.listening) await listen(own)
    },
    resetAll,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      if (server.listening) await down()
    },
  }
  return proxy
}

/** The bytes of one connection on their way back. */
class Answers {
  #passed = 0
  /** Delayed pieces keep their order. */
  #line: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(
    readonly near: Socket,
    readonly fault: () => Fault,
    readonly random: () => number,
    readonly timers: Set<NodeJS.Timeout>,
  ) {}

  pass(piece: Buffer): void {
    const fault = this.fault()
    const left = 'after' in fault ? Math.max(0, fault.after - this.#passed) : 0
    this.#passed += piece.length
    switch (fault.is) {
      case 'none':
        return this.#write(piece)
      case 'silence':
        return
      case 'delay':
        this.#later(fault.ms * (1 + this.random()), () => this.#write(piece))
        return
      case 'stall':
        return this.#write(piece.subarray(0, left))
      case 'corrupt':
        return this.#write(this.#corrupted(piece, left))
      case 'cut':
      case 'reset':
        return this.#endAfter(piece, left, fault.is)
      case 'drip':
        for (let start = 0, end = 0; start < piece.length; start = end) {
          end = start + 1 + Math.floor(this.random() * 3)
          const drop = piece.subarray(start, end)
          this.#later(fault.everyMs, () => this.#write(drop))
        }
    }
  }

  end(): void {
    const { is } = this.fault()
    if (is === 'stall' || is === 'silence') return
    this.#line = this.#line.then(() => void this.near.end())
  }

  #write(piece: Buffer): void {
    if (piece.length > 0 && !this.#isOver && this.near.writable) this.near.write(piece)
  }

  #endAfter(piece: Buffer, left: number, how: 'cut' | 'reset'): void {
    if (left >= piece.length) return this.#write(piece)
    this.#write(piece.subarray(0, left))
    this.#isOver = true
    if (how === 'cut') this.near.end()
    else this.near.resetAndDestroy()
  }

  #corrupted(piece: Buffer, left: number): Buffer {
    const bytes = Buffer.from(piece)
    for (let index = left; index < bytes.length; index += 1) if (this.random() < 1 / 8) bytes[index]! ^= 0x15
    return bytes
  }

  #later(ms: number, then: () => void): void {
    this.#line = this.#line.then(
      () =>
        new Promise((resolve) => {
          if (this.near.destroyed) return resolve()
          const timer = setTimeout(() => {
            this.timers.delete(timer)
            then()
            resolve()
          }, ms)
          this.timers.add(timer)
        }),
    )
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (a xorshift of 32 bits). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
