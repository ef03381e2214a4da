// The composition root: builds everything from the configuration, and stops it in order.
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
import { type Admitting, admittingOf } from './admitting.js'
import type { Config } from './config.js'
import type { EngineContext, EngineInfo, Voice } from './engines/engine.js'
import { loadEngines } from './engines/index.js'
import type { EngineSet, EngineState } from './engines/load.js'
import { agentFinder } from './find-agent.js'
import { History } from './history/history.js'
import { httpApp } from './http/app.js'
import { firstKey } from './http/auth.js'
import { createGuard, type Guard } from './net/guard.js'
import { wrongWith } from './net/url-check.js'
import { createLogger, type Logger, type LogOptions } from './observe/logs.js'
import { createMetrics, type Metrics } from './observe/metrics.js'
import { type Resuming, resumingOf } from './resuming.js'
import { secretBoxOf } from './secret-keys.js'
import type { SecretBox } from './secrets.js'
import { seedGuide } from './seed.js'
import { type Clock, systemClock } from './session/clock.js'
import { Door } from './session/door.js'
import { Lobby } from './session/lobby.js'
import { PacingWheel } from './session/playout.js'
import type { SessionLog } from './session/session.js'
import { Sessions, type Visitor } from './session/sessions.js'
import { storeOf } from './storage/configured.js'
import type { Store } from './storage/store.js'
import { type Telephony, telephonyOf } from './telephony.js'
import { connect } from './transports/connection.js'
import { native } from './transports/native.js'
import { sessionDoor } from './transports/socket.js'
import { type SocketDoor, serveUpgrades } from './transports/upgrades.js'
import { type WebhookService, webhooksOf } from './webhooks/service.js'

const CLOSE_WITHIN_MS = 2_000
const CARRIERS_WITHIN_MS = 2_000
/** Of one answer of an agent's own model. */
const MODEL_ANSWER_BYTES = 16_777_216

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
 * is not to be had; nothing is left running then. `logTo`: where the log goes, as JSON lines; the standard output without it.
 */
export async function startServer(config: Config, logTo?: LogOptions['destination']): Promise<RunningServer> {
  const pretty = logTo === undefined && process.stdout.isTTY === true
  const log = createLogger({ level: config.logLevel, pretty, ...(logTo && { destination: logTo }) })
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
  const guard = createGuard({ allowPrivate: config.privateUrls === 'on', clock })
  closers.push(() => guard.close())
  const engines = loadEngines(config, context, () => clock.now(), guard.fetchFor({ maxBytes: MODEL_ANSWER_BYTES }))
  closers.push(() => engines.close())

  const store = await storeOf(config, (error) => log.warn({ error }, 'A connection to the database was lost.'))
  closers.push(() => store.close())
  const secrets = secretBoxOf(config.secretKeys, config.dataDir)
  const webhooks = webhooksOf(config, { store, secrets, clock, log: sessionLog(log), guard })
  closers.push(() => webhooks.close())
  const { lost } = webhooks
  const history = new History(config, { clock, store, secrets, log, lost, graceMs: config.resumeGraceSeconds * 1000 })
  closers.push(() => history.close())
  await history.start()
  await seedGuide(store.agents, secrets, config.defaultVoice, naiveTime(new Date(clock.unixMs())))

  // until the engine has loaded, the names that everybody may count on
  const voices = () => engines.engines?.tts.voices ?? documentedVoices
  const known = (): Known => ({
    voices: voices().map(({ id }) => id),
    allowPrivateUrls: config.privateUrls === 'on',
    urlProblem: (url) => wrongWith(url, config.privateUrls === 'on'),
  })
  const resuming = resumingOf({ clock, store, secrets, log }, (id) => sessions.takenOver(id))
  closers.push(async () => resuming.keeper.close())
  const telephony = await telephonyOf(config, {
    ...{ store, secrets, guard, metrics, clock, log: sessionLog(log), publish: webhooks.publish },
    refusal: (owner) => sessions.refusal(owner),
  })
  closers.push(async () => telephony?.phone.close())
  const sessions = sessionsOf(config, {
    ...{ clock, engines, store, secrets, guard, history, webhooks, metrics, log, resuming, telephony },
  })
  const admitting = admittingOf(config, {
    ...{ clock, store, resumeTokens: resuming.tokens, lostWith: (hash) => sessions.lostWith(hash) },
  })
  let isStopping = false
  const app = httpApp({
    config,
    store,
    doorkeeper: admitting.doorkeeper,
    secrets,
    guard,
    history,
    clock,
    voices,
    engines: () => engines.states.map(readinessOf),
    accepting: () => !isStopping,
    accountRemoved: (accountId) => sessions.endAllOf(accountId),
    metrics,
    log,
    webhooks,
    phone: telephony?.phone,
    openapi: openApi(),
    pageDir: config.console === 'off' ? undefined : fileURLToPath(new URL('../../console/dist', import.meta.url)),
  })
  closers.push(() => closeWithin(CLOSE_WITHIN_MS, app, clock))
  const door = doorOf(config, { clock, sessions, visitor: admitting.visitor, known, metrics, log })
  closers.push(serveUpgrades(app.server, [door, ...(telephony ? [telephony.door(sessions)] : [])]))
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
      const hasCalls = (telephony?.phone.switchboard.held.length ?? 0) > 0
      await sessions.drain(how === 'drain' ? config.drainSeconds * 1000 : 0)
      // carriers come back once more for each call, and their callers hear what they are told
      if (hasCalls) await pause(clock, CARRIERS_WITHIN_MS)
      await closeAll()
    },
  }
}

