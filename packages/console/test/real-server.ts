// A whole Parley server for end-to-end tests: the one that PARLEY_TEST_URL names, or one started for the purpose.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect, type Rest, rest } from '@parley/client'
import { WebSocket } from 'ws'
import { Resampler } from '../../client/dist/resampler.js'
import { SAMPLE_RATE_HZ } from './browser.js'

const program = fileURLToPath(new URL('../../server/dist/cli.js', import.meta.url))
const START_MS = 120_000
const ASK_AGAIN_MS = 250

export const noServer: string | undefined =
  process.env.PARLEY_TEST_URL || existsSync(program) ? undefined : 'the server is not built; run npm run build'

export interface RealServer {
  readonly url: string
  readonly key: string
  readonly rest: Rest
  /** `text` as the server itself says it, at 48 kHz: speech for a microphone without a recording. */
  speech(text: string): Promise<Int16Array>
  stop(): Promise<void>
}

/** PARLEY_TEST_URL goes with PARLEY_API_KEY, a key of that server. */
export async function realServer(): Promise<RealServer> {
  const given = process.env.PARLEY_TEST_URL
  const key = (given && process.env.PARLEY_API_KEY) || 'end-to-end-test-key'
  const started = given ? { url: given.replace(/\/$/, ''), stop: async () => {} } : await startProgram(key)
  return { ...started, key, rest: rest({ url: started.url, key }), speech: (text) => speech(started.url, key, text) }
}

/** Rejects when the program gives up; it says why on its error output, which is that of the test. */
async function startProgram(key: string): Promise<Pick<RealServer, 'url' | 'stop'>> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-'))
  const port = await freePort()
  const environment = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' }
  const server = spawn(process.execPath, [program, 'serve'], {
    env: { ...environment, PARLEY_DATA_DIR: folder, PARLEY_API_KEY: key },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = new AbortController()
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  void ended.then(() => gone.abort(new Error('the server ended before it was ready')))
  const stop = async () => {
    server.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  try {
    await untilReady(url, gone.signal)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}

async function untilReady(url: string, gone: AbortSignal): Promise<void> {
  const until = performance.now() + START_MS
  while (performance.now() < until) {
    gone.throwIfAborted()
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return
    await pause(ASK_AGAIN_MS)
  }
  throw new Error(`${url}/readyz was not ready within ${START_MS / 1000} s`)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function speech(url: string, key: string, text: string): Promise<Int16Array> {
  const session = connect({ url, key, session: { greeting: text, output: { voice: 'michael' } }, WebSocket })
  const resampler = new Resampler(24_000, SAMPLE_RATE_HZ)
  const samples: number[] = []
  const take = (piece: Float32Array) => {
    for (const sample of piece) samples.push(Math.round(sample * 0x7fff))
  }
  session.on('audio', (audio) => take(resampler.process(Float32Array.from(audio.samples, (each) => each / 0x8000))))
  const said = new Promise<void>((resolve, reject) => {
    session.on('reply.done', () => resolve())
    session.on('close', ({ error }) => reject(error))
  })
  await session.ready
  await said
  session.close()
  take(resampler.finish())
  return Int16Array.from(samples)
}
