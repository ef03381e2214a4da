// Our own protocol: JSON text frames, one event each (protocol.md 3.1).
import { type Problem, parseClientEvent, type ServerEvent } from '@parley/protocol'
import { base64Decoder } from './base64.js'
import type { Decoded, Transport } from './transport.js'

const AUDIO_PREFIX = '{"type":"input.audio","audio":"'
const AUDIO_SUFFIX = '"}'
const invalidAudio: Decoded = { type: 'problem', problem: { code: 'invalid_audio', message: 'Invalid audio data' } }
const notText: Problem = {
  code: 'invalid_format',
  message: 'Binary frames are not accepted: send sound as base64 in input.audio.',
}

export function native(): Transport {
  const decodeBase64 = base64Decoder()

  const audio = (text: string): Decoded => {
    const bytes = decodeBase64(text)
    return bytes ? { type: 'audio', bytes } : invalidAudio
  }

  return {
    decode(message, isBinary) {
      if (isBinary) return { type: 'problem', problem: notText }
      const sound = soundOf(message)
      if (sound !== undefined) return audio(sound)
      const parsed = parseClientEvent(message.toString())
      if (!parsed.ok) return { type: 'problem', problem: parsed.problem }
      if (parsed.event.type === 'input.audio') return audio(parsed.event.audio)
      return { type: 'event', event: parsed.event }
    },
    encode: (event, unixMs) => `${JSON.stringify(withFractions(event)).slice(0, -1)},"timestamp":${seconds(unixMs)}}`,
    encodeFrame: (reply, bytes, start, end, unixMs) =>
      `{"type":"reply.audio","reply_id":"${reply}","data":"${bytes.toString('base64', start, end)}","timestamp":${seconds(unixMs)}}`,
  }
}

/**
 * The base64 of an `input.audio` in the exact form that nearly every program sends, without parsing JSON;
 * undefined for any other form (measured: parsing and copying cost five times as much).
 */
function soundOf(message: Buffer): string | undefined {
  const end = message.length - AUDIO_SUFFIX.length
  if (end < AUDIO_PREFIX.length || message.toString('latin1', 0, AUDIO_PREFIX.length) !== AUDIO_PREFIX) return undefined
  if (message[end] !== 0x22 || message[end + 1] !== 0x7d) return undefined
  const text = message.toString('latin1', AUDIO_PREFIX.length, end)
  return text.includes('"') || text.includes('\\') ? undefined : text
}

/** Unix seconds; always with a fraction, so that typed languages read a float (checklist 65). */
const seconds = (unixMs: number): string => (unixMs / 1000).toFixed(6)

/** Durations are floats on the wire even when they happen to be whole (checklist 113). */
const withFractions = (event: ServerEvent): ServerEvent =>
  event.type === 'session.ended' && Number.isInteger(event.session_duration_seconds)
    ? { ...event, session_duration_seconds: event.session_duration_seconds + 1e-6 }
    : event
