// Who is at the other end of a call that is placed, and what becomes of the ringing.
import { type PhoneClock, pause } from './clock.js'

/** What a telephone does when it is called. All times in ms. */
export type Callee =
  | {
      readonly does: 'answers'
      /** How long it rings before. */
      readonly afterMs?: number
      /** Who answers, and how long the company takes to find out when it is asked to. */
      readonly by?: 'human' | 'machine' | 'fax' | 'unknown'
      readonly detectedAfterMs?: number
      /** For how long it talks, where it was reached by `<Dial>`. */
      readonly talksMs?: number
    }
  | { readonly does: 'is busy' | 'cannot be reached'; readonly afterMs?: number }
  | { readonly does: 'lets it ring' }

export type Ringing = 'answered' | 'busy' | 'failed' | 'no-answer' | 'canceled'

const DEFAULT_RING_MS = 20

/** Rings until something comes of it; `signal` gives up. */
export async function ring(clock: PhoneClock, callee: Callee, within: number, signal: AbortSignal): Promise<Ringing> {
  const afterMs = callee.does === 'lets it ring' ? within : (callee.afterMs ?? DEFAULT_RING_MS)
  await pause(clock, Math.min(afterMs, within), signal)
  if (signal.aborted) return 'canceled'
  if (callee.does === 'lets it ring' || afterMs >= within) return 'no-answer'
  if (callee.does === 'answers') return 'answered'
  return callee.does === 'is busy' ? 'busy' : 'failed'
}

export type MachineDetection = 'Enable' | 'DetectMessageEnd'

/** The value of `AnsweredBy` (twilio.com/docs/voice/answering-machine-detection). */
export function answeredBy(by: 'human' | 'machine' | 'fax' | 'unknown', detection: MachineDetection): string {
  if (by !== 'machine') return by
  return detection === 'Enable' ? 'machine_start' : 'machine_end_beep'
}
