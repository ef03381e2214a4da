// An empty database, made once when the server is built, so that the first start copies files in place of making them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** Where the template of the installed PGlite lies, whether or not it was made. */
export function templateFolder(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'))
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')))
  return join(fileURLToPath(new URL('../database-template', import.meta.url)), version)
}

/** The template; undefined where none was made. */
export function template(): string | undefined {
  const folder = templateFolder()
  return existsSync(folder) ? folder : undefined
}
