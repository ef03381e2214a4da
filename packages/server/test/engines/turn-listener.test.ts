import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SttInput, SttOutput } from '@parley/server'
import { TurnListener } from '@parley/server/engines/stt/turn-listener.js'

const SAMPLES_PER_MS = 16

/** A recogniser that takes samples for words: each run of one value is a word, named by that value. */
class Recogniser {
  readonly asked: { samples: Int16Array; urgency: string; signal: AbortSignal; answer: (text?: string) => void }[] = []
  readonly transcribe = (samples: Int16Array, urgency: string, signal: AbortSignal) =>
    new Promise<string | undefined>((resolve) => {
      const text = words(samples)
      // Like a decode that has begun, it is not stopped by the signal.
      this.asked.push({
        samples,
        urgency,
        signal,
        answer: (given = text) => resolve(given),
      })
    })
}

function words(samples: Int16Array): string {
  const found: number[] = []
  for (const sample of samples) if (sample !== 0 && sample !== found.at(-1)) found.push(sample)
  return found.join(' ')
}

function listening(partialEvery = 640) {
  const recogniser = new Recogniser()
  const told: SttOutput[] = []
  const failures: unknown[] = []
  const listener = new TurnListener({
    sampleRateHz: 16_000,
    partialEvery,
    transcribe: recogniser.transcribe,
    tell: (output) => told.push(output),
    fail: (error) => failures.push(error),
  })
  const hear = (...inputs: readonly SttInput[]) => {
    for (const input of inputs) listener.hear(input)
  }
  return { recogniser, told, failures, listener, hear }
}

const sound = (ms: number, word = 0): SttInput => ({
  type: 'audio',
  samples: new Int16Array(ms * SAMPLES_PER_MS).fill(word),
})
const started: SttInput = { type: 'speech.started' }
const stopped: SttInput = { type: 'speech.stopped' }
const turn = (number: number): SttInput => ({ type: 'turn', turn: number })
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('speech is decoded the moment it stops, with 300 ms of what came before it', async () => {
  const { recogniser, told, hear } = listening()
  hear(sound(1000), sound(150, 1), started, sound(400, 1), stopped)
  assert.equal(recogniser.asked.length, 1)
  const { samples, urgency, answer } = recogniser.asked[0]!
  assert.equal(urgency, 'final')
  assert.equal(samples.length, 700 * SAMPLES_PER_MS)
  assert.equal(samples.indexOf(1), 150 * SAMPLES_PER_MS)
  answer()
  await settle()
  assert.deepEqual(told, [{ type: 'final', turn: 1, text: '1' }])
})

test('a turn that goes on is heard anew as a whole, and what was being made of its beginning is given up', async () => {
  const { recogniser, told, hear } = listening()
  hear(sound(300, 9), started, sound(500, 1), stopped, sound(200), started)
  assert.equal(recogniser.asked[0]!.signal.aborted, true)
  recogniser.asked[0]!.answer()
  hear(sound(500, 2), stopped)
  assert.equal(recogniser.asked[1]!.samples.length, 1500 * SAMPLES_PER_MS)
  recogniser.asked[1]!.answer()
  await settle()
  assert.deepEqual(told, [{ type: 'final', turn: 1, text: '9 1 2' }])
})

test('a long pause is shortened to the 300 ms before the next word', () => {
  const { recogniser, hear } = listening()
  hear(started, sound(500, 1), stopped, sound(5000), started, sound(500, 2), stopped)
  assert.equal(recogniser.asked[1]!.samples.length, 1300 * SAMPLES_PER_MS)
})

test('what has grown long is settled: its text stays and only what follows is decoded', async () => {
  const { recogniser, told, hear } = listening(100_000)
  hear(started, sound(11_000, 1), stopped)
  recogniser.asked[0]!.answer()
  await settle()
  hear(sound(400), started, sound(500, 2), stopped)
  assert.equal(recogniser.asked.length, 2)
  assert.equal(recogniser.asked[1]!.samples.length, 800 * SAMPLES_PER_MS)
  recogniser.asked[1]!.answer()
  await settle()
  assert.deepEqual(
    told.map((output) => output.text),
    ['1', '1 2'],
  )
})

test('a long stretch whose text was not ready yet when the turn went on is not lost', async () => {
  const { recogniser, told, hear } = listening(100_000)
  hear(started, sound(11_000, 1), stopped, sound(100), started, sound(500, 2), stopped)
  assert.equal(recogniser.asked[0]!.signal.aborted, false)
  recogniser.asked[1]!.answer()
  await settle()
  assert.equal(told.length, 0)
  recogniser.asked[0]!.answer()
  await settle()
  assert.deepEqual(
    told.map((output) => output.text),
    ['1 2'],
  )
})

test('speech without a pause is cut where it is quietest, and no sample is lost or heard twice', async () => {
  const { recogniser, told, hear } = listening(100_000)
  hear(started, sound(22_000, 1), sound(200), sound(3000, 2), sound(1000, 3), stopped)
  assert.equal(recogniser.asked.length, 2)
  assert.equal(words(recogniser.asked[0]!.samples), '1')
  assert.equal(words(recogniser.asked[1]!.samples), '2 3')
  const heard = recogniser.asked.reduce((sum, { samples }) => sum + samples.length, 0)
  assert.equal(heard, 26_200 * SAMPLES_PER_MS)
  for (const { answer } of recogniser.asked) answer()
  await settle()
  assert.deepEqual(told, [{ type: 'final', turn: 1, text: '1 2 3' }])
})

