// What a carrier's buffer does with sound, marks and `clear`, and what a line does to the caller's frames.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mouth, Playback, SILENCE } from '../../dist/phone/index.js'

const sound = (ms: number, byte: number) => new Uint8Array(ms * 8).fill(byte)

test('what a server sends is played in real time, and silence before and after it', () => {
  const playback = new Playback()
  playback.playTo(10)
  playback.add(sound(30, 1))
  playback.playTo(20)
  assert.equal(playback.waiting, 20 * 8)
  playback.playTo(60)
  assert.deepEqual(playback.line, Uint8Array.from([...sound(10, SILENCE), ...sound(30, 1), ...sound(20, SILENCE)]))
  assert.deepEqual(playback.spans, [{ at: 80, from: 0, length: 240 }])
})

test('sound that comes too late leaves a gap, and the gap shows in the spans', () => {
  const playback = new Playback()
  playback.add(sound(20, 1))
  playback.playTo(50)
  playback.add(sound(20, 2))
  playback.playTo(70)
  assert.deepEqual(playback.spans, [
    { at: 0, from: 0, length: 160 },
    { at: 400, from: 160, length: 160 },
  ])
})

test('a mark comes back at the moment at which the sound before it has been played', () => {
  const playback = new Playback()
  playback.add(sound(30, 1))
  playback.mark('one')
  playback.add(sound(30, 1))
  playback.mark('two')
  assert.equal(playback.nextMarkAt(), 30)
  assert.deepEqual(playback.playTo(29.9), [])
  assert.deepEqual(playback.playTo(100), [
    { name: 'one', at: 30 },
    { name: 'two', at: 60 },
  ])
  assert.equal(playback.nextMarkAt(), undefined)
})

test('a mark with nothing before it comes back at once', () => {
  const playback = new Playback()
  playback.playTo(40)
  playback.mark('now')
  assert.equal(playback.nextMarkAt(), 40)
  assert.deepEqual(playback.playTo(40), [{ name: 'now', at: 40 }])
})

test('clear drops what was not played and returns the marks that were waiting, once', () => {
  const playback = new Playback()
  playback.add(sound(30, 1))
  playback.mark('one')
  playback.add(sound(30, 2))
  playback.mark('two')
  playback.playTo(40)
  assert.deepEqual(playback.clear(), ['two'])
  assert.equal(playback.waiting, 0)
  playback.add(sound(10, 3))
  assert.deepEqual(playback.playTo(60), [])
  assert.deepEqual(
    [...playback.line.subarray(39 * 8)].filter((_, index) => index % 80 === 8),
    [3, 255],
  )
  assert.deepEqual(playback.spans, [
    { at: 0, from: 0, length: 320 },
    { at: 320, from: 480, length: 80 },
  ])
})

test('a great deal of sound is kept whole', () => {
  const playback = new Playback()
  for (let second = 0; second < 60; second++) playback.add(sound(1000, second))
  playback.playTo(60_000)
  assert.equal(playback.line.length, 480_000)
  assert.deepEqual([playback.line[8000], playback.line[479_999]], [1, 59])
})

const frames = (mouth: Mouth, count: number) =>
  Array.from({ length: count }, () => mouth.record()).flatMap((frame) => (frame ? [frame] : []))

test('a caller sends a frame every 20 ms, silence where nothing is said', () => {
  const mouth = new Mouth()
  frames(mouth, 1)
  assert.deepEqual(mouth.say(sound(30, 7)), { begins: 20, ends: 50 })
  assert.deepEqual(mouth.say(sound(5, 8)), { begins: 50, ends: 55 })
  const [first, second, third] = frames(mouth, 3)
  assert.deepEqual([first?.number, first?.timestamp, first?.leaves], [1, 20, 40])
  assert.deepEqual(first?.sound, sound(20, 7))
  assert.deepEqual(second?.sound, Uint8Array.from([...sound(10, 7), ...sound(5, 8), ...sound(5, SILENCE)]))
  assert.deepEqual(third?.sound, sound(20, SILENCE))
})

test('a lost frame leaves a hole in the timestamps, not in their order', () => {
  const sent = frames(new Mouth({ loses: (frame) => frame === 1 }), 3)
  assert.deepEqual(
    sent.map(({ timestamp }) => timestamp),
    [0, 40],
  )
})

test('an unsteady line is late by no more than it may be, and never turns frames around', () => {
  const chances = [0.9, 0, 0.5, 0]
  const random = () => chances.shift() ?? 0
  const sent = frames(new Mouth({ latenessMs: 10, jitterMs: 100, random }), 4)
  assert.deepEqual(
    sent.map(({ leaves }) => leaves),
    [120, 120, 120, 120],
  )
})

test('after a stall everything comes at once', () => {
  const sent = frames(new Mouth({ stalls: [{ at: 30, ms: 50 }] }), 5)
  assert.deepEqual(
    sent.map(({ leaves }) => leaves),
    [20, 80, 80, 80, 100],
  )
})

test('somebody who is hushed says nothing more', () => {
  const mouth = new Mouth()
  mouth.say(sound(100, 7))
  mouth.hush()
  assert.deepEqual(frames(mouth, 1)[0]?.sound, sound(20, SILENCE))
})
