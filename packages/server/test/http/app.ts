// The HTTP interface as the server builds it, on an embedded store, with the log kept for inspection.
import { randomBytes } from 'node:crypto'
import { voices } from '@parley/protocol'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { type Config, readConfig } from '../../dist/config.js'
import { History } from '../../dist/history/history.js'
import { httpApp } from '../../dist/http/app.js'
import { authenticator } from '../../dist/http/auth.js'
import { type Doorkeeper, doorkeeperOf } from '../../dist/http/doorkeeper.js'
import type { HttpPorts } from '../../dist/http/ports.js'
import { createGuard } from '../../dist/net/guard.js'
import { createLogger } from '../../dist/observe/logs.js'
import { createMetrics } from '../../dist/observe/metrics.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import type { Store } from '../../dist/storage/store.js'

export const apiKey = 'a-key-that-the-tests-use-0123456789'

/** A door that lets in everybody as whom the header names, with every right in their account. */
export const openDoor: Doorkeeper = {
  request: async ({ headers }) => ({
    ...{ ok: true, via: 'key', keyId: undefined, maxSessions: undefined, scopes: ['admin'] },
    accountId: headers.authorization ?? '',
  }),
  connection: async () => ({ ok: false, reason: 'wrong' }),
  gaveOut() {},
  wait: () => 0,
}

export interface TestApp {
  readonly app: FastifyInstance
  readonly clock: VirtualClock
  readonly doorkeeper: Doorkeeper
  readonly history: History
  readonly config: Config
  readonly secrets: SecretBox
  /** Everything that was logged, at the most talkative level. */
  readonly logged: () => string
  /** A request with the key. */
  send(
    method: InjectOptions['method'] & string,
    url: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The body, when it is JSON. */
  // Tests reach into answers of every shape; a wrong shape fails the test that does.
  readonly body: ReturnType<typeof JSON.parse>
}

export const answerOf = (response: { statusCode: number; headers: object; payload: string }): Answer => ({
  status: response.statusCode,
  headers: { ...response.headers },
  text: response.payload,
  body: response.payload.startsWith('{') || response.payload.startsWith('[') ? JSON.parse(response.payload) : undefined,
})

/** Names under `example` are public, but for those that a test gives to nobody or to the inside. */
const resolver = async (host: string): Promise<readonly string[]> => {
  if (host === 'nowhere.example') throw Object.assign(new Error('There is no such name.'), { code: 'ENOTFOUND' })
  return [host === 'inside.example' ? '10.0.0.7' : '93.184.216.34']
}

export function testApp(
  store: Store,
  environment: Readonly<Record<string, string>> = {},
  ports: Partial<HttpPorts> = {},
): TestApp {
  const { config } = readConfig({ PARLEY_API_KEY: apiKey, ...environment })
  const secrets = new SecretBox(config.secretKeys?.[0] ?? randomBytes(32))
  const clock = new VirtualClock()
  const doorkeeper = doorkeeperOf(
    config,
    clock,
    authenticator({ store, apiKey: config.apiKey, tokenReuse: config.tokenReuse }),
  )
  const lines: string[] = []
  const log = createLogger({ level: 'trace', pretty: false, destination: { write: (line) => void lines.push(line) } })
  const history = new History(config, { clock, store, secrets, log, graceMs: 0, lost: () => {} })
  const app = httpApp({
    config,
    store,
    doorkeeper,
    secrets,
    guard: createGuard({ allowPrivate: config.privateUrls === 'on', resolver }),
    history,
    clock,
    voices: () =>
      voices.map(({ name, language, accent }) => ({
        id: name,
        language,
        description: accent,
        sample: `I am ${name}.`,
      })),
    engines: () => [],
    accepting: () => true,
    accountRemoved: () => {},
    metrics: createMetrics(),
    log,
    webhooks: { checkUrl: async () => undefined, nudge: () => {} },
    openapi: { openapi: '3.1.0' },
    pageDir: undefined,
    ...ports,
  })
  return {
    app,
    clock,
    doorkeeper,
    history,
    config,
    secrets,
    logged: () => lines.join(''),
    send: async (method, url, body, headers = {}) =>
      answerOf(
        await app.inject({
          method: method as 'GET', // one of the methods that inject knows; tests give it literally
          url,
          headers: { authorization: apiKey, ...headers },
          ...(body === undefined ? {} : { payload: body }),
        }),
      ),
  }
}
