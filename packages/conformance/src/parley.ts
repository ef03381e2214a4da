// The Parley of this checkout as a server to be asked: its command in a process of its own, with a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from './wire/rest.js'

const START_WITHIN_MS = 90_000
const command = fileURLToPath(new URL('../../server/bin/parley.mjs', import.meta.url))

/** The engines that need nothing but the checkout. Their sound is understood by their ears. */
export const embeddedEngines = {
  PARLEY_VAD: 'silero',
  PARLEY_STT: 'moonshine',
  PARLEY_LLM: 'dialogue',
  PARLEY_TTS: 'flite',
} as const

/** Engines that only play at it, at next to no cost: what is heard is always the same. */
export const scriptedEngines = {
  PARLEY_VAD: 'scripted',
  PARLEY_STT: 'scripted',
  PARLEY_LLM: 'scripted',
  PARLEY_TTS: 'scripted',
} as const

export interface Parley {
  readonly url: string
  readonly key: string
  /** A key of a second account; undefined while the server knows no accounts. */
  readonly otherKey: string | undefined
  /** All that it has printed, its log among it. */
  log(): string
  stop(): Promise<void>
}

/** Resolves when every engine has loaded; rejects with what it printed when it does not come to that. */
export async function startParley(environment: Readonly<Record<string, string>> = embeddedEngines): Promise<Parley> {
  const key = randomBytes(24).toString('hex')
  const folder = mkdtempSync(join(tmpdir(), 'parley-conformance-'))
  const child = spawn(process.execPath, ['--max-semi-space-size=64', command, 'serve'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      PARLEY_DATA_DIR: folder,
      PARLEY_API_KEY: key,
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => printed.push(String(part)))
  const stop = async () => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  const end = performance.now() + START_WITHIN_MS
  for (;;) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed.join(''))?.[0]
    const ready = url ? await fetch(`${url}/readyz`).catch(() => undefined) : undefined
    if (url && ready?.ok) return { url, key, otherKey: await secondKey(url, key), log: () => printed.join(''), stop }
    if (child.exitCode !== null || performance.now() > end) {
      await stop()
      throw new Error(`Parley did not start: ${printed.join('').slice(-2000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Makes an account and a key of it, as whoever runs a server does. */
async function secondKey(url: string, key: string): Promise<string | undefined> {
  const post = (path: string, body: Readonly<Record<string, unknown>>) =>
    request(`${url}${path}`, 'POST', key, { body })
  const account = await post('/v1/accounts', { name: 'Conformance' })
  if (account.status !== 201) return undefined
  const made = await post('/v1/keys', { name: 'Conformance', account_id: account.body.id })
  return made.status === 201 ? String(made.body.key) : undefined
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGINT')
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
  })
}
