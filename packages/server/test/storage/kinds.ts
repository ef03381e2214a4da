// The kinds of store that there are, for tests that hold for all of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Place } from '../../dist/storage/open.js'
import { startPostgres } from './postgres.js'

export interface Prepared {
  readonly place: Place
  readonly clean: () => Promise<void>
}

/** Each gives an empty place, or the reason why there is none. */
export const kinds: Readonly<Record<string, () => Promise<Prepared | string>>> = {
  'in memory': async () => ({ place: 'memory', clean: async () => {} }),
  'in a folder': async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-store-'))
    return { place: { dataDir }, clean: async () => rmSync(dataDir, { recursive: true, force: true }) }
  },
  'on a PostgreSQL server': async () => {
    const server = await startPostgres()
    if (typeof server === 'string') return server
    return { place: { url: await server.createDatabase() }, clean: () => server.stop() }
  },
}
