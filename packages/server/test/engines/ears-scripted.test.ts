import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, type Samples, type SttInput, type SttOutput } from '@parley/server'
import { sttSuite } from '@parley/server/engines/kit/suite-stt.js'
import { vadSuite } from '@parley/server/engines/kit/suite-vad.js'
import { scriptedStt } from '@parley/server/engines/stt/scripted.js'
import { scriptedVad } from '@parley/server/engines/vad/scripted.js'

const context = { dataDir: 'nowhere', log: () => {} }
const SAMPLES_PER_MS = 16
const loud = (ms: number) => new Int16Array(ms * SAMPLES_PER_MS).fill(5000)
const still = (ms: number) => new Int16Array(ms * SAMPLES_PER_MS)
const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }

const makeVad = (options: object = {}) => scriptedVad.create(scriptedVad.options.parse(options), context)
const makeStt = (options: object = {}) => scriptedStt.create(scriptedStt.options.parse(options), context)

vadSuite((name, body) => test(`scripted voice activity: ${name}`, body), {
  make: () => makeVad(),
  speech: loud(600),
  silence: still(600),
  toleranceMs: 20,
})

sttSuite((name, body) => test(`scripted recogniser: ${name}`, body), {
  make: () => makeStt({ texts: ['one two', 'three four'] }),
  utterances: [
    { sound: loud(500), text: /./ },
    { sound: loud(500), text: /./ },
  ],
  silence: still(1000),
})

async function edges(options: object, sound: Samples) {
  const vad = await makeVad(options)
  const found: string[] = []
  let given = 0
  async function* pieces() {
    for (let at = 0; at < sound.length; at += 320) {
      given = (at + 320) / SAMPLES_PER_MS
      yield sound.subarray(at, at + 320)
    }
  }
  for await (const { type, ago } of vad.open(pieces(), { threshold: 0.5 }, new AbortController().signal))
    found.push(`${type} at ${given - ago}, told at ${given}`)
  return found
}

test('scripted voice activity notices speech and silence after as much sound as it was told to take', async () => {
  const sound = Int16Array.from([...still(200), ...loud(300).map((sample) => -sample), ...still(300)])
  assert.deepEqual(await edges({ onsetMs: 60, offsetMs: 120 }, sound), [
    'started at 200, told at 260',
    'stopped at 500, told at 620',
  ])
})

test('a sound shorter than the onset is not speech to the scripted voice activity', async () => {
  const sound = Int16Array.from([...still(200), ...loud(40), ...still(300)])
  assert.deepEqual(await edges({ onsetMs: 60 }, sound), [])
})

async function recited(options: object, inputs: readonly SttInput[]): Promise<SttOutput[]> {
  const stt = await makeStt(options)
  async function* each() {
    yield* inputs
  }
  const outputs: SttOutput[] = []
  for await (const output of stt.open(each(), settings, new AbortController().signal)) outputs.push(output)
  return outputs
}

const audio = (ms: number): SttInput => ({ type: 'audio', samples: loud(ms) })
const started: SttInput = { type: 'speech.started' }
const stopped: SttInput = { type: 'speech.stopped' }

test('the scripted recogniser says its texts in order, the last one again and again', async () => {
  const utterance = [started, audio(500), stopped, audio(150)]
  const outputs = await recited({ texts: ['a', 'b'] }, [...utterance, ...utterance, ...utterance])
  assert.deepEqual(
    outputs.map((output) => output.text),
    ['a', 'a b', 'a b b'],
  )
})

test('an utterance of the scripted recogniser whose final was overtaken is told with the next', async () => {
  const outputs = await recited({ texts: ['a', 'b'] }, [started, audio(500), stopped, started, audio(500), stopped])
  assert.deepEqual(outputs, [{ type: 'final', turn: 1, text: 'a b' }])
})

test('the final of the scripted recogniser comes after as much sound as it was told to take', async () => {
  const seen: string[] = []
  const stt = await makeStt({ texts: ['a'], finalAfterMs: 100 })
  async function* input(): AsyncGenerator<SttInput> {
    yield* [started, audio(300), stopped]
    for (let ms = 20; ms <= 140; ms += 20) {
      seen.push(`${ms} ms`)
      yield audio(20)
    }
  }
  for await (const { type } of stt.open(input(), settings, new AbortController().signal)) seen.push(type)
  assert.equal(seen.indexOf('final'), seen.indexOf('100 ms') + 1)
})

test('partials of the scripted recogniser grow word by word', async () => {
  const outputs = await recited({ texts: ['one two three'], partialEveryMs: 100 }, [
    started,
    audio(100),
    audio(100),
    stopped,
    audio(200),
  ])
  assert.deepEqual(
    outputs.map(({ type, text }) => `${type} ${text}`),
    ['partial one', 'partial one two', 'final one two three'],
  )
})

test('scripted engines fail when they were told to', async () => {
  await assert.rejects(recited({ failAfterMs: 100 }, [audio(200)]), EngineError)
  await assert.rejects(edges({ failAfterMs: 100 }, still(200)), EngineError)
})
