// What the HTTP interface asks of the rest of the server.
import type { EngineKind } from '@parley/conversation'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.js'
import type { Voice } from '../engines/engine.js'
import type { History } from '../history/history.js'
import type { Guard } from '../net/guard.js'
import type { Metrics } from '../observe/metrics.js'
import type { Phone } from '../phone/phone.js'
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
  readonly config: Pick<Config, 'console' | 'corsOrigins' | 'metrics' | 'privateUrls' | 'publicUrl' | 'strictCompat'>
  readonly store: Pick<
    Store,
    | 'accounts'
    | 'keys'
    | 'agents'
    | 'tokens'
    | 'repeats'
    | 'sessions'
    | 'webhooks'
    | 'deliveries'
    | 'calls'
    | 'phoneNumbers'
    | 'ping'
  >
  /** What is kept of sessions. */
  readonly history: Pick<History, 'artifacts' | 'fileAt' | 'remove'>
  readonly doorkeeper: Doorkeeper
  readonly secrets: SecretBox
  /** Judges the addresses that are to be stored. */
  readonly guard: Pick<Guard, 'checkUrl'>
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
  readonly webhooks: {
    /** Why a webhook may not go to this address, as a sentence; undefined when it may. */
    checkUrl(url: string): Promise<string | undefined>
    /** There is a new delivery to make. */
    nudge(): void
  }
  /** Undefined while no carrier is configured. */
  readonly phone?: Pick<Phone, 'signatures' | 'addressOf' | 'desk' | 'outgoing'> | undefined
  /** The OpenAPI document. */
  readonly openapi: object
  /** The folder of the built page; undefined when it was not built. */
  readonly pageDir: string | undefined
}
