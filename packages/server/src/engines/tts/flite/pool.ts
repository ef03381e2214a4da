// A few worker threads that do one job each at a time; a queue before them; a new worker for one that dies.
import type { Worker } from 'node:worker_threads'
import type { Clock } from '../../../session/clock.js'
import { EngineError } from '../../engine.js'
import { voiceClosed } from '../errors.js'

export interface PoolSettings {
  readonly workers: number
  /** Jobs that may wait; one more is refused. */
  readonly maxQueued: number
  /** A worker that takes longer over a job is taken to hang, and replaced. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** A worker thread that answers each message it gets with one message. */
  start(): Worker
  /** A worker died and was replaced. */
  onDeath(reason: string): void
}

interface Task<Job, Answer> {
  readonly job: Job
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** After so many deaths without an answer in between, there is no use in another worker for a while. */
const MOST_DEATHS = 5
const REST_MS = 10_000

export class WorkerPool<Job, Answer> {
  readonly #settings: PoolSettings
  readonly #queue: Task<Job, Answer>[] = []
  readonly #seats: Seat<Job, Answer>[]
  #deaths = 0
  #brokenUntil = 0
  #closed = false

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#seats = Array.from({ length: settings.workers }, () => this.#newSeat())
  }

  /** Jobs that wait for a worker. */
  get queued(): number {
    return this.#queue.length
  }

  /**
   * The answer to `job`. Rejects at once when `signal` aborts (a job that waits is then not done at all), and with an
   * `EngineError` when the queue is full, the worker dies over the job or the pool is closed.
   */
  run(job: Job, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#closed) return Promise.reject(voiceClosed())
    if (this.#isBroken()) return Promise.reject(broken())
    if (this.#queue.length >= this.#settings.maxQueued && !this.#seats.some((seat) => seat.isFree))
      return Promise.reject(overloaded(this.#queue.length))
    return new Promise((resolve, reject) => {
      const task: Task<Job, Answer> = { job, resolve: settle(resolve), reject: settle(reject) }
      function settle<T>(how: (value: T) => void) {
        return (value: T) => {
          signal.removeEventListener('abort', abort)
          how(value)
        }
      }
      const abort = () => {
        const place = this.#queue.indexOf(task)
        if (place >= 0) this.#queue.splice(place, 1)
        task.reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#queue.push(task)
      this.#dispatch()
    })
  }

  /** Ends the workers; whatever was asked and not answered is refused. */
  async close(): Promise<void> {
    this.#closed = true
    this.#refuseQueued(voiceClosed())
    await Promise.all(this.#seats.map((seat) => seat.end(voiceClosed())))
  }

  #dispatch(): void {
    for (const seat of this.#seats) {
      if (!seat.isFree) continue
      const task = this.#queue.shift()
      if (!task) return
      seat.give(task)
    }
  }

  #newSeat(): Seat<Job, Answer> {
    const seat: Seat<Job, Answer> = new Seat(this.#settings, {
      answered: () => {
        this.#deaths = 0
        this.#dispatch()
      },
      died: (reason) => this.#replace(seat, reason),
    })
    return seat
  }

  #replace(seat: Seat<Job, Answer>, reason: string): void {
    if (this.#closed) return
    this.#deaths++
    this.#settings.onDeath(reason)
    if (this.#deaths >= MOST_DEATHS) {
      this.#brokenUntil = this.#settings.clock.now() + REST_MS
      this.#refuseQueued(broken())
      return
    }
    this.#seats[this.#seats.indexOf(seat)] = this.#newSeat()
    this.#dispatch()
  }

  /** After a rest one more death is risked: it may have been the text of one reply that no worker survives. */
  #isBroken(): boolean {
    if (this.#deaths < MOST_DEATHS) return false
    if (this.#settings.clock.now() < this.#brokenUntil) return true
    this.#deaths = MOST_DEATHS - 1
    for (const [index, seat] of this.#seats.entries()) if (!seat.isAlive) this.#seats[index] = this.#newSeat()
    return false
  }

  #refuseQueued(error: EngineError): void {
    for (const task of this.#queue.splice(0)) task.reject(error)
  }
}

/** One worker with the job that it does. */
class Seat<Job, Answer> {
  readonly #worker: Worker
  readonly #settings: PoolSettings
  readonly #listener: { answered(): void; died(reason: string): void }
  #task: Task<Job, Answer> | undefined
  #cancelTimeout: () => void = () => undefined
  #isAlive = true

  constructor(settings: PoolSettings, listener: { answered(): void; died(reason: string): void }) {
    this.#settings = settings
    this.#listener = listener
    this.#worker = settings.start()
    this.#worker.on('message', (answer: Answer) => this.#answered(answer))
    this.#worker.on('error', (error) => this.#died(error.message))
    this.#worker.on('exit', (code) => this.#died(`exit code ${code}`))
    this.#worker.unref()
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isFree(): boolean {
    return this.#isAlive && this.#task === undefined
  }

  give(task: Task<Job, Answer>): void {
    const { clock, timeoutMs } = this.#settings
    this.#task = task
    // the process stays alive for as long as an answer is due
    this.#worker.ref()
    this.#cancelTimeout = clock.wake(clock.now() + timeoutMs, () => this.#died(`no answer within ${timeoutMs} ms`))
    this.#worker.postMessage(task.job)
  }

  async end(error: EngineError): Promise<void> {
    this.#isAlive = false
    this.#finish()?.reject(error)
    await this.#worker.terminate()
  }

  #answered(answer: Answer): void {
    if (!this.#isAlive) return
    this.#worker.unref()
    this.#finish()?.resolve(answer)
    this.#listener.answered()
  }

  #died(reason: string): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    void this.#worker.terminate()
    this.#finish()?.reject(workerLost(reason))
    this.#listener.died(reason)
  }

  #finish(): Task<Job, Answer> | undefined {
    this.#cancelTimeout()
    const task = this.#task
    this.#task = undefined
    return task
  }
}

const workerLost = (reason: string): EngineError =>
  new EngineError({
    code: 'tts_worker_lost',
    message: `The voice's worker thread was lost (${reason}). It has been replaced: try again.`,
    retryable: true,
  })

const overloaded = (queued: number): EngineError =>
  new EngineError({
    code: 'tts_overloaded',
    message: `${queued} clauses wait for the voice already. Try again shortly, or give it more worker threads.`,
    retryable: true,
  })

const broken = (): EngineError =>
  new EngineError({
    code: 'tts_broken',
    message: `The voice's worker threads died ${MOST_DEATHS} times in a row. See the log, run \`parley doctor\`, and restart.`,
    retryable: false,
  })
