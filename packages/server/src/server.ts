// The composition root: builds everything from the configuration, and stops it in order.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import {
  defaultFormat,
  voices as documented,
  invalidVoice,
  type Known,
  naiveTime,
  sampleText,
  socketPath,
} from '@parley/protocol'
import { openApi } from '@parley/protocol/documents'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.js'
import type { EngineContext, EngineInfo, Voice } from './engines/engine.js'
import { loadEngines } from './engines/index.js'
import type { EngineSet, EngineState } from './engines/load.js'
import { sessionConfigOf } from './http/agent-view.js'
import { httpApp } from './http/app.js'
import { authenticator, firstKey } from './http/auth.js'
import { authenticationFailure, type Doorkeeper, doorkeeperOf } from './http/doorkeeper.js'
import { createLogger, type Logger } from './observe/logs.js'
import { createMetrics, type Metrics } from './observe/metrics.js'
import { SecretBox, secretKeyFrom } from './secrets.js'
import { seedGuide } from './seed.js'
import { type Clock, systemClock } from './session/clock.js'
import { PacingWheel } from './session/playout.js'
import type { SessionLog, StoredAgent } from './session/session.js'
import { type Peer, Sessions } from './session/sessions.js'
import { openStore } from './storage/open.js'
import type { Store } from './storage/store.js'
import { connect } from './transports/connection.js'
import { native } from './transports/native.js'
import { serveSockets } from './transports/socket.js'

const CLOSE_WITHIN_MS = 2_000

export interface RunningServer {
  readonly url: string
  readonly engines: readonly EngineInfo[]
  /** The API key, when this start made one. It is shown once and kept only as a hash. */
  readonly apiKey?: string
  /** How many sessions are open. */
  readonly sessions: () => number
  /** `drain`: running sessions may go on for the configured time; `now`: they are ended in good order at once. */
  close(how: 'drain' | 'now'): Promise<void>
}

