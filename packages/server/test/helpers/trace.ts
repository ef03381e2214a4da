// What all frames of a session must be like, whatever it is about: read off what a peer was sent.
import assert from 'node:assert/strict'
import { bytesPerSample, durationMs, type Encoding, serverEvents } from '@parley/protocol'
import type { Frame, Received } from './peer.js'

/** The most sound that may be under way before it is due, in ms (checklist 108). */
export const LEAD_MS = 200
/** On a busy machine the first frame, from which the others are counted, may have left late itself. */
export const JITTER_MS = 600

const schemas: Readonly<Record<string, { parse(value: unknown): unknown }>> = serverEvents
const ofProtocol = new Set<unknown>(['invalid_format', 'invalid_audio', 'audio_rate_violation'])

/** Checklist 30, 64-66, 69, 74-83, 91, 92, 97, 104, 105 and 108, for one connection from its first frame on. */
export function assertConforms(received: readonly Received[]): void {
  received.forEach(assertFrame)
  const frames = received.map(({ frame }) => frame)
  assertReplies(frames)
  assertTurns(frames)
  assertPaced(received)
}

export const encodingOf = (frames: readonly Frame[]): Encoding => {
  const ready = frames.find(({ type }) => type === 'session.ready')
  // the frame has passed its schema
  return ready ? (ready.config as { output: { format: { encoding: Encoding } } }).output.format.encoding : 'audio/pcm'
}

/** The bytes of a `reply.audio`. */
export const soundOf = ({ data }: Frame): Buffer => Buffer.from(String(data), 'base64')

function assertFrame({ text, isBinary, frame }: Received): void {
  assert.equal(isBinary, false, 'a binary frame')
  assert.match(text, /"timestamp":\d{10}\.\d+[,}]/)
  const { timestamp, ...event } = frame
  assert.equal(typeof timestamp, 'number')
  // a schema drops what it does not know, so a field too many shows as well as one too few
  assert.deepEqual(schemas[frame.type]?.parse(event), event)
  if (frame.type === 'session.error')
    assert.deepEqual(['param' in frame, 'session_id' in frame], Array(2).fill(!ofProtocol.has(frame.code)), text)
}

interface OpenReply {
  readonly id: unknown
  readonly item: unknown
  words: string
  transcript: Frame | undefined
}

function assertReplies(frames: readonly Frame[]): void {
  const unit = bytesPerSample[encodingOf(frames)]
  const past = new Set<unknown>()
  let open: OpenReply | undefined
  for (const frame of frames) {
    if (!('reply_id' in frame)) continue
    if (frame.type === 'reply.started') {
      assert.equal(open, undefined, 'a reply begins while another is open')
      assert.ok(!past.has(frame.reply_id), 'a reply begins twice')
      past.add(frame.reply_id)
      open = { id: frame.reply_id, item: frame.item_id, words: '', transcript: undefined }
      continue
    }
    assert.ok(open && open.id === frame.reply_id, `${frame.type} outside of its reply`)
    if ('item_id' in frame) assert.equal(frame.item_id, open.item)
    if (frame.type === 'reply.done') {
      assert.equal(open.transcript?.interrupted ?? frame.status === 'interrupted', frame.status === 'interrupted')
      open = undefined
      continue
    }
    assert.equal(open.transcript, undefined, `${frame.type} after the final transcript`)
    if (frame.type === 'reply.audio') {
      const { length } = soundOf(frame)
      assert.ok(length > 0 && length % unit === 0, `a piece of sound of ${length} bytes`)
    }
    if (frame.type === 'transcript.agent.delta') {
      assert.match(String(frame.delta), /^\s*\S+\s*$/)
      open.words += frame.delta
    }
    if (frame.type === 'transcript.agent') {
      open.transcript = frame
      if (frame.interrupted === false) assert.equal(open.words, frame.text)
    }
  }
}

function assertTurns(frames: readonly Frame[]): void {
  let speaking = false
  const texts = new Map<unknown, 'open' | 'final'>()
  for (const frame of frames) {
    if (frame.type === 'input.speech.started' || frame.type === 'input.speech.stopped') {
      assert.equal(speaking, frame.type === 'input.speech.stopped', `${frame.type} twice`)
      speaking = !speaking
    }
    if (frame.type !== 'transcript.user.delta' && frame.type !== 'transcript.user') continue
    assert.notEqual(texts.get(frame.item_id), 'final', `${frame.type} after the final text of its turn`)
    texts.set(frame.item_id, frame.type === 'transcript.user' ? 'final' : 'open')
  }
}

/** By the times at which the server says that it sent. */
function assertPaced(received: readonly Received[]): void {
  const encoding = encodingOf(received.map(({ frame }) => frame))
  const begun = new Map<unknown, { at: number; sound: number }>()
  for (const { frame } of received) {
    if (frame.type !== 'reply.audio') continue
    const at = Number(frame.timestamp) * 1000
    const reply = begun.get(frame.reply_id) ?? { at, sound: 0 }
    begun.set(frame.reply_id, reply)
    reply.sound += durationMs(encoding, soundOf(frame).length)
    const lead = reply.sound - (at - reply.at)
    assert.ok(lead <= LEAD_MS + JITTER_MS, `sound was sent ${Math.round(lead)} ms before it was due`)
  }
}
