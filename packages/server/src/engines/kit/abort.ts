// What stops the streams of an engine: signals, alone or together, and the engine's end.
import { setMaxListeners } from 'node:events'
import { EngineError } from '../engine.js'

/** Settles with the promise, or as soon as the signal fires, whichever is first. Never rejects because of the signal. */
export function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve()
    const stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(
      () => {
        signal.removeEventListener('abort', stop)
        resolve()
      },
      (error: unknown) => {
        signal.removeEventListener('abort', stop)
        reject(error)
      },
    )
  })
}

/**
 * A signal that fires as soon as one of the others does, until it is released.
 * `AbortSignal.any` stays registered with signals that live long, so that each use of it would cost memory for good.
 */
export function firstOf(...signals: readonly AbortSignal[]): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController()
  const abort = () => stop.abort()
  if (signals.some((signal) => signal.aborted)) abort()
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true })
  return {
    signal: stop.signal,
    release() {
      for (const signal of signals) signal.removeEventListener('abort', abort)
    },
  }
}

/** From an engine's creation to its `close()`. */
export class Lifetime {
  readonly #over = new AbortController()
  readonly #engineName: string

  constructor(engineName: string) {
    this.#engineName = engineName
    // Every open stream listens, and there may be hundreds.
    setMaxListeners(0, this.#over.signal)
  }

  /** Fires when the engine is closed. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  end(): void {
    this.#over.abort()
  }

  /** Throws an `EngineError` once the engine is closed. */
  check(): void {
    if (!this.#over.signal.aborted) return
    throw new EngineError({
      code: 'engine_closed',
      message: `The engine "${this.#engineName}" has been closed. Start the server again to use it.`,
      retryable: false,
    })
  }
}