/**
 * Starts a server and resolves when it listens and every engine has loaded. While they load, it answers `/healthz`, and
 * `/readyz` tells how far it is. Rejects with a sentence that says what to do when the store, an engine or the address
 * is not to be had; nothing is left running then.
 */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = createLogger({ level: config.logLevel, pretty: process.stdout.isTTY === true })
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closer of closers.reverse())
      await closer().catch((error) => log.error({ error }, 'Something did not close in order.'))
    closers.length = 0
    log.flush()
  }
  try {
    return await compose(config, log, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function compose(
  config: Config,
  log: Logger,
  closers: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<RunningServer> {
  const clock = systemClock()
  const metrics = createMetrics()
  const context: EngineContext = {
    dataDir: config.dataDir,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  }
  const engines = loadEngines(config, context, () => clock.now())
  closers.push(() => engines.close())

  const store = await storeOf(config, log)
  closers.push(() => store.close())
  const secrets = new SecretBox(secretKeyFrom(config.secretKey, config.dataDir))
  await seedGuide(store.agents, secrets, config.defaultVoice, naiveTime(new Date(clock.unixMs())))
  const door = doorkeeperOf(
    config,
    clock,
    authenticator({ store, apiKey: config.apiKey, tokenReuse: config.tokenReuse }),
  )

  // until the engine has loaded, the names that everybody may count on
  const voices = () => engines.engines?.tts.voices ?? documentedVoices
  const known = (): Known => ({
    voices: voices().map(({ id }) => id),
    allowPrivateUrls: config.privateUrls === 'on',
  })
  const sessions = sessionsOf(config, { clock, engines, store, secrets, metrics, log })
  let isStopping = false
  const app = httpApp({
    config,
    store,
    doorkeeper: door,
    secrets,
    clock,
    voices,
    engines: () => engines.states.map(readinessOf),
    accepting: () => !isStopping,
    accountRemoved: (accountId) => sessions.endAllOf(accountId),
    metrics,
    log,
    openapi: openApi(),
    pageDir: config.console === 'off' ? undefined : fileURLToPath(new URL('../../console/dist', import.meta.url)),
  })
  closers.push(() => closeWithin(CLOSE_WITHIN_MS, app, clock))
  closers.push(serveSessions(app.server, { clock, sessions, door, known, metrics, log }))
  await listen(app, config)
  await engines.loaded
  requireVoice(config.defaultVoice, voices())
  // last, so that a start that fails does not keep a key that nobody was shown
  const apiKey = config.apiKey === undefined ? await firstKey(store.keys) : undefined

  return {
    url: addressOf(config.host, app.server.address()),
    engines: engines.states.flatMap((state) => (state.state === 'ready' ? [state.info] : [])),
    ...(apiKey !== undefined && { apiKey }),
    sessions: () => sessions.size,
    async close(how) {
      isStopping = true
      await sessions.drain(how === 'drain' ? config.drainSeconds * 1000 : 0)
      await closeAll()
    },
  }
}

interface Parts {
  readonly clock: Clock
  readonly engines: EngineSet
  readonly store: Store
  readonly secrets: SecretBox
  readonly metrics: Metrics
  readonly log: Logger
}

function sessionsOf(config: Config, { clock, engines, store, secrets, metrics, log }: Parts): Sessions {
  return new Sessions(
    {
      clock,
      wheel: new PacingWheel(clock),
      engines,
      findAgent: (accountId, id) => findAgent(store, secrets, accountId, id),
      log: (session) => sessionLog(log, session),
      measured: (times) => {
        const { speechEnded, firstSent, interrupted } = times
        if (interrupted) metrics.bargeIn()
        if (speechEnded !== undefined && firstSent !== undefined) metrics.replied(firstSent - speechEnded)
        log.info(times, 'reply')
      },
      failed: (kind) => metrics.engineFailed(kind),
      observe: () => [],
      opened: () => metrics.sessionOpened(),
      ended: (reason) => metrics.sessionEnded(reason),
    },
    {
      most: config.maxSessions,
      mostPerAccount: config.maxSessionsPerAccount || Number.POSITIVE_INFINITY,
      cap: config.sessionCapSeconds * 1000,
      firstMessageWithin: config.firstMessageSeconds * 1000,
      idleAfter: config.idleSeconds === 0 ? undefined : config.idleSeconds * 1000,
      defaultVoice: config.defaultVoice,
    },
  )
}

interface Doors extends Pick<Parts, 'clock' | 'metrics' | 'log'> {
  readonly sessions: Sessions
  readonly door: Doorkeeper
  readonly known: () => Known
}

/** Lets sessions in over WebSocket. Returns what closes the door. */
function serveSessions(server: Server, { clock, sessions, door, known, metrics, log }: Doors) {
  return serveSockets<Peer>(server, {
    clock,
    paths: new Set([socketPath]),
    async authenticate(request, token) {
      const found = await door.connection(request, token)
      if (!found.ok) return authenticationFailure(found)
      const cap = found.via === 'token' ? found.sessionCapSeconds : undefined
      const { accountId, keyId, maxSessions } = found
      return { accountId, keyId, maxSessions, cap: cap === undefined ? undefined : cap * 1000 }
    },
    refusal: (peer) => sessions.refusal(peer),
    refused: (code) => metrics.sessionRefused(code),
    log: (level, message, fields) => log[level](fields ?? {}, message),
    accept(socket, peer) {
      connect(socket, {
        clock,
        transport: native(),
        log: sessionLog(log),
        traffic: metrics.traffic,
        known,
        defaultEncoding: defaultFormat.encoding,
        open: (line) => sessions.open(line, peer),
        begin(session) {
          const refusal = sessions.begin(session)
          if (refusal) metrics.sessionRefused(refusal.code)
          return refusal
        },
      })
    },
  })
}

function requireVoice(name: string, voices: readonly Voice[]): void {
  if (voices.some(({ id }) => id === name)) return
  throw new Error(
    `PARLEY_DEFAULT_VOICE is "${name}", which the speech engine does not have. ${invalidVoice(
      name,
      voices.map(({ id }) => id),
    )}`,
  )
}

/** Requests may finish for `within` ms. A browser also opens connections beforehand, which would hold the server's end up. */
async function closeWithin(within: number, app: FastifyInstance, clock: Clock): Promise<void> {
  const cancel = clock.wake(clock.now() + within, () => app.server.closeAllConnections())
  await app.close().finally(cancel)
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    const advice = listenAdvice[cause.code ?? '']
    throw advice ? new Error(`The server cannot listen at ${host}, port ${port}: ${advice}`, { cause }) : cause
  })
}

const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does. Stop that one, or choose another port with PORT (0 takes a free one).',
  EACCES: 'the system does not allow it. Choose a port above 1023 with PORT.',
  EADDRNOTAVAIL: 'the address is none of this machine. Choose another with HOST.',
  ENOTFOUND: 'there is no such name. Choose another address with HOST.',
}

async function storeOf({ databaseUrl, dataDir }: Config, log: Logger): Promise<Store> {
  const place = databaseUrl ? { url: databaseUrl } : { dataDir }
  const opening = openStore(place, (error) => log.warn({ error }, 'A connection to the database was lost.'))
  return opening.catch((cause: NodeJS.ErrnoException) => {
    if (databaseUrl === undefined || cause.code === undefined) throw cause
    // the driver's message may be empty, and never says which setting is meant
    const why = cause.message || cause.code
    const advice = 'Start the database, correct DATABASE_URL, or leave it out to use the embedded one.'
    throw new Error(`The database at ${new URL(databaseUrl).host} cannot be used: ${why}. ${advice}`, { cause })
  })
}

async function findAgent(
  store: Store,
  secrets: SecretBox,
  accountId: string,
  id: string,
): Promise<StoredAgent | undefined> {
  const agent = await store.agents.find(accountId, id)
  if (!agent) return undefined
  const { config, llm } = sessionConfigOf(agent, secrets)
  return { config, ...(llm && { endpoint: llm }) }
}

const documentedVoices: readonly Voice[] = documented.map(({ name, language, accent }) => ({
  id: name,
  language,
  description: accent,
  sample: sampleText(language),
}))

const readinessOf = (engine: EngineState) => ({
  kind: engine.kind,
  name: engine.name,
  ready: engine.state === 'ready',
  description:
    engine.state === 'ready' ? engine.info.description : engine.state === 'failed' ? engine.message : 'loading',
})

const sessionLog =
  (log: Logger, session?: string): SessionLog =>
  (level, message, fields) =>
    log[level](session === undefined ? (fields ?? {}) : { session, ...fields }, message)

/** The address as a person types it: a server that listens on every network is reached by the loopback one, too. */
function addressOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' ? address?.port : undefined
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
