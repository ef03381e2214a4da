import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type EngineContext, EngineError, type Samples, type Stt, type SttOutput, type Vad } from '@parley/server'
import { sttSuite } from '@parley/server/engines/kit/suite-stt.js'
import { vadSuite } from '@parley/server/engines/kit/suite-vad.js'
import { wordErrorRate, wordErrors } from '@parley/server/engines/kit/word-errors.js'
import { moonshineStt } from '@parley/server/engines/stt/moonshine.js'
import { sileroVad } from '@parley/server/engines/vad/silero.js'
import { Queue } from '../../dist/session/queue.js'
import * as sounds from './sounds.js'

let context: EngineContext
let vad: Vad
let stt: Stt

const makeVad = () => sileroVad.create(sileroVad.options.parse({}), context)
const makeStt = () => moonshineStt.create(moonshineStt.options.parse({}), context)

before(async () => {
  context = { dataDir: await mkdtemp(joinPath(tmpdir(), 'parley-ears-')), log: () => {} }
  // Held open throughout, so that the engines that the suites make share one host.
  vad = await makeVad()
  stt = await makeStt()
})
after(async () => {
  await Promise.all([vad.close(), stt.close()])
  await rm(context.dataDir, { recursive: true })
})

vadSuite((name, body) => test(`silero: ${name}`, body), {
  make: makeVad,
  speech: sounds.babble(1200),
  silence: sounds.quiet(800),
  toleranceMs: 110,
})

sttSuite((name, body) => test(`moonshine: ${name}`, body), {
  make: makeStt,
  utterances: [
    { sound: sounds.babble(900, 1), text: /^/ },
    { sound: sounds.babble(700, 2), text: /^/ },
  ],
  silence: sounds.quiet(1000),
})

interface Marked {
  readonly type: 'started' | 'stopped'
  readonly toldAt: number
  readonly at: number
}

async function edgesIn(sound: Samples, threshold = 0.5): Promise<readonly Marked[]> {
  let given = 0
  async function* pieces() {
    for (let at = 0; at < sound.length; at += 320) {
      given = (at + 320) / 16
      yield sound.subarray(at, at + 320)
    }
  }
  const edges: Marked[] = []
  for await (const { type, ago } of vad.open(pieces(), { threshold }, new AbortController().signal))
    edges.push({ type, toldAt: given, at: given - ago })
  return edges
}

test('clicks, hums, hisses, coughs and typing are not speech', async () => {
  const noises = {
    click: sounds.click(),
    hum: sounds.hum(1500),
    'soft hiss': sounds.hiss(1500, 0.01),
    'loud hiss': sounds.hiss(1500, 0.2),
    cough: sounds.cough(),
    'another cough': sounds.cough(6),
    typing: sounds.typing(),
  }
  for (const [name, noise] of Object.entries(noises))
    assert.deepEqual(await edgesIn(sounds.join(sounds.quiet(600), noise, sounds.quiet(600))), [], name)
})

test('speech is noticed within 150 ms, silence within 200 ms', async () => {
  const [began, ended] = await edgesIn(sounds.join(sounds.quiet(1000), sounds.babble(1200), sounds.quiet(600)))
  assert.ok(began!.toldAt - 1000 <= 150, `began at 1000, told at ${began!.toldAt}`)
  assert.ok(ended!.toldAt - 2200 <= 200, `ended at 2200, told at ${ended!.toldAt}`)
})

test('a stricter threshold calls less of a sound speech', async () => {
  const hiss = sounds.hiss(1500, 0.05)
  const mixed = sounds.babble(1500).map((sample, i) => sample / 2 + hiss[i]!)
  const faint = sounds.join(sounds.quiet(600), mixed, sounds.quiet(600))
  const spoken = async (threshold: number) =>
    (await edgesIn(faint, threshold)).reduce((sum, { type, at }) => sum + (type === 'started' ? -at : at), 0)
  const [lenient, strict] = [await spoken(0.3), await spoken(0.95)]
  assert.ok(lenient > strict, `${lenient} ms at 0.3, ${strict} ms at 0.95`)
})

test('long speech takes no more memory than short speech', async () => {
  const memory = async () => {
    const [pid] = await children()
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  }
  if (!existsSync('/proc/self/status')) return
  const speech = sounds.babble(30_000)
  await edgesIn(speech)
  const before = await memory()
  await edgesIn(sounds.join(speech, speech, speech))
  const grown = (await memory()) - before
  assert.ok(grown < 4, `grew by ${grown} MB over 90 s of speech`)
})

async function children(): Promise<readonly string[]> {
  const tasks = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  return tasks.trim().split(' ')
}

async function hear(sound: Samples, marks = edgesIn(sound)): Promise<readonly SttOutput[]> {
  const input = new Queue<Parameters<Stt['open']>[0] extends AsyncIterable<infer Input> ? Input : never>()
  let given = 0
  for (const { type, toldAt } of await marks) {
    const upTo = Math.min(sound.length, toldAt * 16)
    input.push({ type: 'audio', samples: sound.subarray(given, upTo) })
    input.push({ type: `speech.${type}` })
    given = upTo
  }
  input.push({ type: 'audio', samples: sound.subarray(given) })
  input.close()
  const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
  const outputs: SttOutput[] = []
  for await (const output of stt.open(input, settings, new AbortController().signal)) outputs.push(output)
  return outputs
}

