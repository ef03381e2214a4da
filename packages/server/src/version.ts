// The version of the server, and how it names itself to others.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))

/** The `User-Agent` of requests that the server makes for an agent. */
export const userAgent = `Parley/${version}`
