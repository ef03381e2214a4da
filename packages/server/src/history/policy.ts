// What may be kept of a session: as the server is set, or less, as its agent asks.
import { HistorySettings } from '@parley/protocol'
import { z } from 'zod'

export interface Policy {
  readonly words: boolean
  readonly sound: boolean
  /** undefined: as the server is set. */
  readonly retentionDays: number | undefined
}

export type Recordings = 'on' | 'text' | 'off'

export const nothing: Policy = { words: false, sound: false, retentionDays: undefined }

const AgentSettings = z.object({ parley: z.object({ history: HistorySettings.optional() }).nullish() })

/** `agent`: the document of the stored agent; undefined for a session that brought its own settings. */
export function policyOf(agent: unknown, recordings: Recordings): Policy {
  const parsed = AgentSettings.safeParse(agent ?? {})
  // settings that cannot be read may have asked for nothing to be kept
  if (!parsed.success) return nothing
  const { keep = true, record_audio = true, retention_days } = parsed.data.parley?.history ?? {}
  const words = keep && recordings !== 'off'
  return { words, sound: words && record_audio && recordings === 'on', retentionDays: retention_days }
}
