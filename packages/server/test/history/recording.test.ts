// Recordings: what is heard in them where, read back with another decoder (checklist 165).
import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Encoding } from '@parley/protocol'
import { encoderFor } from '../../dist/audio/codec.js'
import { bytesOf } from '../../dist/audio/pcm.js'
import { OpusFile, PACKET_SAMPLES, repair } from '../../dist/history/opus-file.js'
import { Recording } from '../../dist/history/recording.js'
import { Tape } from '../../dist/history/tape.js'
import { Track } from '../../dist/history/track.js'
import { listen } from './listen.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-recording-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const USER_HZ = 440
const AGENT_HZ = 1000
const CLEAR = 0.2
const SILENT = 0.01

/** A tone that goes on where it stopped, in the bytes of the wire. */
function voice(frequencyHz: number, encoding: Encoding = 'audio/pcm') {
  const encoder = encoderFor(encoding, 24_000)
  let place = 0
  return (ms: number) => {
    const samples = Int16Array.from(
      { length: ms * 24 },
      () => 10_000 * Math.sin((2 * Math.PI * frequencyHz * place++) / 24_000),
    )
    return Buffer.from(encoder.push(samples))
  }
}

/** Plays what `play` writes on the tape, batch by batch as the session goes on, and gives the finished file. */
async function record(
  name: string,
  lengthMs: number,
  play: (tape: Tape, at: number) => void,
  format: { input: Encoding; output: Encoding } = { input: 'audio/pcm', output: 'audio/pcm' },
): Promise<string> {
  const path = join(folder, `${name}.ogg`)
  const recording = await Recording.open(path, format)
  let now = 0
  const tape = new Tape((batch) => recording.take(batch, now))
  for (; now < lengthMs; now += 10) {
    play(tape, now)
    if (now % 500 === 490) tape.flush()
  }
  tape.flush()
  recording.finish(lengthMs)
  return path
}

test('the user is on the left, the agent on the right, and the length is that of the session', async () => {
  const user = voice(USER_HZ)
  const agent = voice(AGENT_HZ)
  const heard = await listen(
    await record('stereo', 6000, (tape, at) => {
      if (at % 50 === 0 && at > 1000 && at <= 3000) tape.write('user', at, user(50))
      if (at % 20 === 0 && at >= 4000 && at < 5000) tape.write('agent', at, agent(20))
    }),
  )
  assert.equal(heard.channels, 2)
  assert.ok(Math.abs(heard.seconds - 6) < 0.001, `${heard.seconds} s`)
  assert.ok(heard.tone('user', USER_HZ, 1100, 2900) > CLEAR)
  assert.ok(heard.tone('agent', AGENT_HZ, 4100, 4900) > CLEAR)
  assert.ok(heard.level('agent', 1100, 2900) < SILENT)
  assert.ok(heard.level('user', 4100, 4900) < SILENT)
  for (const [from, to] of [
    [0, 900],
    [3100, 3900],
    [5100, 6000],
  ] as const)
    for (const channel of ['user', 'agent'] as const) assert.ok(heard.level(channel, from, to) < SILENT)
})

test('telephone sound is recorded like any other', async () => {
  const format = { input: 'audio/pcmu', output: 'audio/pcma' } as const
  const user = voice(USER_HZ, format.input)
  const agent = voice(AGENT_HZ, format.output)
  const path = await record(
    'telephone',
    2000,
    (tape, at) => {
      if (at % 20 !== 0) return
      tape.write('user', at, user(20))
      tape.write('agent', at, agent(20))
    },
    format,
  )
  const heard = await listen(path)
  assert.ok(heard.tone('user', USER_HZ, 200, 1800) > CLEAR)
  assert.ok(heard.tone('agent', AGENT_HZ, 200, 1800) > CLEAR)
})

