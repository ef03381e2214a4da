// The examples, run as their first lines say, against a whole server.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bytesOf, samplesOf } from '../../dist/audio/pcm.js'
import { readWav, writeWav } from '../../dist/audio/wav.js'
import { spawned } from '../cli/parley.js'
import { sequence, tone } from '../cli/sounds.js'
import { startTestServer, type TestServer } from '../helpers/server.js'

const example = (path: string) => fileURLToPath(new URL(`../../../../examples/${path}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'parley-examples-'))
const RATE_HZ = 24_000
let server: TestServer

before(async () => {
  server = await startTestServer({ PARLEY_STT_OPTIONS: '{"texts":["What time is it?"]}' })
  const question = sequence(tone(800, RATE_HZ), new Int16Array(RATE_HZ / 5))
  writeFileSync(join(folder, 'question.wav'), writeWav({ sampleRateHz: RATE_HZ, samples: question }))
  writeFileSync(join(folder, 'question.raw'), bytesOf(question))
})
after(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function runs(program: string, args: readonly string[]): Promise<string> {
  const env = { PARLEY_URL: server.url, PARLEY_API_KEY: server.key }
  const { code, stdout, stderr } = await spawned(program, args, { env, cwd: folder })
  assert.equal(code, 0, stdout + stderr)
  assert.ok(!(stdout + stderr).includes(server.key))
  return stdout
}

/** What every talk prints: a greeting, the question as it was understood, an answer. */
function hasTalked(printed: string): void {
  assert.match(printed, /agent: +Hello! What would you like to know\?/)
  assert.match(printed, /you: +What time is it\?/)
  assert.match(printed, /What time is it\?\s+agent: +\S.*\s+\d+\.\d s of answer/)
}

const isAudible = (samples: Int16Array) => samples.some((sample) => Math.abs(sample) > 500)

test('Python talks with a WAV file and keeps the answer', async (t) => {
  const python = pythonWithWebsockets()
  if (!python) return t.skip('no python3 with the package websockets (Debian: python3-websockets)')
  hasTalked(await runs(python, [example('python/talk.py'), 'question.wav', 'python.wav']))
  assert.ok(isAudible(readWav(readFileSync(join(folder, 'python.wav'))).samples))
})

test('a Node server makes an agent, talks to it with ws, and leaves nothing behind', async () => {
  hasTalked(await runs(process.execPath, [example('server-node/talk.mjs'), 'question.wav', 'server.wav']))
  assert.ok(isAudible(readWav(readFileSync(join(folder, 'server.wav'))).samples))
  assert.doesNotMatch(await agents(), /"Example"/)
})

test('the same with @parley/client', async () => {
  hasTalked(await runs(process.execPath, [example('node-client/talk.mjs'), 'question.raw', 'client.raw']))
  assert.ok(isAudible(samplesOf(readFileSync(join(folder, 'client.raw')))))
  assert.doesNotMatch(await agents(), /"Example"/)
})

test('curl takes an agent through its life', async (t) => {
  if (!has('curl')) return t.skip('no curl on this machine')
  const printed = await runs('sh', [example('agents.sh')])
  assert.match(printed, /# Make an agent\n\{.*"id": ?"agent_[0-9a-f]{32}"/)
  assert.match(printed, /# Change it; what is left out stays\n\{.*good evening/)
  assert.match(printed, /# A token .*\n\{.*"token": ?"/)
  assert.doesNotMatch(await agents(), /Front desk/)
})

async function agents(): Promise<string> {
  return (await fetch(`${server.url}/v1/agents`, { headers: { authorization: server.key } })).text()
}

function has(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Debian's packages are seen by Debian's Python, which need not be the first in the path. */
const pythonWithWebsockets = (): string | undefined =>
  ['python3', '/usr/bin/python3'].find((python) => has(python, '-c', 'import websockets'))
