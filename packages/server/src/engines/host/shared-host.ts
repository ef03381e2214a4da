// One engine host for all engines of this process, started by the first and ended with the last.
import type { EngineContext } from '../engine.js'
import { EngineHost } from './engine-host.js'
import type { LoadRequest } from './frames.js'

let shared: { readonly host: EngineHost; users: number } | undefined

export interface HostLease {
  readonly host: EngineHost
  /** Ends the host when nobody else uses it. Harmless when called again. */
  release(): Promise<void>
}

/** The shared host with these models loaded. Rejects with an `EngineError` when they cannot be. */
export async function leaseHost(models: LoadRequest, log: EngineContext['log']): Promise<HostLease> {
  shared ??= { host: new EngineHost(log), users: 0 }
  const entry = shared
  entry.users += 1
  let released = false
  const release = async () => {
    if (released) return
    released = true
    entry.users -= 1
    if (entry.users > 0) return
    if (shared === entry) shared = undefined
    await entry.host.close()
  }
  try {
    await entry.host.load(models)
  } catch (error) {
    await release()
    throw error
  }
  return { host: entry.host, release }
}
