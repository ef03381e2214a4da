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

function earOf(engine: Vad, clock = new VirtualClock(), recogniser = stt) {
  const events: (EventBody & { at: number })[] = []
  const dispatch = (event: EventBody) => void events.push({ ...event, at: clock.now() })
  const engines = { vad: engine, stt: recogniser, turn: undefined }
  return { clock, events, ear: new Ear({ clock, engines, now: () => clock.now(), dispatch }, settings(0.5)) }
}

const loud = (value = 3000) => new Int16Array(RATE_HZ / 20).fill(value)
const quiet = new Int16Array(RATE_HZ / 20)

/** A recogniser that fails as `fails` says each time that it is opened, from 0; what it heard of each opening. */
function unreliable(fails: (opening: number) => 'stalls' | 'throws' | 'never') {
  const heard: (string | number)[][] = []
  const recogniser: Stt = {
    ...stt,
    async *open(input, _settings, signal) {
      const way = fails(heard.length)
      const own: (string | number)[] = []
      heard.push(own)
      let turn = 1
      for await (const piece of input) {
        if (signal.aborted) return
        own.push(piece.type === 'audio' ? (piece.samples[0] ?? 0) : piece.type)
        if (piece.type === 'turn') turn = piece.turn
        if (piece.type !== 'speech.stopped') continue
        if (way === 'throws') throw new Error('It fails over this.')
        if (way === 'never') yield { type: 'final', turn, text: 'Is there bread?' }
      }
    },
  }
  return { recogniser, heard }
}

/** A second of speech, of the values 1 to 20, from `at` on, and half a second without. */
async function say(ear: Ear, clock: VirtualClock, at: number): Promise<void> {
  for (let piece = 1; piece <= 30; piece++) {
    await clock.to(at + piece * 50)
    const samples = piece <= 20 ? loud(piece) : quiet
    ear.hear(samples, samples)
  }
}

const failures = (events: readonly (EventBody & { at: number })[]) =>
  events.flatMap((event) => (event.type === 'engine.failed' ? [`${event.failure.code} ${event.fatal}`] : []))

test('a recogniser that stalls is noticed, and hears the turn again from its beginning', async () => {
  const { recogniser, heard } = unreliable((opening) => (opening === 0 ? 'stalls' : 'never'))
  const { clock, events, ear } = earOf(vad, undefined, recogniser)
  await say(ear, clock, 0)
  await clock.to(20_000)
  const [began, ended, failed, final, ...more] = events
  assert.deepEqual(
    [began?.type, ended?.type, failed?.type, final?.type, more.length],
    ['vad.started', 'vad.stopped', 'engine.failed', 'stt.final', 0],
  )
  assert.deepEqual(failures(events), ['stt_timeout false'])
  assert.ok(failed!.at - ended!.at === 4000 && final!.at - failed!.at < 100, `${failed?.at}, ${final?.at}`)
  assert.deepEqual(heard[1], heard[0])
  ear.close()
  assert.equal(clock.pending, 0)
})

test('a recogniser that keeps its promises is left alone, and so is one whose turn is over or goes on', async () => {
  const steady = unreliable(() => 'never')
  const one = earOf(vad, undefined, steady.recogniser)
  await say(one.ear, one.clock, 0)
  await one.clock.to(20_000)
  assert.deepEqual([failures(one.events), steady.heard.length], [[], 1])
  one.ear.close()
  for (const goesOn of [false, true]) {
    const { clock, events, ear } = earOf(vad, undefined, unreliable(() => 'stalls').recogniser)
    await say(ear, clock, 0)
    await clock.to(4000)
    if (!goesOn) ear.listen(2)
    for (let at = 4000; goesOn && at < 9000; at += 50) {
      await clock.to(at)
      ear.hear(loud(), loud())
    }
    await clock.to(9000)
    assert.deepEqual(failures(events), [])
    ear.close()
  }
})

test('sound over which a recogniser fails twice is not given to it a third time', async () => {
  const { recogniser, heard } = unreliable((opening) => (opening < 2 ? 'throws' : 'never'))
  const { clock, events, ear } = earOf(vad, undefined, recogniser)
  await say(ear, clock, 0)
  await clock.to(8000)
  assert.deepEqual(failures(events), ['engine_failed false', 'engine_failed false'])
  assert.ok(heard[1]?.includes('speech.stopped'))
  assert.ok(!heard[2]?.includes('speech.started'), String(heard[2]))
  ear.listen(2)
  await say(ear, clock, 8000)
  await clock.to(12_000)
  assert.deepEqual(events.at(-1), { type: 'stt.final', turn: 2, text: 'Is there bread?', at: events.at(-1)?.at })
  ear.close()
})

test('an ear that is closed while an engine waits to be opened anew leaves nothing behind', async () => {
  const { clock, events, ear } = earOf(vad, undefined, unreliable(() => 'throws').recogniser)
  await say(ear, clock, 0)
  while (failures(events).length < 2) await clock.to(clock.now() + 10)
  ear.close()
  assert.equal(clock.pending, 0)
})

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
