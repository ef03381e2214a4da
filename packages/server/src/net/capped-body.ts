// Bodies of responses, of which no more is read than was asked for.
import { TextDecoder } from 'node:util'
import type { Response } from 'undici'
import { GuardError } from './guard-error.js'

export interface CappedText {
  readonly text: string
  /** Whether there was more. */
  readonly truncated: boolean
}

/**
 * The body as text, at most `maxBytes` of it, counted after decompression; the rest is never read. A character that the
 * cut would split is left out.
 */
export async function readText(response: Response, maxBytes: number): Promise<CappedText> {
  if (!response.body) return { text: '', truncated: false }
  const decoder = decoderFor(response.headers.get('content-type') ?? '')
  const reader = response.body.getReader()
  let text = ''
  let left = maxBytes
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { text: text + decoder.decode(), truncated: false }
    text += decoder.decode(value.subarray(0, left), { stream: true })
    if (value.length > left) {
      await reader.cancel().catch(() => {})
      return { text, truncated: true }
    }
    left -= value.length
  }
}

/** Passes a body on as it comes, and fails when it grows beyond `maxBytes`. */
export function cappedStream(maxBytes: number, host: string): TransformStream<Uint8Array, Uint8Array> {
  let left = maxBytes
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.length
      if (left >= 0) controller.enqueue(chunk)
      else controller.error(new GuardError('too_large', `${host} sent more than ${maxBytes} bytes`))
    },
  })
}

/** By the charset of the media type where it names one that is known; else UTF-8. */
function decoderFor(mediaType: string): TextDecoder {
  const charset = /;\s*charset="?([\w.:-]{1,40})/i.exec(mediaType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
