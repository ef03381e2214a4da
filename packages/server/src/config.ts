// The settings of the server: declared once, read from the environment in one place, checked before anything starts.
import { limits } from '@parley/protocol'
import { historyProblems, historySettings } from './config/history-settings.js'
import { misspelled } from './config/misspelled.js'
import { phoneProblems, phoneSettings } from './config/phone-settings.js'
import {
  choice,
  dependentChoice,
  jsonObject,
  optionalText,
  optionalUrl,
  origins,
  proxies,
  type Setting,
  secretKeys,
  secretText,
  text,
  type ValueOf,
  wholeNumber,
} from './config/setting.js'

const engine = (kind: string, name: string, more = '') =>
  text({
    name,
    default: 'auto',
    description: `The engine for ${kind}, by name. \`auto\` takes the best one that is configured.${more} \`parley doctor\` lists them.`,
  })

const engineOptions = (kind: string, name: string, more = '') =>
  jsonObject({
    name,
    description: `Options of the engine for ${kind}, as JSON; \`docs/engines.md\` lists them for each engine.${more}`,
  })

/** Kinds of which one engine can stand in for another. */
const CHAIN = ' Several, as in `first,second`, are a chain: whenever one fails, the next goes on from there.'
const CHAIN_OPTIONS = ' Those of a chain stand under the names of its engines, as in `{"first":{},"second":{}}`.'

