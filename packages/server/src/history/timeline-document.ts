// The timeline of a session as it is kept: entries while the session runs, one document when it is over (protocol.md section 6.4).

export type Trigger = 'greeting' | 'user_speech' | 'tool_result' | 'reply_create'

/** Milliseconds from `started_at_unix_ms`, which is also where the recording begins. */
export interface TimelineTurn {
  /** The reply, or the words of the user that got none. */
  readonly turn_id: string
  readonly item_id: string | null
  readonly status: 'in_progress' | 'completed' | 'interrupted' | 'failed' | 'unanswered'
  readonly trigger: Trigger
  readonly requested_instructions: string | null
  readonly user_transcript: string | null
  readonly user_speech_started_at_ms: number | null
  readonly user_speech_ended_at_ms: number | null
  /** No recogniser here tells how sure it is. */
  readonly user_confidence: null
  readonly agent_text: string | null
  readonly agent_reply_started_at_ms: number | null
  readonly agent_reply_ended_at_ms: number | null
  readonly interrupted_at_ms: number | null
  readonly time_to_first_audio_ms: number | null
  readonly tool_calls?: readonly TimelineCall[]
  /** Ours: where the time went. */
  readonly latency: TimelineLatency
}

export interface TimelineCall {
  readonly call_id: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly result: string | null
  readonly dispatched_at_ms: number
  readonly result_received_at_ms: number | null
  readonly duration_ms: number | null
  readonly is_error: boolean
  readonly timed_out: boolean
  /** The first of several calls of one reply; null for a call alone. */
  readonly parallel_call_id: string | null
}

/** Moments on the way to the first sound of a reply; null for what did not happen. */
export interface TimelineLatency {
  /** Since when the answer was due: the end of the speech, the result, the request, or the beginning of the session. */
  readonly due_at_ms: number
  readonly transcribed_at_ms: number | null
  /** `reply.started`. */
  readonly decided_at_ms: number | null
  readonly first_token_at_ms: number | null
  readonly first_sentence_at_ms: number | null
  readonly first_sound_made_at_ms: number | null
  readonly first_sound_sent_at_ms: number | null
  readonly decisions?: readonly TimelineDecision[]
}

export interface TimelineDecision {
  readonly at_ms: number
  readonly what: string
  readonly why: string
  readonly figures?: Readonly<Record<string, number>>
}

export interface ConfigChange {
  readonly at_ms: number
  /** The settings that are others than before, by their dotted paths. */
  readonly changes: Readonly<Record<string, unknown>>
}

export interface TimelineEnding {
  readonly reason: string
  readonly public_reason: string
  readonly duration_seconds: number
}

export interface TimelineHead {
  readonly session_id: string
  readonly started_at_unix_ms: number
}

/** A line of the journal. A turn that comes again takes the place of what was known of it. */
export type TimelineEntry = { readonly turn: TimelineTurn } | { readonly change: ConfigChange }

export interface TimelineDocument extends TimelineHead {
  readonly turns?: readonly TimelineTurn[]
  readonly config_changes?: readonly ConfigChange[]
  readonly ended: TimelineEnding
}

/** The document; lists that would be empty are left out (checklist 164). */
export function timelineOf(
  head: TimelineHead,
  entries: Iterable<TimelineEntry>,
  ended: TimelineEnding,
): TimelineDocument {
  const turns = new Map<string, TimelineTurn>()
  const changes: ConfigChange[] = []
  for (const entry of entries) {
    if ('turn' in entry) turns.set(entry.turn.turn_id, entry.turn)
    else changes.push(entry.change)
  }
  return {
    session_id: head.session_id,
    started_at_unix_ms: head.started_at_unix_ms,
    ...(turns.size > 0 && { turns: [...turns.values()].map(closed) }),
    ...(changes.length > 0 && { config_changes: changes }),
    ended,
  }
}

/** A turn in whose middle the server stopped was cut short. */
const closed = (turn: TimelineTurn): TimelineTurn =>
  turn.status === 'in_progress' ? { ...turn, status: 'interrupted' } : turn

/** `reason` in the words of the timeline, for a `public_close_reason` (protocol.md section 2.7). */
export const endingOf = (publicReason: string, durationSeconds: number): TimelineEnding => ({
  reason: publicReason === 'client_end' ? 'user_initiated' : publicReason,
  public_reason: publicReason,
  duration_seconds: durationSeconds,
})
