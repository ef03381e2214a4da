// What goes over the wire: base64 in every host's way, the encodings of sound, addresses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBase64, encodeBase64 } from '@parley/client'
import { decodeWithAtob, encodeWithBtoa } from '../dist/base64.js'
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../dist/g711.js'
import { serverUrl, socketUrl } from '../dist/socket.js'
import { fromWire } from '../dist/wire-audio.js'

const bytes = Uint8Array.from({ length: 70_001 }, (_, index) => (index * 31) & 0xff)

test('base64 is the same in every way that a host offers', () => {
  const expected = Buffer.from(bytes).toString('base64')
  assert.equal(encodeBase64(bytes), expected)
  assert.equal(encodeWithBtoa(bytes), expected)
  assert.deepEqual(new Uint8Array(decodeBase64(expected)), bytes)
  assert.deepEqual(decodeWithAtob(expected), bytes)
})

test('part of a larger buffer is encoded, not the whole', () => {
  assert.equal(encodeBase64(bytes.subarray(3, 6)), Buffer.from(bytes.subarray(3, 6)).toString('base64'))
})

for (const { law, encode, decode, silence, loudest } of [
  { law: 'mu-law', encode: encodeMulaw, decode: decodeMulaw, silence: 0xff, loudest: 32_124 },
  { law: 'A-law', encode: encodeAlaw, decode: decodeAlaw, silence: 0xd5, loudest: 32_256 },
]) {
  test(`every code of ${law} comes back as the same sample`, () => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
    const samples = decode(codes)
    assert.deepEqual(decode(encode(samples)), samples)
    assert.equal(Math.max(...samples), loudest)
    assert.equal(Math.min(...samples), -loudest)
  })

  test(`${law} keeps every sample within a thirty-second of its size`, () => {
    const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
    const returned = decode(encode(samples))
    for (const [index, sample] of samples.entries()) {
      const error = Math.abs(returned[index]! - sample)
      assert.ok(error <= Math.max(8, Math.abs(sample) / 31 + 4), `${sample} came back as ${returned[index]}`)
    }
    assert.equal(encode(Int16Array.of(0))[0], silence)
  })
}

test('samples are read from any place in a buffer, and half a sample is left out', () => {
  const odd = Uint8Array.of(9, 1, 0, 0xfe, 0xff, 7).subarray(1)
  assert.deepEqual(fromWire('audio/pcm', odd), Int16Array.of(1, -2))
})

test('a server and its socket name each other', () => {
  assert.equal(socketUrl('https://voice.example.com').href, 'wss://voice.example.com/v1/ws')
  assert.equal(socketUrl('http://127.0.0.1:8080/').href, 'ws://127.0.0.1:8080/v1/ws')
  assert.equal(socketUrl('wss://voice.example.com/v1/ws').href, 'wss://voice.example.com/v1/ws')
  assert.equal(socketUrl('https://example.com/voice').href, 'wss://example.com/voice/v1/ws')
  assert.equal(serverUrl('wss://example.com/voice/v1/ws'), 'https://example.com/voice')
  assert.equal(serverUrl('ws://127.0.0.1:8080/v1/ws'), 'http://127.0.0.1:8080')
})