test('sound that left ahead of its playing lies where it is played, and what an interruption cut is not there', async () => {
  const agent = voice(AGENT_HZ)
  const heard = await listen(
    await record('cut', 4000, (tape, at) => {
      // 160 ms leave at once, the rest as it is played; the user speaks up at 2000
      if (at === 1000) for (let frame = 0; frame < 8; frame++) tape.write('agent', at, agent(20))
      if (at > 1000 && at < 2000 && at % 20 === 0) tape.write('agent', at, agent(20))
      if (at === 2000) tape.cut(at)
      if (at === 3000) for (let frame = 0; frame < 8; frame++) tape.write('agent', at, agent(20))
    }),
  )
  assert.ok(heard.tone('agent', AGENT_HZ, 1020, 1980) > CLEAR)
  assert.ok(heard.level('agent', 2020, 2980) < SILENT)
  assert.ok(heard.tone('agent', AGENT_HZ, 3010, 3150) > CLEAR)
  assert.ok(heard.level('agent', 3200, 4000) < SILENT)
})

test('a burst after a stall fills the stall, and sound after a pause lies behind the pause', async () => {
  const user = voice(USER_HZ)
  const heard = await listen(
    await record('stall', 12_000, (tape, at) => {
      if (at % 50 !== 0 || at === 0) return
      if (at <= 2000) tape.write('user', at, user(50))
      // from 2000 to 2800 nothing arrives; then all of it at once
      if (at === 2800) for (let piece = 0; piece < 16; piece++) tape.write('user', at, user(50))
      if (at > 2800 && at <= 4000) tape.write('user', at, user(50))
      if (at > 8000 && at <= 9000) tape.write('user', at, user(50))
    }),
  )
  for (let from = 50; from < 3900; from += 100)
    assert.ok(heard.tone('user', USER_HZ, from, from + 100) > CLEAR, `at ${from} ms`)
  assert.ok(heard.level('user', 4100, 7950) < SILENT)
  assert.ok(heard.tone('user', USER_HZ, 8050, 8950) > CLEAR)
  assert.ok(heard.level('user', 9100, 12_000) < SILENT)
})

test('a burst after a stall that was too long to wait for is kept, and the delay is made up in the next pause', async () => {
  const user = voice(USER_HZ)
  const heard = await listen(
    await record('long-stall', 14_000, (tape, at) => {
      if (at % 50 !== 0 || at === 0) return
      if (at <= 2000) tape.write('user', at, user(50))
      if (at === 5000) for (let piece = 0; piece < 60; piece++) tape.write('user', at, user(50))
      if (at > 5000 && at < 13_000) tape.write('user', at, at > 12_000 ? user(50) : Buffer.alloc(2400))
    }),
  )
  // three seconds of speech, begun where silence had not been written yet
  assert.ok(heard.tone('user', USER_HZ, 4050, 6500) > CLEAR)
  assert.ok(heard.level('user', 8000, 11_900) < SILENT)
  assert.ok(heard.tone('user', USER_HZ, 12_050, 12_900) > CLEAR)
})

test('a client whose clock is slow or fast stays in step', async () => {
  for (const [name, pieceMs, tooMuch] of [
    ['slow', 49, 0],
    ['fast', 51, 1],
  ] as const) {
    const user = voice(USER_HZ)
    const heard = await listen(
      await record(name, 30_000, (tape, at) => {
        if (at % 50 !== 0 || at === 0) return
        // half a second of speech, half of silence
        tape.write('user', at, at % 1000 < 500 ? user(pieceMs) : Buffer.alloc(pieceMs * 48))
      }),
    )
    assert.ok(heard.tone('user', USER_HZ, 29_050, 29_350) > CLEAR, name)
    assert.ok(heard.level('user', 29_700, 29_900) < SILENT, name)
    assert.ok(Math.abs(heard.seconds - 30) < 0.1 + tooMuch, `${name}: ${heard.seconds} s`)
  }
})

test('sound that is sent faster than it is spoken is kept', async () => {
  const user = voice(USER_HZ)
  const heard = await listen(
    await record('hurried', 1000, (tape, at) => {
      if (at < 200) for (let piece = 0; piece < 4; piece++) tape.write('user', at, user(50))
    }),
  )
  assert.ok(heard.tone('user', USER_HZ, 50, 3950) > CLEAR)
})

test('a long message is recorded where it was spoken', async () => {
  const user = voice(USER_HZ)
  const heard = await listen(
    await record('long', 8000, (tape, at) => {
      if (at === 4000) tape.write('user', at, user(2000))
      if (at === 6000) tape.write('user', at, user(2000))
    }),
  )
  assert.ok(heard.level('user', 0, 1900) < SILENT)
  assert.ok(heard.tone('user', USER_HZ, 2050, 5950) > CLEAR)
  assert.ok(heard.level('user', 6100, 8000) < SILENT)
})

