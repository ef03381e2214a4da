// What a caller heard, in words: read from the frames that were played, whatever the server sent besides.
import type { Stream } from '@parley/conformance/phone'
import { muLaw } from '../../dist/audio/g711.js'
import { lettersOf, toneIn, wordsOf } from './legible-voice.js'

const FRAME = 160

/** Word by word, from one moment to another, in ms since the stream began. */
export function wordsHeard(line: Stream, from = 0, to = Number.POSITIVE_INFINITY): string[] {
  const heard = tonesSent(line).filter((_, frame) => {
    const at = playedAt(line, (frame + 0.5) * FRAME)
    return at !== undefined && at >= from && at < to
  })
  return wordsOf(lettersOf(heard))
}

const known = new WeakMap<Stream, number[]>()

/** Frame by frame; each is listened to once. */
function tonesSent(line: Stream): readonly number[] {
  const tones = known.get(line) ?? []
  known.set(line, tones)
  for (let start = tones.length * FRAME; start + FRAME <= line.sent.length; start += FRAME)
    tones.push(toneIn(muLaw.decode(line.sent.subarray(start, start + FRAME))))
  return tones
}

/** The words between one `clear` and the next: a reply that was cut is the last of its stretch. */
export function stretchesHeard(line: Stream): string[][] {
  const clears = line.events.flatMap((event) => (event.what === 'clear' ? [event.at] : []))
  return [...clears, Number.POSITIVE_INFINITY].map((end, index) => wordsHeard(line, clears[index - 1] ?? 0, end))
}

/** When this sample of what the server sent was played, in ms since the stream began; undefined when it never was. */
export function playedAt(line: Stream, sample: number): number | undefined {
  const span = line.spans.find(({ from, length }) => sample >= from && sample < from + length)
  return span && (span.at + sample - span.from) / 8
}

/** Since when the caller has heard nothing, in ms since the stream began; undefined before anything was heard. */
export function silentSince(line: Stream): number | undefined {
  const last = line.spans.at(-1)
  return last && (last.at + last.length) / 8
}

/** Loud enough to be speech to an engine that goes by loudness. */
export const utterance = (ms: number, hz = 220): Uint8Array =>
  muLaw.encode(Int16Array.from({ length: ms * 8 }, (_, index) => 12_000 * Math.sin((2 * Math.PI * hz * index) / 8000)))
