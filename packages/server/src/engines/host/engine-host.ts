// The engine host as the engines see it: always there, whatever becomes of its process.
import { availableParallelism } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { type EngineContext, EngineError } from '../engine.js'
import { type DecodeCounts, DecodeQueue, type Urgency } from './decode-queue.js'
import { jsonContent, type LoadRequest, sampleBytes, type Transcript } from './frames.js'
import { HostProcess } from './host-process.js'

/** What listens for speech in one stream. */
export interface Detector {
  /** Whether a window of 512 samples at 16 kHz holds speech. Ask for one window at a time. */
  hear(window: Int16Array): Promise<boolean>
  /** Fires when the detector is lost with its process; the reason is an `EngineError`. */
  readonly lost: AbortSignal
  close(): void
}

const MAX_DECODES = 8
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** A process that lived this long had nothing wrong from the start: its successor need not wait. */
const LONG_LIFE_MS = 10_000

export class EngineHost {
  readonly #log: EngineContext['log']
  readonly #queue = new DecodeQueue(Math.min(MAX_DECODES, availableParallelism()))
  readonly #closing = new AbortController()
  /** What every process of this host has loaded before it is asked anything. */
  #models: LoadRequest = {}
  /** The process in use: ready, or about to be, or none because it could not be brought to life. */
  #current: Promise<HostProcess>
  #loading: Promise<void> = Promise.resolve()
  #pause: NodeJS.Timeout | undefined
  #lastId = 0
  #failures = 0
  #crashes = 0

  constructor(log: EngineContext['log']) {
    this.#log = log
    this.#current = this.#start()
    // Whoever asks first is told; until then nobody is listening.
    this.#current.catch(() => {})
  }

  /** Loads model files, which must have been checked. Rejects with an `EngineError` when they cannot be used. */
  load(models: LoadRequest): Promise<void> {
    // One after the other, so that of two who want the same the second finds it there.
    const loading = this.#loading.then(() => this.#load(models))
    this.#loading = loading.catch(() => {})
    return loading
  }

  /** How much was decoded, and how often the process died. */
  get counts(): DecodeCounts & { readonly crashes: number } {
    return { ...this.#queue.counts, crashes: this.#crashes }
  }

  /** Of the process in use, for measurements. */
  async pid(): Promise<number | undefined> {
    return (await this.#process()).pid
  }

  /** `threshold`: confidence from which sound counts as speech, 0 to 1. Rejects with an `EngineError`. */
  async openDetector(threshold: number): Promise<Detector> {
    const process = await this.#process()
    const id = this.#nextId()
    await process.request('open', id, jsonContent({ threshold }))
    return {
      lost: process.gone,
      hear: async (window) => (await process.request('window', id, sampleBytes(window)))[0] === 1,
      close: () => process.tell('close', id),
    }
  }

  /**
   * The text of a stretch of sound at 16 kHz, empty when nothing was understood; undefined when it was shed for other
   * work or is no longer wanted. Rejects with an `EngineError`.
   */
  transcribe(samples: Int16Array, urgency: Urgency, signal: AbortSignal): Promise<string | undefined> {
    return this.#queue.run(urgency, signal, async () => {
      const process = await this.#process()
      const answer = await process.request('transcribe', this.#nextId(), sampleBytes(samples))
      // The cast is true: the host is our own program.
      return (JSON.parse(answer.toString()) as Transcript).text
    })
  }

  /** Ends the process; what is open fails with `engine_closed`. */
  async close(): Promise<void> {
    this.#closing.abort(new EngineError({ code: 'engine_closed', message: 'The engine was closed.', retryable: false }))
    await this.#current.then(
      (process) => process.close(),
      () => {},
    )
  }

  #nextId(): number {
    this.#lastId = (this.#lastId + 1) % 2 ** 32
    return this.#lastId
  }

  async #load(models: LoadRequest): Promise<void> {
    const process = await this.#process()
    const together = { ...this.#models, ...models }
    // Loading anew would take the detectors away from those who listen through them.
    if (isDeepStrictEqual(together, this.#models)) return
    await process.request('load', this.#nextId(), jsonContent(models))
    this.#models = together
  }

  async #start(): Promise<HostProcess> {
    this.#closing.signal.throwIfAborted()
    const process = new HostProcess(this.#queue.slots, this.#log)
    const born = performance.now()
    const stop = () => void process.close()
    this.#closing.signal.addEventListener('abort', stop, { once: true })
    const ended = () => {
      this.#closing.signal.removeEventListener('abort', stop)
      this.#replace(performance.now() - born, process.gone.reason)
    }
    process.gone.addEventListener('abort', ended, { once: true })
    try {
      await process.request('load', this.#nextId(), jsonContent(this.#models))
    } catch (error) {
      await process.close()
      throw error
    }
    return process
  }

  #replace(livedMs: number, reason: EngineError): void {
    if (this.#closing.signal.aborted) return
    this.#crashes += 1
    this.#failures = livedMs >= LONG_LIFE_MS ? 1 : this.#failures + 1
    this.#log('error', reason.message, { crashes: this.#crashes })
    this.#current = this.#revive()
    // Whoever asks next is told; nobody may be asking now.
    this.#current.catch(() => {})
  }

  /** What is asked meanwhile waits for the attempt under way, and fails with it. */
  async #revive(): Promise<HostProcess> {
    if (this.#failures > 1) {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 2))
      await new Promise<void>((resolve) => {
        const go = () => {
          clearTimeout(this.#pause)
          this.#closing.signal.removeEventListener('abort', go)
          resolve()
        }
        this.#closing.signal.addEventListener('abort', go, { once: true })
        this.#pause = setTimeout(go, pause).unref()
      })
    }
    return this.#start()
  }

  /** The process, as soon as there is one. */
  #process(): Promise<HostProcess> {
    // A pause by itself keeps no program from ending, but somebody who waits for its end does.
    this.#pause?.ref()
    return this.#current
  }
}
