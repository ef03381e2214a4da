// The embedded PostgreSQL: PGlite in a thread of its own, reached by the same driver as a real one, over a socket that is none.
import { existsSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'

/** What the thread is for. No folder: the database is in memory and ends with the thread. */
export type WorkerStart =
  | { readonly task: 'create'; readonly folder: string }
  | { readonly task: 'serve'; readonly folder?: string }
export type ToWorker = { readonly type: 'bytes'; readonly bytes: Uint8Array } | { readonly type: 'close' }
export type FromWorker = { readonly type: 'ready' | 'closed' } | { readonly type: 'bytes'; readonly bytes: Uint8Array }

/** Owns the thread. Should it die, the next connection starts another, which recovers the folder as PostgreSQL does after a crash. */
export class EmbeddedDatabase {
  readonly #folder: string | undefined
  #worker: Promise<Worker> | undefined
  #closed = false

  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** A new connection, in place of the TCP socket of a client. There must be only one at a time. */
  connection(): Duplex {
    return new WorkerSocket(() => this.running())
  }

  /** The thread, ready to answer. The first time in a new folder takes seconds. */
  running(): Promise<Worker> {
    if (this.#closed) return Promise.reject(new Error('The embedded database is closed.'))
    this.#worker ??= this.#start().catch((error: unknown) => {
      this.#worker = undefined
      throw error
    })
    return this.#worker
  }

  async close(): Promise<void> {
    this.#closed = true
    const worker = await this.#worker?.catch(() => undefined)
    if (!worker) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage({ type: 'close' } satisfies ToWorker)
    await ended
  }

  async #start(): Promise<Worker> {
    const folder = this.#folder
    // Making a database takes three times the memory of serving it; that goes back with the thread that did it.
    if (folder !== undefined && !existsSync(folder)) await finished(thread({ task: 'create', folder }))
    const worker = thread({ task: 'serve', ...(folder === undefined ? {} : { folder }) })
    worker.once('exit', () => {
      this.#worker = undefined
    })
    await ready(worker)
    return worker
  }
}

const thread = (workerData: WorkerStart): Worker =>
  new Worker(new URL('./embedded-worker.js', import.meta.url), { workerData })

const finished = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(stopped())))
  })

const ready = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(stopped()))
    worker.once('message', () => resolve())
  })

const stopped = (): Error => new Error('The embedded database has stopped. The next query starts it again.')

/** Looks like a TCP socket to the driver; what is written goes to the thread as it is. */
class WorkerSocket extends Duplex {
  readonly #find: () => Promise<Worker>
  #worker: Worker | undefined

  constructor(find: () => Promise<Worker>) {
    super()
    this.#find = find
  }

  connect(): this {
    this.#find().then(
      (worker) => {
        if (this.destroyed) return
        this.#worker = worker
        worker.on('message', this.#received)
        worker.once('error', this.#died)
        worker.once('exit', this.#died)
        this.emit('connect')
      },
      (error: Error) => this.destroy(error),
    )
    return this
  }

  readonly #received = (message: FromWorker) => {
    if (message.type === 'bytes') this.push(message.bytes)
  }

  readonly #died = () => void this.destroy(stopped())

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send(chunk)
    done()
  }

  /** The driver writes the messages of one query in one go, and they go to the thread in one. */
  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }

  #send(bytes: Buffer): void {
    // A copy: the driver writes its next message into the same memory.
    this.#worker?.postMessage({ type: 'bytes', bytes: new Uint8Array(bytes) } satisfies ToWorker)
  }

  override _final(done: (error?: Error) => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#worker?.off('message', this.#received).off('error', this.#died).off('exit', this.#died)
    done(error)
  }

  // What the driver asks of a socket and has no meaning between threads.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