/** Every setting, in the order in which a person wants to read about them. */
export const settings = {
  host: text({
    name: 'HOST',
    default: '127.0.0.1',
    description: 'The address to listen on. `0.0.0.0` or `::` is every network that the machine is part of.',
  }),
  port: wholeNumber({
    name: 'PORT',
    default: 8080,
    least: 0,
    most: 65_535,
    description: 'The TCP port to listen on. `0` takes a free one and says which.',
  }),
  dataDir: text({
    name: 'PARLEY_DATA_DIR',
    default: '.parley',
    description: 'The folder for the embedded database, the secret key and downloaded or compiled models.',
  }),
  databaseUrl: optionalUrl({
    name: 'DATABASE_URL',
    protocols: ['postgres:', 'postgresql:'],
    example: 'postgresql://user:password@host:5432/parley',
    secret: true,
    description:
      'The PostgreSQL database to use (14 or newer). Without it an embedded one is kept in the data folder: it survives a crash of the server, and is meant for one server process.',
  }),
  databaseTimeoutSeconds: wholeNumber({
    name: 'PARLEY_DATABASE_TIMEOUT_SECONDS',
    default: 10,
    least: 1,
    most: 600,
    unit: 'seconds',
    description:
      'How long the database of `DATABASE_URL` may take to answer. After that its connection is given up, and whoever has asked is answered with 503. Changes of the form of the database, which a new version may make as it starts, have no limit.',
  }),
  apiKey: secretText({
    name: 'PARLEY_API_KEY',
    least: 16,
    description:
      'An API key that the server accepts. It is never written down. Without it, one key is made at the first start, shown once, and kept only as a hash.',
  }),
  secretKeys: secretKeys({
    name: 'PARLEY_SECRET_KEY',
    shownDefault: 'a key file made in the data folder',
    description:
      'The key that encrypts stored secrets (headers of tools, keys of models). Servers that share a database need the same one. While keys are changed there are several, the newest first; `docs/secrets.md` tells how.',
  }),
  logLevel: choice({
    name: 'LOG_LEVEL',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    description: 'The least severe entries that are logged. Logs never hold what was said, nor secrets.',
  }),
  vad: engine('voice activity', 'PARLEY_VAD'),
  vadOptions: engineOptions('voice activity', 'PARLEY_VAD_OPTIONS'),
  stt: engine('speech recognition', 'PARLEY_STT', CHAIN),
  sttOptions: engineOptions('speech recognition', 'PARLEY_STT_OPTIONS', CHAIN_OPTIONS),
  turn: engine('predicting the end of a turn', 'PARLEY_TURN', ' `none` judges by silence and words alone.'),
  turnOptions: engineOptions('predicting the end of a turn', 'PARLEY_TURN_OPTIONS'),
  llm: engine('the words of replies', 'PARLEY_LLM', CHAIN),
  llmOptions: engineOptions('the words of replies', 'PARLEY_LLM_OPTIONS', CHAIN_OPTIONS),
  tts: engine('speech synthesis', 'PARLEY_TTS', CHAIN),
  ttsOptions: engineOptions('speech synthesis', 'PARLEY_TTS_OPTIONS', CHAIN_OPTIONS),
  openaiApiKey: secretText({
    name: 'OPENAI_API_KEY',
    least: 1,
    description: 'The key for the language model at `OPENAI_BASE_URL`.',
  }),
  openaiBaseUrl: optionalUrl({
    name: 'OPENAI_BASE_URL',
    protocols: ['http:', 'https:'],
    example: 'http://127.0.0.1:11434/v1',
    description:
      'Where an OpenAI-compatible language model answers (Ollama, llama.cpp, vLLM, a provider). With only `OPENAI_API_KEY` set it is the address of OpenAI.',
  }),
  llmModel: optionalText({
    name: 'PARLEY_LLM_MODEL',
    description: 'The name of the language model to ask for.',
  }),
  defaultVoice: text({
    name: 'PARLEY_DEFAULT_VOICE',
    default: 'alba',
    description: 'The voice of a session that names none.',
  }),
  apology: optionalText({
    name: 'PARLEY_APOLOGY',
    description:
      'What an agent says when its language model or its recogniser fails, in the language of your callers. Not set, it is a sentence in English.',
  }),
  maxSessions: wholeNumber({
    name: 'PARLEY_MAX_SESSIONS',
    default: 100,
    least: 1,
    most: 100_000,
    unit: 'sessions',
    description: 'How many sessions may run at once. Further ones are refused with `at_capacity`.',
  }),
  maxSessionsPerAccount: wholeNumber({
    name: 'PARLEY_MAX_SESSIONS_PER_ACCOUNT',
    default: 0,
    least: 0,
    most: 100_000,
    unit: 'sessions',
    description:
      'How many sessions one account may run at once; `0` sets no limit. Further ones are refused with `concurrency_exceeded`. A key may have a limit of its own, which is set when it is made.',
  }),
  sessionCapSeconds: wholeNumber({
    name: 'PARLEY_SESSION_CAP_SECONDS',
    default: 10_800,
    least: 60,
    most: 10_800,
    unit: 'seconds',
    description: 'The longest that a session may last. A token may set a shorter limit for its own session.',
  }),
  firstMessageSeconds: wholeNumber({
    name: 'PARLEY_FIRST_MESSAGE_SECONDS',
    default: 30,
    least: 1,
    most: 600,
    unit: 'seconds',
    description: 'How long a connection may stay silent before its first message.',
  }),
  resumeGraceSeconds: wholeNumber({
    name: 'PARLEY_RESUME_GRACE_SECONDS',
    default: limits.resumeSeconds,
    least: 0,
    most: 600,
    unit: 'seconds',
    description:
      'How long a session outlives its lost connection, or the server, and can be resumed. `0`: it ends with its connection, and nothing is stored for it.',
  }),
  pingSeconds: wholeNumber({
    name: 'PARLEY_PING_SECONDS',
    default: 20,
    least: 1,
    most: 600,
    unit: 'seconds',
    description:
      'How often the client of each connection is pinged. One from which nothing came since the ping before is taken to be gone.',
  }),
  idleSeconds: wholeNumber({
    name: 'PARLEY_IDLE_SECONDS',
    default: 0,
    least: 0,
    most: 10_800,
    unit: 'seconds',
    description:
      'After how long a silence a session ends: the user says nothing, the agent says nothing, no tool runs, and the client sends no event but sound. `0`: never.',
  }),
  drainSeconds: wholeNumber({
    name: 'PARLEY_DRAIN_SECONDS',
    default: 20,
    least: 0,
    most: 3600,
    unit: 'seconds',
    description: 'How long running sessions may go on after SIGTERM before they are ended.',
  }),
  webhookLogDays: wholeNumber({
    name: 'PARLEY_WEBHOOK_LOG_DAYS',
    default: 30,
    least: 1,
    most: 3650,
    unit: 'days',
    description: 'How long the log of webhook deliveries is kept.',
  }),
  tokenReuse: choice({
    name: 'PARLEY_TOKEN_REUSE',
    choices: ['refuse', 'allow'],
    default: 'refuse',
    description: 'Whether one temporary token may open several sessions until it expires.',
  }),
  rateLimit: wholeNumber({
    name: 'PARLEY_RATE_LIMIT',
    default: 20_000,
    least: 0,
    most: 100_000_000,
    unit: 'requests in 5 minutes',
    description:
      'How many REST requests an account may make, and an address that shows no key. More are refused with 429 and `Retry-After`. `0` sets no limit. Each server counts for itself.',
  }),
  authFailures: wholeNumber({
    name: 'PARLEY_AUTH_FAILURES',
    default: 60,
    least: 0,
    most: 1_000_000,
    unit: 'attempts in a minute',
    description:
      'How many wrong API keys or tokens one address (of IPv6: one network of 64 bits) may try. After that, only credentials that have been good before are accepted from it, until a minute has calmed it down. `0` sets no limit.',
  }),
  trustProxy: proxies({
    name: 'PARLEY_TRUST_PROXY',
    description:
      'The proxies in front of this server, whose `X-Forwarded-For` is believed: limits for an address then count for the one behind them. Without it, all who come through a proxy share its address.',
  }),
  strictCompat: choice({
    name: 'PARLEY_STRICT_COMPAT',
    choices: ['off', 'on'],
    default: 'off',
    description:
      'Whether to copy oddities of the original service that its documentation contradicts: a wrong key on `/v1/token` is then answered with 404 in place of 401.',
  }),
  corsOrigins: origins({
    name: 'PARLEY_CORS_ORIGINS',
    description: 'The origins whose pages may call the REST API from a browser.',
  }),
  console: dependentChoice({
    name: 'PARLEY_CONSOLE',
    choices: ['keyless', 'key', 'off'],
    shownDefault: '`keyless` while `HOST` is a loopback address, else `key`',
    description:
      'The page at `/`. `keyless`: a browser on this machine needs no API key, which holds only while `HOST` is a loopback address; choose `key` when a proxy passes requests on to this server. `key`: the page asks for an API key. `off`: no page.',
  }),
  privateUrls: dependentChoice({
    name: 'PARLEY_ALLOW_PRIVATE_URLS',
    choices: ['on', 'off'],
    shownDefault: '`on` while `HOST` is a loopback address, else `off`',
    description:
      "Whether agents may name models, tools and servers of tools at private addresses and over plain http. Off, URLs must be https and must not lead into the server's own network, which is checked when they are stored and again at each connection. Addresses from which a cloud gives out the credentials of its machines are refused either way.",
  }),
  metrics: dependentChoice({
    name: 'PARLEY_METRICS',
    choices: ['open', 'key', 'off'],
    shownDefault: '`open` while `HOST` is a loopback address, else `key`',
    description: 'Who may read `/metrics` (Prometheus): everybody, those who have an API key, or nobody.',
  }),
  ...historySettings,
  ...phoneSettings,
} as const

