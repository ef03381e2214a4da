import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EngineError } from '@parley/server'
import { type Detector, EngineHost } from '@parley/server/engines/host/engine-host.js'
import { jsonContent, type LoadRequest } from '@parley/server/engines/host/frames.js'
import { HostProcess } from '@parley/server/engines/host/host-process.js'
import { moonshineDecoder, moonshineEncoder, sileroVoiceActivity } from '@parley/server/engines/models/catalogue.js'
import { locateModel } from '@parley/server/engines/models/files.js'
import { moonshineTokens } from '@parley/server/engines/models/tokens.js'
import { babble } from './sounds.js'

let folder: string
let voiceActivity: string
let recogniser: Required<LoadRequest>['recogniser']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-host-'))
  voiceActivity = await locateModel(sileroVoiceActivity)
  recogniser = {
    encoder: await locateModel(moonshineEncoder),
    decoder: await locateModel(moonshineDecoder),
    tokens: await moonshineTokens(folder),
  }
})
after(() => rm(folder, { recursive: true }))

async function withHost(models: LoadRequest, use: (host: EngineHost) => Promise<void>): Promise<void> {
  const host = new EngineHost(() => {})
  try {
    await host.load(models)
    await use(host)
  } finally {
    await host.close()
  }
}

/** An idle host does not keep its program from ending, and this program has nothing else to do. */
async function loss(detector: Detector): Promise<void> {
  const busy = setInterval(() => {}, 1000)
  await once(detector.lost, 'abort')
  clearInterval(busy)
}

const crashed = (error: unknown) =>
  error instanceof EngineError && error.failure.code === 'engine_crashed' && error.failure.retryable
const forever = new AbortController().signal
const windows = (sound: Int16Array) =>
  Array.from({ length: Math.floor(sound.length / 512) }, (_, i) => sound.subarray(i * 512, (i + 1) * 512))

async function speechIn(detector: Detector, sound: Int16Array): Promise<number> {
  let speech = 0
  for (const window of windows(sound)) if (await detector.hear(window)) speech += 1
  return speech
}

test('when the host is killed, what is open fails as retryable, and what is opened next works', () =>
  withHost({ voiceActivity, recogniser }, async (host) => {
    const detector = await host.openDetector(0.5)
    assert.ok((await speechIn(detector, babble(1000))) > 0)
    const decoding = host.transcribe(babble(8000), 'final', forever)
    const lost = once(detector.lost, 'abort')
    // Only when the decode has reached the host may the host be killed under it.
    await detector.hear(new Int16Array(512))
    process.kill((await host.pid())!, 'SIGKILL')
    await Promise.all([assert.rejects(decoding, crashed), lost])
    assert.ok(crashed(detector.lost.reason))
    await assert.rejects(detector.hear(new Int16Array(512)), crashed)

    const next = await host.openDetector(0.5)
    assert.ok((await speechIn(next, babble(1000))) > 0)
    assert.equal(typeof (await host.transcribe(babble(500), 'final', forever)), 'string')
    assert.equal(host.counts.crashes, 1)
  }))

test('a model that the native library cannot bear ends the host only, and only until it is started again', () =>
  withHost({ voiceActivity }, async (host) => {
    const broken = join(folder, 'broken.onnx')
    await writeFile(broken, 'this is no model')
    await assert.rejects(host.load({ recogniser: { ...recogniser, encoder: broken } }), EngineError)
    const detector = await host.openDetector(0.5)
    assert.ok((await speechIn(detector, babble(1000))) > 0)
    await host.load({ recogniser })
    assert.equal(typeof (await host.transcribe(babble(500), 'final', forever)), 'string')
  }))

test('a host that dies again and again is always started again', () =>
  withHost({ voiceActivity }, async (host) => {
    for (let crash = 1; crash <= 3; crash++) {
      const detector = await host.openDetector(0.5)
      process.kill((await host.pid())!, 'SIGKILL')
      await loss(detector)
    }
    const detector = await host.openDetector(0.5)
    assert.equal(await detector.hear(new Int16Array(512)), false)
    assert.equal(host.counts.crashes, 3)
  }))

