// What the messages of carriers have in common: JSON, one event each, and sound as base64 many times a second.
import { z } from 'zod'
import { base64Decoder } from '../transports/base64.js'
import type { MediaEvent } from './carrier.js'

/** Numbers come as text. */
export const Milliseconds = z
  .union([z.string().regex(/^\d{1,15}$/), z.number().min(0).max(1e15)])
  .transform((value) => Number(value))

/** What a caller can press; A to D are on no telephone, but in the standard. */
export const Key = z.string().regex(/^[0-9A-D*#]$/)

/** What was given to the stream when the call was connected. Anything else than text is left out. */
export const Parameters = z
  .record(z.string(), z.unknown())
  .catch({})
  .transform(
    (fields): Readonly<Record<string, string>> =>
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      ),
  )

/** The object that a message is; undefined for what is no JSON object. */
export function objectOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

export interface SoundReader {
  /** Sound in the form in which nearly every message comes, without parsing JSON; undefined for any other form. */
  quick(text: string): MediaEvent | undefined
  /** Undefined for what is not base64. */
  sound(payload: string, at: number): MediaEvent | undefined
}

/** `head`: the message up to its payload, with the time in its first group; `tail`: what follows the payload's end. */
export function soundReader(head: RegExp, tail: string): SoundReader {
  const decodeBase64 = base64Decoder()
  const sound = (payload: string, at: number): MediaEvent | undefined => {
    const bytes = decodeBase64(payload)
    return bytes && { type: 'sound', bytes, at }
  }
  return {
    sound,
    quick(text) {
      const [before, at] = head.exec(text) ?? []
      if (before === undefined) return undefined
      const end = text.indexOf('"', before.length)
      if (!text.startsWith(tail, end) || !text.endsWith('"}')) return undefined
      return sound(text.slice(before.length, end), Number(at))
    },
  }
}