test('while somebody speaks, partials come as often as they were asked for', async () => {
  const { recogniser, told, hear } = listening(320)
  hear(started)
  for (let ms = 0; ms < 960; ms += 20) {
    hear(sound(20, 1 + Math.floor(ms / 320)))
    for (const { answer } of recogniser.asked) answer()
    await settle()
  }
  assert.deepEqual(
    told.map(({ type, text }) => `${type} ${text}`),
    ['partial 1', 'partial 1 2', 'partial 1 2 3'],
  )
  assert.ok(recogniser.asked.every(({ urgency }) => urgency === 'partial'))
})

test('one partial at a time; one that says nothing new, nothing at all or was shed is not told', async () => {
  const { recogniser, told, hear } = listening(100)
  hear(started, sound(100, 1), sound(100, 1), sound(100, 1))
  assert.equal(recogniser.asked.length, 1)
  recogniser.asked[0]!.answer()
  await settle()
  for (const text of ['1', '']) {
    hear(sound(100, 1))
    recogniser.asked.at(-1)!.answer(text)
    await settle()
  }
  assert.equal(recogniser.asked.length, 3)
  assert.deepEqual(told, [{ type: 'partial', turn: 1, text: '1' }])
})

test('a partial that comes after the speech has stopped is not told', async () => {
  const { recogniser, told, hear } = listening(100)
  hear(started, sound(100, 1), stopped)
  recogniser.asked[0]!.answer()
  await settle()
  assert.equal(told.length, 0)
})

test('what is still being made of an earlier turn is never told', async () => {
  const { recogniser, told, hear } = listening()
  hear(started, sound(500, 1), stopped, turn(2))
  assert.equal(recogniser.asked[0]!.signal.aborted, true)
  recogniser.asked[0]!.answer()
  await settle()
  hear(sound(400), started, sound(500, 2), stopped)
  recogniser.asked[1]!.answer()
  await settle()
  assert.deepEqual(told, [{ type: 'final', turn: 2, text: '2' }])
})

test('speech that had just begun when a new turn was opened belongs to the new turn', async () => {
  const { recogniser, told, hear } = listening()
  hear(started, sound(500, 1), stopped, sound(400), started, sound(200, 2), turn(2), sound(300, 2), stopped)
  recogniser.asked[1]!.answer()
  await settle()
  assert.deepEqual(told, [{ type: 'final', turn: 2, text: '2' }])
  assert.equal(recogniser.asked[1]!.samples.length, 800 * SAMPLES_PER_MS)
})

test('words that were shown in the turn before are not heard again in the new one', async () => {
  const { recogniser, told, hear } = listening(300)
  hear(started, sound(300, 1))
  recogniser.asked[0]!.answer()
  await settle()
  hear(turn(2), sound(200, 2), stopped)
  recogniser.asked[1]!.answer()
  await settle()
  assert.deepEqual(
    told.map(({ type, turn, text }) => `${type} ${turn} ${text}`),
    ['partial 1 1', 'final 2 2'],
  )
})

test('speech that had just begun belongs to the new turn even if earlier words of the old one were shown', async () => {
  const { recogniser, told, hear } = listening(300)
  hear(started, sound(300, 1))
  recogniser.asked[0]!.answer()
  await settle()
  hear(stopped, sound(400), started, sound(200, 2), turn(2), sound(50, 3), stopped)
  recogniser.asked.at(-1)!.answer()
  await settle()
  assert.deepEqual(told.at(-1), { type: 'final', turn: 2, text: '2 3' })
})

test('what was settled of a turn is not part of the next', async () => {
  const { recogniser, told, hear } = listening(100_000)
  hear(started, sound(11_000, 1), stopped, sound(400), started, sound(500, 2), stopped)
  for (const { answer } of recogniser.asked) answer()
  await settle()
  hear(turn(2), sound(400), started, sound(500, 3), stopped)
  recogniser.asked.at(-1)!.answer()
  await settle()
  assert.deepEqual(
    told.map(({ turn, text }) => `${turn} ${text}`),
    ['1 1 2', '2 3'],
  )
})

test('a partial of the turn before is not told in the new one', async () => {
  const { recogniser, told, hear } = listening(300)
  hear(started, sound(300, 1), turn(2))
  recogniser.asked[0]!.answer()
  await settle()
  assert.equal(told.length, 0)
})

test('a listener is finished when the final that is due was told', async () => {
  const { recogniser, told, hear, listener } = listening()
  hear(started, sound(500, 1), stopped)
  let finished = false
  const done = listener.finish().then(() => {
    finished = true
  })
  await settle()
  assert.equal(finished, false)
  recogniser.asked[0]!.answer()
  await done
  assert.equal(told.length, 1)
})

test('a stopped listener tells nothing more and gives up its decodes', async () => {
  const { recogniser, told, hear, listener } = listening()
  hear(started, sound(500, 1), stopped)
  listener.stop()
  assert.equal(recogniser.asked[0]!.signal.aborted, true)
  recogniser.asked[0]!.answer('late')
  await settle()
  assert.equal(told.length, 0)
})

test('what the recogniser fails with is passed on', async () => {
  const failures: unknown[] = []
  const listener = new TurnListener({
    sampleRateHz: 16_000,
    partialEvery: 640,
    transcribe: () => Promise.reject(new Error('broken')),
    tell: () => {},
    fail: (error) => failures.push(error),
  })
  for (const input of [started, sound(500, 1), stopped]) listener.hear(input)
  await settle()
  assert.deepEqual(failures.map(String), ['Error: broken'])
})

test('an hour of silence is forgotten', () => {
  const { recogniser, hear } = listening()
  for (let seconds = 0; seconds < 3600; seconds++) hear(sound(1000))
  hear(started, stopped)
  assert.equal(recogniser.asked[0]!.samples.length, 300 * SAMPLES_PER_MS)
})
