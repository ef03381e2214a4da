// What the commands are given: the terminal, time, signals, and the server with its engines.
import type { EngineKind } from '@parley/conversation'
import type { CreatedKey, KeyCreate } from '@parley/protocol'
import type { Config } from '../config.js'
import type { EngineContext, EngineInfo, Engines } from '../engines/engine.js'
import type { Clock } from '../session/clock.js'
import type { Terminal } from './terminal.js'

export interface RunningServer {
  readonly url: string
  readonly engines: readonly EngineInfo[]
  /** The API key, when this start made one. */
  readonly apiKey?: string
  /** `drain`: running sessions may go on for the configured time; `now`: they are ended in good order at once. */
  close(how: 'drain' | 'now'): Promise<void>
}

/** What is loaded only when a command needs it, so that `--help` and the client commands are quick. */
export interface Services {
  startServer(config: Config): Promise<RunningServer>
  /** Loads the engine of this kind that the settings name; undefined where they name none. */
  loadEngine<Kind extends EngineKind>(
    kind: Kind,
    config: Config,
    context: EngineContext,
  ): Promise<Engines[Kind] | undefined>
  /** Makes an API key in the database of the settings, without a server. */
  createKey(config: Config, key: KeyCreate): Promise<CreatedKey>
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface Cli {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly services: Services
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<Uint8Array>
  /** Calls `listener` at each request to stop. Returns what takes it away. */
  onSignal(listener: (signal: StopSignal) => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
}