test('many streams share the host without a mix-up', () =>
  withHost({ voiceActivity }, async (host) => {
    const streams = Array.from({ length: 12 }, async (_, i) => {
      const detector = await host.openDetector(0.5)
      const speech = await speechIn(detector, i % 2 === 0 ? babble(800) : new Int16Array(12_800))
      detector.close()
      return speech
    })
    const speech = await Promise.all(streams)
    for (const [i, count] of speech.entries()) assert.equal(count > 0, i % 2 === 0, `stream ${i}`)
  }))

test('a detector that was used before knows nothing of what it heard', () =>
  withHost({ voiceActivity }, async (host) => {
    const answers = async () => {
      const detector = await host.openDetector(0.5)
      const heard = []
      for (const window of windows(babble(700))) heard.push(await detector.hear(window))
      detector.close()
      return heard
    }
    const fresh = await answers()
    assert.deepEqual(await answers(), fresh)
  }))

test('models that are asked for again are not loaded again, and nobody loses what they listen through', () =>
  withHost({ voiceActivity }, async (host) => {
    const detector = await host.openDetector(0.5)
    await Promise.all([host.load({ voiceActivity }), host.load({ voiceActivity })])
    assert.ok((await speechIn(detector, babble(1000))) > 0)
  }))

test('a closed host refuses work with a typed error and leaves no process behind', async () => {
  const host = new EngineHost(() => {})
  await host.load({ voiceActivity })
  const pid = (await host.pid())!
  const detector = await host.openDetector(0.5)
  await host.close()
  assert.equal(isAlive(pid), false)
  const closed = (error: unknown) => error instanceof EngineError && error.failure.code === 'engine_closed'
  await assert.rejects(detector.hear(new Int16Array(512)), closed)
  await assert.rejects(host.openDetector(0.5), closed)
})

// ── Seen from outside: the program that uses the host ──

const hostModule = fileURLToPath(import.meta.resolve('@parley/server/engines/host/engine-host.js'))
const program = (rest: string) => `
  import { EngineHost } from ${JSON.stringify(hostModule)}
  const host = new EngineHost(() => {})
  await host.load({ voiceActivity: ${JSON.stringify(voiceActivity)} })
  console.log(await host.pid())
  ${rest}
`

async function run(source: string): Promise<{ readonly child: ChildProcess; readonly hostPid: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout!, 'data')
  return { child, hostPid: Number(String(line)) }
}

test('a program that has nothing else to do ends although it never closed its host, and the host with it', async () => {
  const { child, hostPid } = await run(program(''))
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  await gone(hostPid)
})

test('a program that is killed outright leaves no host behind', async () => {
  const { child, hostPid } = await run(program('setInterval(() => {}, 1000)'))
  assert.ok(isAlive(hostPid))
  child.kill('SIGKILL')
  await gone(hostPid)
})

test('the host outlives a signal that was meant for the server', async () => {
  const { child, hostPid } = await run(program('setInterval(() => {}, 1000)'))
  process.kill(hostPid, 'SIGINT')
  process.kill(hostPid, 'SIGTERM')
  await delay(100)
  assert.ok(isAlive(hostPid))
  child.kill('SIGKILL')
  await gone(hostPid)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Another program's end is nothing one can wait for: it is looked for until it has come. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; isAlive(pid); tries++) {
    assert.ok(tries < 200, 'the host is still there')
    await delay(25)
  }
}

test('a process that owes nothing may be silent, one that owes an answer and gives none is ended', async () => {
  const host = new HostProcess(1, () => {}, 6000)
  await host.request('load', 1, jsonContent({}))
  await delay(6500)
  await host.request('load', 2, jsonContent({}))
  process.kill(host.pid!, 'SIGSTOP')
  await assert.rejects(host.request('load', 3, jsonContent({})), /answers nothing any more and was ended/)
  await host.close()
})