async function unfinished(name: string, seconds: number): Promise<string> {
  const path = join(folder, `${name}.ogg`)
  const file = await OpusFile.open(path)
  const tone = voice(USER_HZ)
  for (let packet = 0; packet < seconds * 50; packet++) {
    const left = new Int16Array(Uint8Array.from(tone(20)).buffer)
    const pairs = new Int16Array(PACKET_SAMPLES * 2)
    for (const [index, sample] of left.entries()) pairs[index * 2] = sample
    file.write(pairs)
  }
  file.close()
  return path
}

test('a file that a crash cut off is brought to an end, with all but its last second', async () => {
  const path = await unfinished('crashed', 5)
  appendFileSync(path, 'OggS\0\0 half a page')
  assert.equal(repair(path), true)
  const { seconds, tone } = await listen(path)
  assert.ok(seconds >= 3.9 && seconds <= 5, `${seconds} s`)
  assert.ok(tone('user', USER_HZ, 100, 3800) > CLEAR)
  const { length } = readFileSync(path)
  repair(path)
  assert.equal(statSync(path).size, length)
})

test('a damaged last page is left out', async () => {
  const path = await unfinished('damaged', 5)
  const bytes = readFileSync(path)
  bytes[bytes.length - 10] = bytes[bytes.length - 10]! ^ 1
  writeFileSync(path, bytes)
  assert.equal(repair(path), true)
  const { seconds } = await listen(path)
  assert.ok(seconds > 2.9 && seconds < 3.1, `${seconds} s`)
})

test('a channel gives its sound where it was put, and forgets what was cut', () => {
  const track = new Track()
  track.place(2, Int16Array.of(1, 2, 3))
  track.place(6, Int16Array.of(4, 5))
  const pairs = new Int16Array(16)
  track.read(0, pairs, 1)
  assert.deepEqual(
    [...pairs].filter((_, index) => index % 2),
    [0, 0, 1, 2, 3, 0, 4, 5],
  )
  track.place(8, Int16Array.of(6, 7, 8, 9))
  track.cut(10)
  assert.equal(track.end, 10)
  track.read(8, pairs.fill(0), 0)
  assert.deepEqual(
    [...pairs].filter((_, index) => index % 2 === 0),
    [6, 7, 0, 0, 0, 0, 0, 0],
  )
})

test('a file cut off anywhere can be repaired or has no sound', async () => {
  const whole = await unfinished('whole', 3)
  const { size } = statSync(whole)
  for (let cut = 0; cut < size; cut += Math.ceil(size / 23)) {
    const path = join(folder, 'part.ogg')
    copyFileSync(whole, path)
    truncateSync(path, cut)
    if (repair(path)) assert.ok((await listen(path)).seconds >= 0.9)
    else assert.ok(cut < 5500, `${cut} of ${size}`)
  }
})

test('a recording goes on in the file that an earlier server left', async () => {
  const path = await unfinished('resumed', 2)
  const recording = await Recording.open(path, { input: 'audio/pcm', output: 'audio/pcm' })
  const agent = voice(AGENT_HZ)
  const tape = new Tape((batch) => recording.take(batch, 5000))
  for (let at = 4000; at < 5000; at += 20) tape.write('agent', at, agent(20))
  tape.flush()
  recording.finish(6000)
  const heard = await listen(path)
  assert.ok(Math.abs(heard.seconds - 6) < 0.001, `${heard.seconds} s`)
  assert.ok(heard.tone('user', USER_HZ, 100, 900) > CLEAR)
  assert.ok(heard.level('user', 2100, 6000) < SILENT)
  assert.ok(heard.tone('agent', AGENT_HZ, 4100, 4900) > CLEAR)
})

test('a batch larger than usual passes as it is', () => {
  const batches: Uint8Array[] = []
  const tape = new Tape((batch) => batches.push(batch))
  tape.write('user', 1, bytesOf(new Int16Array(10)))
  tape.write('user', 2, bytesOf(new Int16Array(100_000)))
  tape.write('user', 3, bytesOf(new Int16Array(10)))
  tape.flush()
  tape.flush()
  assert.deepEqual(
    batches.map(({ length }) => length),
    [33, 200_013, 33],
  )
})
