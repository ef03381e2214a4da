// An observer whose faults stay its own: the session goes on without it.
import type { SessionObserver } from '../session/observer.js'

/** `failed` is told of the first fault; after it the observer is not called again. */
export function guarded(observer: SessionObserver, failed: (error: unknown) => void): SessionObserver {
  let isWell = true
  const call = (act: () => void) => {
    if (!isWell) return
    try {
      act()
    } catch (error) {
      isWell = false
      failed(error)
    }
  }
  return {
    prepared: (config, agentId, history) => call(() => observer.prepared?.(config, agentId, history)),
    stepped: (event, effects, conversation) => call(() => observer.stepped?.(event, effects, conversation)),
    heard: (bytes, at) => call(() => observer.heard?.(bytes, at)),
    sent: (reply, bytes, start, end, at) => call(() => observer.sent?.(reply, bytes, start, end, at)),
    suspended: (at) => call(() => observer.suspended?.(at)),
    over: (reason, at) => call(() => observer.over?.(reason, at)),
  }
}
