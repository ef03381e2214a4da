// What is noted of one turn while it goes on, and the turn of the timeline that comes of it.
import type { Millis } from '@parley/conversation'
import type { TimelineCall, TimelineDecision, TimelineTurn, Trigger } from './timeline-document.js'

/** What the user said, with its places. */
export interface SaidWords {
  readonly item: string
  readonly text: string
  readonly startedAt: Millis | undefined
  readonly endedAt: Millis | undefined
  readonly transcribedAt: Millis | undefined
}

export interface CallNotes {
  readonly callId: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly dispatchedAt: Millis
  answer?: { readonly text: string; readonly at: Millis; readonly isError: boolean; readonly timedOut: boolean }
}

/** Times are on the session's clock. */
export interface TurnNotes {
  readonly id: string
  readonly item: string | null
  readonly trigger: Trigger
  readonly said: SaidWords | undefined
  readonly dueAt: Millis
  readonly decidedAt: Millis | undefined
  readonly decisions: TimelineDecision[]
  readonly calls: CallNotes[]
  status: TimelineTurn['status']
  instructions?: string
  /** The words that were sent one by one. */
  words: string
  /** The words as they stand in the end. */
  text?: string
  firstTokenAt?: Millis
  firstSentenceAt?: Millis
  firstSoundAt?: Millis
  firstSentAt?: Millis
  doneAt?: Millis
}

/** A result that is longer is kept up to here. */
const MOST_RESULT_CHARACTERS = 65_536

/** `zero`: where the recording begins, on the session's clock. */
export function turnOf(notes: TurnNotes, zero: Millis): TimelineTurn {
  const { said, firstSentAt, dueAt, doneAt, status } = notes
  const place = (at: Millis | undefined) => (at === undefined ? null : Math.max(0, Math.round(at - zero)))
  return {
    turn_id: notes.id,
    item_id: notes.item,
    status,
    trigger: notes.trigger,
    requested_instructions: notes.instructions ?? null,
    user_transcript: said?.text ?? null,
    user_speech_started_at_ms: place(said?.startedAt),
    user_speech_ended_at_ms: place(said?.endedAt),
    user_confidence: null,
    agent_text: notes.text ?? (notes.words.trim() || null),
    agent_reply_started_at_ms: place(notes.decidedAt),
    agent_reply_ended_at_ms: place(doneAt),
    interrupted_at_ms: status === 'interrupted' ? place(doneAt) : null,
    time_to_first_audio_ms: firstSentAt === undefined ? null : Math.max(0, Math.round(firstSentAt - dueAt)),
    ...(notes.calls.length > 0 && { tool_calls: notes.calls.map((call) => callOf(call, notes.calls, place)) }),
    latency: {
      due_at_ms: Math.max(0, Math.round(dueAt - zero)),
      transcribed_at_ms: place(said?.transcribedAt),
      decided_at_ms: place(notes.decidedAt),
      first_token_at_ms: place(notes.firstTokenAt),
      first_sentence_at_ms: place(notes.firstSentenceAt),
      first_sound_made_at_ms: place(notes.firstSoundAt),
      first_sound_sent_at_ms: place(firstSentAt),
      ...(notes.decisions.length > 0 && { decisions: [...notes.decisions] }),
    },
  }
}

function callOf(
  { callId, name, arguments: args, dispatchedAt, answer }: CallNotes,
  all: readonly CallNotes[],
  place: (at: Millis | undefined) => number | null,
): TimelineCall {
  return {
    call_id: callId,
    name,
    arguments: args,
    result: answer?.text.slice(0, MOST_RESULT_CHARACTERS) ?? null,
    dispatched_at_ms: place(dispatchedAt) ?? 0,
    result_received_at_ms: place(answer?.timedOut === false ? answer.at : undefined),
    duration_ms: answer ? Math.round(answer.at - dispatchedAt) : null,
    is_error: answer?.isError ?? false,
    timed_out: answer?.timedOut ?? false,
    parallel_call_id: all.length > 1 ? all[0]!.callId : null,
  }
}
