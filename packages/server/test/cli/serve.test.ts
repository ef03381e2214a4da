// `parley serve` and what starts a server for a talk: which settings reach it, and how it is stopped.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeWav } from '../../dist/audio/wav.js'
import type { Cli, RunningServer, StopSignal } from '../../dist/cli/context.js'
import type { Config } from '../../dist/config.js'
import { startFakeServer } from './fake-server.js'
import { parleyHere } from './parley.js'
import { sequence, tone } from './sounds.js'

/** A command whose server is started by the test and which is sent signals by it. */
function stage(running: Partial<RunningServer> = {}) {
  const started: Config[] = []
  const closed: string[] = []
  const exits: number[] = []
  const listeners = new Set<(signal: StopSignal) => void>()
  const server: RunningServer = {
    url: 'http://127.0.0.1:4711',
    engines: [],
    close: async (how) => void closed.push(how),
    ...running,
  }
  const cli: Partial<Cli> = {
    services: {
      startServer: async (config) => {
        started.push(config)
        return server
      },
      loadEngine: () => Promise.reject(new Error('not here')),
      createKey: () => Promise.reject(new Error('not here')),
    },
    onSignal(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    exit: (code) => void exits.push(code),
  }
  const signal = async (name: StopSignal) => {
    await new Promise((resolve) => setImmediate(resolve))
    for (const listener of listeners) listener(name)
  }
  return { cli, started, closed, exits, signal }
}

for (const [signal, how] of [
  ['SIGTERM', 'drain'],
  ['SIGINT', 'now'],
] as const) {
  test(`${signal} closes the server with "${how}" and exits with 0`, async () => {
    const { cli, closed, exits, signal: send } = stage()
    const serving = parleyHere(['serve'], { ...cli, environment: { PARLEY_DRAIN_SECONDS: '7' } })
    await send(signal)
    const { code, stderr } = await serving
    assert.deepEqual([code, closed, exits], [0, [how], []])
    assert.match(stderr, how === 'drain' ? /running ones have 7 s to end/ : /running sessions are ended/)
  })
}

test('a second signal ends the process at once', async () => {
  const { cli, exits, signal } = stage({ close: () => new Promise(() => {}) })
  void parleyHere(['serve'], cli)
  await signal('SIGTERM')
  assert.deepEqual(exits, [])
  await signal('SIGTERM')
  assert.deepEqual(exits, [130])
})

test('the key that a start made is shown, one that was given is not', async () => {
  const made = stage({ apiKey: 'parley_sk_new' })
  const first = parleyHere(['serve'], made.cli)
  await made.signal('SIGINT')
  assert.match((await first).stdout, /parley_sk_new {2}\(new; keep it/)
  const given = stage()
  const second = parleyHere(['serve'], { ...given.cli, environment: { PARLEY_API_KEY: 'given-0123456789abcdef' } })
  await given.signal('SIGINT')
  const { stdout, stderr } = await second
  assert.match(stdout, /the one in PARLEY_API_KEY/)
  assert.doesNotMatch(stdout + stderr, /given-0123456789abcdef/)
})

test('variables that are for the other commands are no settings that the server would warn of', async () => {
  const { cli, signal } = stage()
  const environment = { PARLEY_URL: 'http://host', PARLEY_LLM_KEY: 'x', PARLEY_PROT: '1' }
  const serving = parleyHere(['serve'], { ...cli, environment })
  await signal('SIGINT')
  const { stdout } = await serving
  assert.match(stdout, /Note: PARLEY_PROT/)
  assert.doesNotMatch(stdout, /PARLEY_URL|PARLEY_LLM_KEY/)
})

test('a server that cannot start is one sentence and exit code 1', async () => {
  const failing = {
    ...stage().cli.services!,
    startServer: () => Promise.reject(new Error('Port 8080 is taken.')),
  }
  const { code, stderr } = await parleyHere(['serve'], { services: failing })
  assert.deepEqual([code, stderr], [1, 'parley: Port 8080 is taken.\n'])
})

test('without a server at the default address, a talk has one of its own, quiet and closed at the end', async (t) => {
  const fake = await startFakeServer()
  const folder = mkdtempSync(join(tmpdir(), 'parley-talk-'))
  t.after(async () => {
    await fake.close()
    rmSync(folder, { recursive: true })
  })
  const isTaken = await fetch('http://127.0.0.1:8080/healthz').then(
    () => true,
    () => false,
  )
  if (isTaken) return t.skip('a server runs at the default address')
  const samples = sequence(tone(300, 16_000), new Int16Array(3200))
  writeFileSync(join(folder, 'question.wav'), writeWav({ sampleRateHz: 16_000, samples }))
  const { cli, started, closed } = stage({ url: fake.url })
  const talk = ['talk', '--file', join(folder, 'question.wav'), '--key', fake.key]
  const { code, stdout, stderr } = await parleyHere(talk, { ...cli, environment: { PORT: '9', HOST: '0.0.0.0' } })
  assert.deepEqual([code, stdout], [0, 'you    Question 1?\nagent  Answer 1.\n'], stderr)
  assert.match(stderr, /starting one for this call/)
  const [config] = started
  assert.deepEqual([config?.host, config?.port, config?.logLevel, config?.apiKey], ['127.0.0.1', 0, 'silent', fake.key])
  assert.deepEqual(closed, ['now'])
})
