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

/** Gives the sound of a payload; undefined for what is not base64. */
export function soundReader(): (payload: string, at: number) => MediaEvent | undefined {
  const decodeBase64 = base64Decoder()
  return (payload, at) => {
    const bytes = decodeBase64(payload)
    return bytes && { type: 'sound', bytes, at }
  }
}
