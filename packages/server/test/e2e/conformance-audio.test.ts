// Sound both ways: encodings, sizes, rates, pacing, volume (checklist 51, 67, 104-111).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Encoding, encodings, sampleRateHz } from '@parley/protocol'
import { decoderFor, encoderFor } from '../../dist/audio/codec.js'
import { joined } from '../../dist/audio/pcm.js'
import { fitTone, tone } from '../audio/tone.js'
import type { Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { JITTER_MS, LEAD_MS, soundOf } from '../helpers/trace.js'
import { Visitors } from '../helpers/visitors.js'

const MS_PER_CHARACTER = 60
/** The pitch of the scripted voice, and how loud it hums (0 to 1). */
const HUM_HZ = 120
const HUM_LEVEL = 8000 / 32_767
const greeting = 'Exactly forty characters make this line.'
const greetingMs = greeting.length * MS_PER_CHARACTER

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(() => server.close())

const bytesOf = (peer: Peer, reply: unknown = peer.of('reply.started')[0]?.reply_id) =>
  Buffer.concat(
    peer
      .of('reply.audio')
      .filter(({ reply_id }) => reply_id === reply)
      .map(soundOf),
  )
const decoded = (bytes: Uint8Array, encoding: Encoding) => decoderFor(encoding, sampleRateHz[encoding]).push(bytes)

/** Loud sound and then quiet, in an encoding of the wire. */
function utterance(encoding: Encoding, loudMs: number, quietMs: number): Buffer {
  const sound = joined([tone(200, 24_000, loudMs * 24), new Int16Array(quietMs * 24)])
  const encoder = encoderFor(encoding, 24_000)
  return Buffer.concat([encoder.push(sound), encoder.flush()])
}

/** Sends sound in frames of so many bytes, `speed` times as fast as it plays. */
async function pour(peer: Peer, sound: Buffer, frameBytes: number, bytesPerMs: number, speed = 1): Promise<void> {
  const began = performance.now()
  for (let at = 0; at < sound.length; ) {
    const due = (performance.now() - began) * bytesPerMs * speed
    for (; at < sound.length && at <= due; at += frameBytes)
      peer.send({ type: 'input.audio', audio: sound.toString('base64', at, at + frameBytes) })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('sound comes in each encoding, raw, at its rate and as long as it should be (104, 105)', async () => {
  await Promise.all(
    encodings.map(async (encoding) => {
      const peer = await visitors.ready({ greeting, output: { format: { encoding } } })
      await peer.first('reply.done')
      const bytes = bytesOf(peer)
      const samples = decoded(bytes, encoding)
      const lengthMs = (samples.length * 1000) / sampleRateHz[encoding]
      assert.ok(Math.abs(lengthMs - greetingMs) < 10, `${encoding}: ${lengthMs} ms`)
      // a header would be noise at the beginning
      for (const part of [samples.subarray(0, samples.length >> 2), samples]) {
        const { level, rest } = fitTone(part, HUM_HZ, sampleRateHz[encoding])
        assert.ok(Math.abs(level / HUM_LEVEL - 1) < 0.05 && rest < level / 10, `${encoding}: ${level}, ${rest}`)
      }
      await peer.end()
    }),
  )
})

test('sound is understood in each encoding, each way on its own (104, 105)', async () => {
  await Promise.all(
    encodings.map(async (encoding, index) => {
      const output = encodings[(index + 1) % encodings.length]!
      const peer = await visitors.ready({ input: { format: { encoding } }, output: { format: { encoding: output } } })
      const transcript = peer.next('transcript.user')
      const sound = utterance(encoding, 600, 1500)
      const bytesPerMs = encoding === 'audio/pcm' ? 48 : 8
      await pour(peer, sound, bytesPerMs * 20, bytesPerMs)
      assert.equal((await transcript).text, 'What time is it?')
      const { reply_id } = await peer.first('reply.audio')
      const { level } = fitTone(decoded(bytesOf(peer, reply_id), output), HUM_HZ, sampleRateHz[output])
      assert.ok(level > HUM_LEVEL / 2, `${output}: ${level}`)
      peer.send({ type: 'session.end' })
      const ended = await peer.first('session.ended')
      assert.ok(Math.abs(Number(ended.audio_duration_seconds) - sound.length / bytesPerMs / 1000) < 0.001)
      await peer.closed
    }),
  )
})

test('frames of any size are taken, odd ones too, up to 375 in a second (106, 107)', async () => {
  const formats: readonly (readonly [Encoding, number, number])[] = [
    ['audio/pcmu', 128, 8],
    ['audio/pcm', 9600, 48],
    ['audio/pcm', 128, 48],
    ['audio/pcm', 1001, 48],
    ['audio/pcm', 24_000, 48],
  ]
  await Promise.all(
    formats.map(async ([encoding, frameBytes, bytesPerMs]) => {
      const peer = await visitors.ready({ input: { format: { encoding } } })
      peer.send({ type: 'input.audio', audio: '' })
      const transcript = peer.next('transcript.user')
      await pour(peer, utterance(encoding, 600, 1500), frameBytes, bytesPerMs)
      assert.equal((await transcript).text, 'What time is it?', `${encoding} in frames of ${frameBytes} bytes`)
      assert.deepEqual(peer.of('session.error'), [])
      await peer.end()
    }),
  )
})

test('sound leaves as it is to be played, never more than 200 ms early (108)', async () => {
  const peer = await visitors.ready({ greeting })
  await peer.first('reply.done')
  const frames = peer.received.filter(({ frame }) => frame.type === 'reply.audio')
  const first = frames[0]!.at
  let sound = 0
  let most = 0
  for (const { at, frame } of frames) {
    sound += soundOf(frame).length / 48
    most = Math.max(most, sound - (at - first))
  }
  // the first frame may reach a busy test later than it was sent, and make the others look early
  assert.ok(most <= LEAD_MS + JITTER_MS, `${most} ms ahead`)
  const took = frames.at(-1)!.at - first
  assert.ok(
    took >= greetingMs - LEAD_MS - JITTER_MS && took < greetingMs + 10_000,
    `${greetingMs} ms of sound took ${took} ms`,
  )
  await peer.end()
})

test('sound that keeps coming faster than it plays is refused, once a second, and the session goes on (109)', async () => {
  const peer = await visitors.ready()
  await pour(peer, Buffer.alloc(48 * 16_000), 4800, 48, 10)
  await peer.settled()
  const errors = peer.of('session.error')
  assert.ok(errors.length >= 1 && errors.length <= 3, `${errors.length} errors`)
  for (const { code } of errors) assert.equal(code, 'audio_rate_violation')
  await peer.converses()
  await peer.end()
})

test('seven seconds at four times their speed are understood (110)', async () => {
  const peer = await visitors.ready()
  const transcript = peer.next('transcript.user')
  await pour(peer, utterance('audio/pcm', 5500, 1500), 2400, 48, 4)
  assert.equal((await transcript).text, 'What time is it?')
  assert.deepEqual(peer.of('session.error'), [])
  await peer.end()
})

test('the volume counts for sound made after it was set: 0 is silence, 50 is quieter (51, 111)', async () => {
  const peer = await visitors.ready({ greeting })
  const levelOf = (reply: unknown) => {
    const samples = decoded(bytesOf(peer, reply), 'audio/pcm')
    return { level: fitTone(samples, HUM_HZ, 24_000).level, loudest: samples.reduce((a, b) => Math.max(a, b), 0) }
  }
  await peer.first('reply.audio')
  peer.send({ type: 'session.update', session: { output: { volume: 0 } } })
  const greeted = await peer.next('reply.done')
  assert.ok(levelOf(greeted.reply_id).level > HUM_LEVEL * 0.95)
  const levels: number[] = []
  for (const volume of [0, 50, 100, null]) {
    peer.send({ type: 'session.update', session: { output: { volume } } })
    const done = peer.next('reply.done')
    peer.send({ type: 'reply.create' })
    const { level, loudest } = levelOf((await done).reply_id)
    if (volume === 0) assert.equal(loudest, 0)
    levels.push(level)
  }
  const [silent, half, full, native] = levels
  assert.equal(silent, 0)
  assert.ok(half! > 0 && half! < full! * 0.9 && Math.abs(full! / native! - 1) < 0.02, `${levels}`)
  await peer.end()
})

test('sound before the session is ready is dropped without an error (67)', async () => {
  const peer = await visitors.open()
  const loud = utterance('audio/pcm', 500, 0)
  for (let at = 0; at < loud.length; at += 4800)
    peer.send({ type: 'input.audio', audio: loud.toString('base64', at, at + 4800) })
  peer.send({ type: 'session.update', session: {} })
  await peer.first('session.ready')
  peer.send({ type: 'session.end' })
  assert.equal((await peer.first('session.ended')).audio_duration_seconds, null)
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.updated', 'session.ready', 'session.ended'],
  )
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97, 104, 108)', () =>
  visitors.assertConform())
