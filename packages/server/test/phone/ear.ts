// What a caller heard, in words: read from the frames that were played, whatever the server sent besides.
import type { Stream } from '@parley/conformance/phone'
import { muLaw } from '../../dist/audio/g711.js'
import { readTones, wordsOf } from './legible-voice.js'

const FRAME = 160

/** Word by word, from one moment to another, in ms since the stream began. */
export function wordsHeard(line: Stream, from = 0, to = Number.POSITIVE_INFINITY): string[] {
  const sound = muLaw.decode(line.sent)
  const frames: Int16Array[] = []
  for (let start = 0; start + FRAME <= sound.length; start += FRAME) {
    const at = playedAt(line, start + FRAME / 2)
    if (at !== undefined && at >= from && at < to) frames.push(sound.subarray(start, start + FRAME))
  }
  return wordsOf(readTones(frames))
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

/** When the caller first heard something at or after a moment. */
export const firstHeardAfter = (line: Stream, moment: number): number | undefined =>
  line.spans.map(({ at }) => at / 8).find((at) => at >= moment)

/** Loud enough to be speech to an engine that goes by loudness. */
export const utterance = (ms: number, hz = 220): Uint8Array =>
  muLaw.encode(Int16Array.from({ length: ms * 8 }, (_, index) => 12_000 * Math.sin((2 * Math.PI * hz * index) / 8000)))
