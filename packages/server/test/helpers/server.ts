// A server for tests, in the process of the test: real sockets, real storage, scripted engines unless told otherwise.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../dist/config.js'
import { startServer } from '../../dist/server.js'

export interface TestServer {
  readonly url: string
  /** An API key that it accepts. */
  readonly key: string
  /** Its data folder. */
  readonly folder: string
  /** How many sessions are open. */
  sessions(): number
  /** Waits until something holds, for as long as `withinMs`. */
  until(holds: () => boolean, withinMs?: number): Promise<void>
  close(): Promise<void>
}

export const scriptedEngines = {
  PARLEY_VAD: 'scripted',
  PARLEY_STT: 'scripted',
  PARLEY_LLM: 'scripted',
  PARLEY_TTS: 'scripted',
} as const
export const embeddedEngines = {
  PARLEY_VAD: 'silero',
  PARLEY_STT: 'moonshine',
  PARLEY_LLM: 'dialogue',
  PARLEY_TTS: 'flite',
} as const

const KEY = 'test-key-0123456789abcdef'

/**
 * `environment`: settings by the names of their variables, over those of a quiet server on a free port with its own folder.
 * `logTo` is given the lines of its log.
 */
export async function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  logTo?: { write(line: string): void },
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'))
  const { config } = readConfig({
    PORT: '0',
    PARLEY_DATA_DIR: folder,
    PARLEY_API_KEY: KEY,
    LOG_LEVEL: 'silent',
    ...scriptedEngines,
    ...environment,
  })
  const server = await startServer(config, logTo)
  return {
    url: server.url,
    key: KEY,
    folder: config.dataDir,
    sessions: server.sessions,
    async until(holds, withinMs = 5000) {
      for (const end = performance.now() + withinMs; !holds(); ) {
        if (performance.now() > end) throw new Error(`It did not come about within ${withinMs} ms: ${holds}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async close() {
      await server.close('now')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
