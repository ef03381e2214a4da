// What the HTTP interface asks of the rest of the server.
import type { EngineKind } from '@parley/conversation'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.js'
import type { Voice } from '../engines/engine.js'
import type { Metrics } from '../observe/metrics.js'
import type { SecretBox } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { Store } from '../storage/store.js'
import type { Doorkeeper } from './doorkeeper.js'

export interface EngineState {
  readonly kind: EngineKind
  readonly name: string
  readonly ready: boolean
  /** What it is, in a sentence; why it failed, when it did. */
  readonly description: string
}

export interface HttpPorts {
  readonly config: Pick<Config, 'console' | 'corsOrigins' | 'metrics' | 'privateUrls' | 'strictCompat'>
  readonly store: Pick<Store, 'accounts' | 'keys' | 'agents' | 'tokens' | 'repeats' | 'ping'>
  readonly doorkeeper: Doorkeeper
  readonly secrets: SecretBox
  readonly clock: Pick<Clock, 'unixMs'>
  /** The voices that agents may have. */
  readonly voices: () => readonly Voice[]
  /** The engines in use, and whether each has loaded. */
  readonly engines: () => readonly EngineState[]
  /** Whether new sessions are taken; false once the server is stopping. */
  readonly accepting: () => boolean
  /** An account is gone: what still runs for it is to end. */
  readonly accountRemoved: (accountId: string) => void
  readonly metrics: Pick<Metrics, 'expose' | 'requestRefused'>
  readonly log: FastifyBaseLogger
  /** The OpenAPI document. */
  readonly openapi: object
  /** The folder of the built page; undefined when it was not built. */
  readonly pageDir: string | undefined
}