interface Parts {
  readonly clock: Clock
  readonly engines: EngineSet
  readonly store: Store
  readonly secrets: SecretBox
  readonly guard: Guard
  readonly history: History
  readonly webhooks: WebhookService
  readonly metrics: Metrics
  readonly log: Logger
  readonly resuming: Resuming
  readonly telephony: Telephony | undefined
}

function sessionsOf(config: Config, parts: Parts): Sessions {
  const { clock, engines, store, secrets, guard, history, webhooks, metrics, log, resuming, telephony } = parts
  return new Sessions(
    {
      clock,
      wheel: new PacingWheel(clock),
      engines,
      findAgent: agentFinder({ store, secrets, guard, clock, metrics, log }),
      log: (session) => sessionLog(log, session),
      measured: (times) => {
        const { speechEnded, firstSent, interrupted } = times
        if (interrupted) metrics.bargeIn()
        if (speechEnded !== undefined && firstSent !== undefined) metrics.replied(firstSent - speechEnded)
        log.info(times, 'reply')
      },
      failed: (kind) => metrics.engineFailed(kind),
      observe: (session) => [
        history.observe(session),
        webhooks.observe(session),
        ...(telephony ? [telephony.observe(session)] : []),
      ],
      keeper: resuming.keeper,
      resumeToken: (id) => resuming.tokens.issue(id),
      opened: () => metrics.sessionOpened(),
      ended: (reason) => metrics.sessionEnded(reason),
    },
    {
      most: config.maxSessions,
      mostPerAccount: config.maxSessionsPerAccount || Number.POSITIVE_INFINITY,
      cap: config.sessionCapSeconds * 1000,
      firstMessageWithin: config.firstMessageSeconds * 1000,
      grace: config.resumeGraceSeconds * 1000,
      idleAfter: config.idleSeconds === 0 ? undefined : config.idleSeconds * 1000,
      defaultVoice: config.defaultVoice,
      ...(config.apology !== undefined && { apology: config.apology }),
    },
  )
}

interface Doors extends Pick<Parts, 'clock' | 'metrics' | 'log'> {
  readonly sessions: Sessions
  readonly visitor: Admitting['visitor']
  readonly known: () => Known
}

/** Lets clients of the protocol in over WebSocket. */
function doorOf(config: Config, { clock, sessions, visitor, known, metrics, log }: Doors): SocketDoor {
  const refused = (code: string) => metrics.sessionRefused(code)
  const firstMessageWithin = config.firstMessageSeconds * 1000
  const lobby = new Lobby(config.maxSessions)
  const ports = { clock, sessions, known, firstMessageWithin, lobby, refused, log: sessionLog(log) }
  return sessionDoor<Visitor>({
    clock,
    paths: new Set([socketPath]),
    authenticate: visitor,
    refused,
    log: (level, message, fields) => log[level](fields ?? {}, message),
    accept(socket, visitor) {
      connect(socket, {
        clock,
        transport: native(),
        log: ports.log,
        traffic: metrics.traffic,
        defaultEncoding: defaultFormat.encoding,
        pingEveryMs: config.pingSeconds * 1000,
        open: (line) => new Door(ports, line, visitor),
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

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.wake(clock.now() + ms, resolve))

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
