// How an engine ends the streams that are still open when it is closed.
import { setMaxListeners } from 'node:events'
import { EngineError } from '../engine.js'

export interface Closing {
  /** Fires when the engine is closed; its reason is the `EngineError` that open streams end with. */
  readonly signal: AbortSignal
  close(): void
}

export function closing(): Closing {
  const controller = new AbortController()
  // Every open stream listens, and there may be hundreds.
  setMaxListeners(0, controller.signal)
  const reason = new EngineError({ code: 'engine_closed', message: 'The engine was closed.', retryable: false })
  return { signal: controller.signal, close: () => controller.abort(reason) }
}
