// The log: JSON lines for machines, readable lines for a terminal, and no secret in either.
import { type DestinationStream, type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

export type { Logger } from 'pino'

export interface LogOptions {
  readonly level: string
  /** Whether a person reads along; else one JSON object for each line. */
  readonly pretty: boolean
  /** Where to; the standard output without it. */
  readonly destination?: DestinationStream
}

/** Names under which a secret might be handed to the log, at the top of an entry and up to three levels below. */
const secretNames = [
  'authorization',
  'cookie',
  'token',
  'api_key',
  'apiKey',
  'openaiApiKey',
  'databaseUrl',
  'secret',
  'secretKeys',
  'secrets',
  'key',
  'resume_token',
  'resumeToken',
]

const paths = [
  ...['', '*.', '*.*.'].flatMap((below) => secretNames.map((name) => `${below}${name}`)),
  // Headers of requests and of agents, whether they stand by name or in a list.
  ...['', '*.', '*.*.', '*.*.*.'].map((below) => `${below}headers.*`),
]

/** The log of the server. Written without waiting; what is not written yet when the process ends is written then. */
export function createLogger({ level, pretty, destination }: LogOptions): Logger {
  const settings = {
    level,
    base: null,
    redact: { paths, censor: '[secret]' },
    serializers: { err: errorFields, error: errorFields },
  }
  if (pretty)
    return pino(
      settings,
      PinoPretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', ...(destination ? { destination } : {}) }),
    )
  return pino(settings, destination ?? pino.destination({ sync: false }))
}

/**
 * What of an error may be logged. A driver's error also carries the row or the statement that it is about, which may
 * hold what a person wrote; only what its author meant to be read is taken.
 */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
    stack: error.stack,
  }
}
