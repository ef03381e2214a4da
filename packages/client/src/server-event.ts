// One message of the server, as an event.
import type { TimedServerEvent } from '@parley/protocol'

/** What the server sent, if it has the form of an event; its fields are the server's promise (protocol.md section 3.3). */
export function serverEvent(data: unknown): TimedServerEvent | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const event: unknown = JSON.parse(data)
    if (typeof event !== 'object' || event === null || !('type' in event)) return undefined
    return typeof event.type === 'string' ? (event as TimedServerEvent) : undefined
  } catch {
    return undefined
  }
}
