// A database with nothing in it but its tables, made once when the server is built: copying it takes less than making it.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export interface Template {
  /** To be copied as it is. */
  readonly folder: string
  /** The same as a tar archive, compressed, to be unpacked in memory. */
  readonly archive: string
}

/** Where the template of the installed PGlite and of the present form of the tables lies, whether or not it was made. */
export function templatePlace(): Template {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')))
  const migrations = readFileSync(new URL('./migrations.js', import.meta.url))
  const form = createHash('sha256').update(migrations).digest('hex').slice(0, 12)
  const place = join(fileURLToPath(new URL('../database-template', import.meta.url)), `${version}-${form}`)
  return { folder: join(place, 'database'), archive: join(place, 'database.tar.gz') }
}

/** The template; undefined where none was made. */
export function template(): Template | undefined {
  const place = templatePlace()
  return existsSync(place.folder) ? place : undefined
}
