// The store that the settings name.
import type { Config } from '../config.js'
import { type OpenOptions, openStore } from './open.js'
import { DatabaseAwayError } from './patience.js'
import type { Store } from './store.js'

/** As `openStore`; where a database server cannot be reached, with a sentence that names the setting. */
export function storeOf(
  { databaseUrl, dataDir, databaseTimeoutSeconds }: Pick<Config, 'databaseUrl' | 'dataDir' | 'databaseTimeoutSeconds'>,
  onConnectionLost: NonNullable<OpenOptions['onConnectionLost']> = () => {},
): Promise<Store> {
  const place = databaseUrl ? { url: databaseUrl } : { dataDir }
  const options = { onConnectionLost, answerWithinMs: databaseTimeoutSeconds * 1000 }
  return openStore(place, options).catch((cause: NodeJS.ErrnoException) => {
    if (databaseUrl === undefined || (cause.code === undefined && !(cause instanceof DatabaseAwayError))) throw cause
    // the driver's message may be empty, and never says which setting is meant
    const why = cause.message || cause.code
    const advice = 'Start the database, correct DATABASE_URL, or leave it out to use the embedded one.'
    throw new Error(`The database at ${new URL(databaseUrl).host} cannot be used: ${why}. ${advice}`, { cause })
  })
}
