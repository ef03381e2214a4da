import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBody } from '@parley/conversation'
import type { Samples, Stt, Vad } from '../../dist/engines/engine.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { Ear } from '../../dist/session/ear.js'

const RATE_HZ = 16_000
const info = { name: 'test', description: 'For tests.', version: '1' }
const isLoud = (samples: Samples) => samples.some((sample) => sample !== 0)

/** Tells loud from quiet; both edges lie where the sound changes. */
const vad: Vad = {
  info: { kind: 'vad', ...info },
  sampleRateHz: RATE_HZ,
  close: async () => {},
  async *open(audio) {
    let isSpeech = false
    for await (const samples of audio) {
      if (isLoud(samples) === isSpeech) continue
      isSpeech = !isSpeech
      yield { type: isSpeech ? 'started' : 'stopped', ago: (samples.length / RATE_HZ) * 1000 }
    }
  },
}

const stt: Stt = {
  info: { kind: 'stt', ...info },
  sampleRateHz: RATE_HZ,
  close: async () => {},
  async *open(_input, _settings, signal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  },
}
const settings = (threshold: number) => ({
  vad: { threshold },
  stt: { languages: [], keyterms: [], prompt: undefined, continuousPartials: false },
})

function earOf(engine: Vad, clock = new VirtualClock()) {
  const events: (EventBody & { at: number })[] = []
  const dispatch = (event: EventBody) => void events.push({ ...event, at: clock.now() })
  const engines = { vad: engine, stt, turn: undefined }
  return { clock, events, ear: new Ear({ clock, engines, now: () => clock.now(), dispatch }, settings(0.5)) }
}

test('a client that stops sending in the middle of speech fell silent when the last of its sound came', async () => {
  const { clock, events, ear } = earOf(vad)
  const loud = new Int16Array(RATE_HZ / 20).fill(3000)
  for (let at = 50; at <= 1000; at += 50) {
    await clock.to(at)
    ear.hear(loud, loud)
  }
  await clock.to(5000)
  const [began, ended, ...more] = events
  assert.deepEqual(more, [])
  assert.deepEqual([began?.type, began?.type === 'vad.started' && began.since], ['vad.started', 0])
  assert.ok(ended?.type === 'vad.stopped' && Math.abs(ended.since - 1000) <= 1, JSON.stringify(ended))
  assert.ok(ended.at <= 1900)
  ear.close()
  assert.equal(clock.pending, 0)
})

test('a client that sends its sound half a second at a time has not fallen silent in between (106)', async () => {
  const { clock, events, ear } = earOf(vad)
  const loud = new Int16Array(RATE_HZ / 2).fill(3000)
  for (let at = 500; at <= 4000; at += 500) {
    await clock.to(at)
    ear.hear(loud, loud)
  }
  await clock.to(4500)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['vad.started'],
  )
  await clock.to(8000)
  const ended = events[1]
  assert.ok(ended?.type === 'vad.stopped' && Math.abs(ended.since - 4000) <= 1, JSON.stringify(ended))
  ear.close()
})

test('a threshold that changes all the time opens few detectors, and the last one counts', async () => {
  const opened: (readonly [at: number, threshold: number])[] = []
  const clock = new VirtualClock()
  const counted: Vad = {
    ...vad,
    open(audio, wanted, signal) {
      opened.push([clock.now(), wanted.threshold])
      return vad.open(audio, wanted, signal)
    },
  }
  const { ear } = earOf(counted, clock)
  for (let change = 0; change < 250; change++) {
    await clock.to(5000 + change * 10)
    ear.reconfigure(settings((300 + change) / 1000))
  }
  await clock.to(20_000)
  assert.deepEqual(opened, [
    [0, 0.5],
    [5000, 0.3],
    [6000, 0.399],
    [7000, 0.499],
    [8000, 0.549],
  ])
  ear.close()
  assert.equal(clock.pending, 0)
})
