import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBody } from '@parley/conversation'
import type { Samples, Vad } from '../../dist/engines/engine.js'
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

test('a client that stops sending in the middle of speech fell silent when the last of its sound came', async () => {
  const clock = new VirtualClock()
  const events: (EventBody & { at: number })[] = []
  const ear = new Ear(
    {
      clock,
      engines: {
        vad,
        stt: {
          info: { kind: 'stt', ...info },
          sampleRateHz: RATE_HZ,
          close: async () => {},
          async *open(_input, _settings, signal) {
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          },
        },
        turn: undefined,
      },
      now: () => clock.now(),
      dispatch: (event) => void events.push({ ...event, at: clock.now() }),
    },
    { vad: { threshold: 0.5 }, stt: { languages: [], keyterms: [], prompt: undefined, continuousPartials: false } },
  )
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
