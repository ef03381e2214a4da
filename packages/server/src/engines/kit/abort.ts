// What stops the streams of an engine: the caller's signal, the engine's end, or whichever is first.
import { setMaxListeners } from 'node:events'
import { EngineError } from '../engine.js'

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
  readonly #reason: EngineError

  constructor(engineName: string) {
    // Every open stream listens, and there may be hundreds.
    setMaxListeners(0, this.#over.signal)
    this.#reason = new EngineError({
      code: 'engine_closed',
      message: `The engine "${engineName}" has been closed. Start the server again to use it.`,
      retryable: false,
    })
  }

  /** Fires when the engine is closed; its reason is the `EngineError` that open streams end with. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  end(): void {
    this.#over.abort(this.#reason)
  }

  /** Throws that `EngineError` once the engine is closed. */
  check(): void {
    this.#over.signal.throwIfAborted()
  }
}