test('no words are made up for noises, even where the voice activity was fooled', async () => {
  const noises = {
    silence: sounds.quiet(1000),
    click: sounds.click(),
    hum: sounds.hum(1500),
    hiss: sounds.hiss(1500, 0.1),
    cough: sounds.cough(),
    'another cough': sounds.cough(6),
    knocks: sounds.knocks(),
    typing: sounds.typing(),
  }
  for (const [name, noise] of Object.entries(noises)) {
    const sound = sounds.join(sounds.quiet(600), noise, sounds.quiet(400))
    const marks = [
      { type: 'started', toldAt: 700, at: 600 },
      { type: 'stopped', toldAt: 700 + noise.length / 16, at: 600 + noise.length / 16 },
    ] as const
    const outputs = await hear(sound, Promise.resolve(marks))
    assert.deepEqual(
      outputs.map(({ type, text }) => `${type} ${text}`),
      ['final '],
      name,
    )
  }
})

test('when the native library dies, listening fails as retryable, and the next streams work', async () => {
  const sound = new Queue<Samples>()
  sound.push(sounds.join(sounds.quiet(600), sounds.babble(600)))
  const stream = vad.open(sound, { threshold: 0.5 }, new AbortController().signal)[Symbol.asyncIterator]()
  assert.equal((await stream.next()).value?.type, 'started')
  const marks = [
    { type: 'started', toldAt: 100, at: 0 },
    { type: 'stopped', toldAt: 8000, at: 7800 },
  ] as const
  const crashed = (error: unknown) => error instanceof EngineError && error.failure.code === 'engine_crashed'
  const failures = Promise.all([
    assert.rejects(stream.next(), crashed),
    assert.rejects(hear(sounds.babble(8000), Promise.resolve(marks)), crashed),
  ])
  const [host] = await children()
  process.kill(Number(host), 'SIGKILL')
  await failures

  assert.equal((await edgesIn(sounds.join(sounds.quiet(600), sounds.babble(600), sounds.quiet(600)))).length, 2)
  assert.equal((await hear(sounds.babble(900), Promise.resolve(marks))).length, 1)
})

// ── With recordings of people, where they are ──

const recordings = fileURLToPath(new URL('../../../../../shared/data/speech', import.meta.url))
const missing = existsSync(recordings) ? false : 'the recordings are not beside the repository'

async function recording(file: string): Promise<Samples> {
  const bytes = await readFile(joinPath(recordings, file))
  const start = bytes.indexOf('data', 12, 'latin1') + 8
  return new Int16Array(new Uint8Array(bytes.subarray(start)).buffer)
}

const SUBSET = /^(cmu-cards|librispeech|jfk|librivox-sense)\/|LJ001-000[1-6]/

test('fewer than 5 % of the words of people are misheard', { skip: missing }, async () => {
  // The cast is true by the data folder's own description of its manifest.
  const manifest = JSON.parse(await readFile(joinPath(recordings, 'manifest.json'), 'utf8')) as {
    file: string
    text: string
  }[]
  const counts = []
  for (const { file, text } of manifest.filter(({ file }) => SUBSET.test(file))) {
    const sound = sounds.join(sounds.quiet(500), await recording(file), sounds.quiet(800))
    const heard = (await hear(sound)).findLast((output) => output.type === 'final')?.text ?? ''
    counts.push(wordErrors(text, heard))
  }
  assert.ok(counts.length >= 18)
  const rate = wordErrorRate(counts)
  assert.ok(rate < 0.05, `word error rate ${(100 * rate).toFixed(1)} %`)
})

test('the edges of the speech of people are told to within 130 ms', { skip: missing }, async () => {
  for (const file of ['ljspeech/LJ001-0002.wav', 'ljspeech/LJ001-0008.wav', 'cmu-cards/003.wav']) {
    const speech = await recording(file)
    const loud = loudStretch(speech)
    const edges = await edgesIn(sounds.join(sounds.quiet(700), speech, sounds.quiet(700)))
    const [began, ended] = [edges[0]!.at - 700, edges.at(-1)!.at - 700]
    assert.ok(Math.abs(began - loud.from) <= 130, `${file} begins at ${loud.from} ms, told as ${began}`)
    assert.ok(Math.abs(ended - loud.to) <= 130, `${file} ends at ${loud.to} ms, told as ${ended}`)
  }
})

/** Where the sound is louder than -28 dB of its loudest parts for 30 ms, in milliseconds. */
function loudStretch(sound: Samples): { readonly from: number; readonly to: number } {
  const levels = Array.from({ length: Math.floor(sound.length / 160) }, (_, i) =>
    Math.sqrt(sound.subarray(i * 160, (i + 1) * 160).reduce((sum, sample) => sum + sample ** 2, 0) / 160),
  )
  const threshold = 0.04 * levels.toSorted((a, b) => b - a)[Math.floor(levels.length / 20)]!
  const isLoud = (i: number) => [0, 1, 2].every((next) => (levels[i + next] ?? 0) > threshold)
  const starts = levels.map((_, i) => i).filter(isLoud)
  return { from: starts[0]! * 10, to: (starts.at(-1)! + 3) * 10 }
}
