// What may be kept of a session: as the server is set, or less, as its agent asks.
import type { HistorySettings } from '@parley/protocol'

export interface Policy {
  readonly words: boolean
  readonly sound: boolean
  /** undefined: as the server is set. */
  readonly retentionDays: number | undefined
}

export type Recordings = 'on' | 'text' | 'off'

/** `asked`: by the agent of the session, if it has one that asks for anything. */
export function policyOf(asked: HistorySettings | undefined, recordings: Recordings): Policy {
  const { keep = true, record_audio = true, retention_days } = asked ?? {}
  const words = keep && recordings !== 'off'
  return { words, sound: words && record_audio && recordings === 'on', retentionDays: retention_days }
}