type Read = { readonly [Key in keyof typeof settings]: ValueOf<(typeof settings)[Key]> }
type Dependent = 'console' | 'privateUrls' | 'metrics'

/** The settings in force. */
export type Config = Omit<Read, Dependent> & { readonly [Key in Dependent]: NonNullable<Read[Key]> }

/** Some variables hold what they may not; the message names each and says what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the settings from the environment. A variable that is empty counts as not set.
 * `warnings` are sentences about variables that were not understood, or that are unwise.
 * Throws a `ConfigError` that lists everything that is wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): {
  readonly config: Config
  readonly warnings: readonly string[]
} {
  const problems: string[] = []
  const entries = Object.entries(settings).map(([key, setting]) => {
    const given = environment[setting.name]?.trim()
    if (!given) return [key, setting.default]
    const value = setting.parse(given)
    if (value === undefined) problems.push(problemWith(setting, given))
    return [key, value ?? setting.default]
  })
  // Each entry comes from `settings`, whose keys and value types `Read` is made of; one that is
  // not allowed is a problem, which is thrown below with all others.
  const read = Object.fromEntries(entries) as Read
  const local = isLoopback(read.host)
  if (read.console === 'keyless' && !local)
    problems.push(
      `PARLEY_CONSOLE cannot be keyless while HOST is ${read.host}, which other machines can reach. Use PARLEY_CONSOLE=key.`,
    )
  problems.push(...historyProblems(read), ...phoneProblems(read))
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
  return {
    config: {
      ...read,
      console: read.console ?? (local ? 'keyless' : 'key'),
      privateUrls: read.privateUrls ?? (local ? 'on' : 'off'),
      metrics: read.metrics ?? (local ? 'open' : 'key'),
    },
    warnings: [
      ...misspelled(
        environment,
        Object.values(settings).map(({ name }) => name),
      ),
      ...weakKey(read.apiKey),
    ],
  }
}

/** Whether `host` is a name or an address by which only this machine can be reached. Brackets of IPv6 are allowed. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i.test(host)

const problemWith = (setting: Setting<unknown>, given: string): string =>
  `${setting.name}${setting.secret ? '' : ` is "${given.slice(0, 80)}", which`} is not allowed. It must be ${setting.allowed}.`

function weakKey(key: string | undefined): string[] {
  if (!key || (key.length >= 24 && new Set(key).size >= 10)) return []
  return [
    'PARLEY_API_KEY is easy to guess. Use 24 random characters or more, for instance from `openssl rand -hex 24`.',
  ]
}
