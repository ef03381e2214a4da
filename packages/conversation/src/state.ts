// What is remembered between two events: the whole state of a conversation, as plain data.
import type { ServerEvent, SessionConfig, Tool } from '@parley/protocol'
import type {
  Called,
  CallId,
  Collected,
  Item,
  ItemId,
  KeypadArgument,
  Millis,
  ReplyId,
  Telephony,
  TurnNumber,
  Word,
} from './model.js'
import type { Playing } from './playing.js'

/** What is known of a session when its connection opens, at 0 ms. */
export interface Start {
  /** `sess_` and 32 hex digits (checklist 30); every other identifier is derived from it. */
  readonly sessionId: string
  /** Unix time of 0 ms. */
  readonly startedAtUnixMs: number
  /** How long the session may last, counted from `session.ready`. */
  readonly cap: Millis
  /** How long the first `session.update` may take. */
  readonly firstMessageWithin: Millis
  /** How long its agent may take to be found, and then its engines to be ready; left out: as long as the protocol says. */
  readonly readyWithin?: Millis
  /** How long the session outlives its connection, so that it can be resumed; 0: not at all. */
  readonly grace: Millis
  /** After how much silence on both sides the session ends; undefined: it goes on until its cap. */
  readonly idleAfter?: Millis | undefined
  /** How much sound is sent before it is due to be played. */
  readonly lead: Millis
  /** Whether the peer tells what it has played, so that nothing counts as heard before. */
  readonly confirmsPlayout?: boolean
  /** The voice of an agent that names none. */
  readonly defaultVoice: string
  /** What the agent says when its language model or its recogniser fails; left out: a sentence in English. */
  readonly apology?: string
}

export type Conversation = Opening | Live | Ended

export interface Opening {
  readonly phase: 'opening'
  readonly start: Start
  readonly stage: Stage
  /** What a machine is left that has answered before the session is ready. */
  readonly messageLeft?: string
}

/** Each stage ends by itself: a client is never left waiting (protocol.md 2.1). */
export type Stage =
  | { readonly is: 'waiting'; readonly until: Millis }
  | { readonly is: 'loading'; readonly until: Millis }
  | {
      readonly is: 'preparing'
      readonly until: Millis
      readonly config: SessionConfig
      readonly serverTools: readonly string[]
      readonly variables?: Readonly<Record<string, string>>
      readonly phone: Telephony | undefined
    }

export interface Ended {
  readonly phase: 'ended'
}

export interface Live {
  readonly phase: 'live'
  readonly start: Start
  readonly config: SessionConfig
  /** When `session.ready` was sent. */
  readonly since: Millis
  readonly endsAt: Millis
  /** When somebody last spoke, a tool last ran, or the client last asked for something; kept where the session may become idle. */
  readonly stirredAt: Millis
  readonly connection: Connection
  /** The ear. */
  readonly user: UserTurn
  readonly turn: TurnNumber
  /** Whether the voice activity has found speech and not yet its end. */
  readonly isSounding: boolean
  readonly pace: Pace
  /** The mouth. */
  readonly reply: Reply | undefined
  readonly replies: number
  /** A `reply.create` that waits for its moment; the latest wins (protocol.md 3.5). */
  readonly requested: Request | undefined
  readonly owed: Owed | undefined
  readonly history: readonly Item[]
  /** Names of the tools that the server runs itself. */
  readonly serverTools: readonly string[]
  /** Every call of the session, in the order in which the model made them. */
  readonly calls: readonly ToolCall[]
  readonly attempts: Attempts
  readonly fillers: Fillers
  /** How the session ends, once the last words were heard. */
  readonly ending: Ending | undefined
  /** What the agent can do on a telephone call; undefined on every other channel. */
  readonly phone: Telephony | undefined
  /** What the caller is asked to enter on the keypad. */
  readonly entry: Entry | undefined
  /** Since when nobody speaks: no reply is open and the user is silent. */
  readonly quietSince: Millis | undefined
}

/** `missed`: what the client is told once it is back, since it would not understand the rest without it. */
export type Connection =
  | { readonly is: 'up' }
  | { readonly is: 'down'; readonly until: Millis; readonly missed: readonly ServerEvent[] }

export interface Request {
  readonly instructions: string | undefined
}

/**
 * What the agent has yet to say once the floor is free: the greeting that nobody heard, the answer to words
 * that got none, something to go on with after an interruption without words, an apology for words that
 * the language model failed to write or the recogniser to hear, or what is to be entered on the keypad.
 */
export type Owed =
  | { readonly is: 'greeting' }
  | { readonly is: 'answer'; readonly silentSince: Millis }
  | { readonly is: 'recovery' }
  | { readonly is: 'apology'; readonly lost: Lost }
  | { readonly is: 'prompt' }

/** What went missing: the whole reply, the rest of it, or what the user had said. */
export type Lost = 'all' | 'the rest' | 'the question'

/**
 * By a call of the model the agent hangs up, or hands the caller on to `target`, unless somebody goes on talking.
 * `message`: it is left to a machine, and nobody listens any more.
 */
export type Ending =
  | { readonly is: 'hanging up'; readonly callId: CallId }
  | { readonly is: 'transfer'; readonly callId: CallId; readonly target: string }
  | { readonly is: 'message' }

/**
 * An argument that the caller enters. `asked`: the agent has asked for it, but somebody speaks, so no time runs;
 * `awaited`: it runs. `pressing`: there are digits already.
 */
export interface Entry {
  readonly callId: CallId
  readonly asked: KeypadArgument
  /** Whether for the digits, or for whether they are right. */
  readonly purpose: 'value' | 'confirmation'
  readonly stage: 'unasked' | 'asked' | 'awaited' | 'pressing'
  /** How many digits are to be confirmed, and which, if that may be known. */
  readonly entered: { readonly length: number; readonly digits: string | undefined }
  /** Why it is asked for again. */
  readonly trouble: Exclude<Collected, 'complete' | 'help'> | undefined
  /** How often it came to nothing. */
  readonly failures: number
  /** Whether the caller has talked since it was asked for. */
  readonly hasTalked: boolean
}

/** A tool that the model called. What came of it stands in the history. */
export interface ToolCall {
  readonly callId: CallId
  readonly name: string
  /** The reply in which it was called. What came of the calls of one reply is spoken of together. */
  readonly reply: ReplyId
  readonly runner: 'client' | 'server'
  readonly mode: Tool['execution_mode']
  readonly since: Millis
  /** The turn with which the user took the floor while it ran: its result is recorded, and nothing is said of it. */
  readonly hushedBy: TurnNumber | undefined
  readonly progress: CallProgress
}

/** `collecting`: the caller is still to enter arguments. `told`: the reply for which the model was told what came of it. */
export type CallProgress =
  | { readonly is: 'collecting' }
  | { readonly is: 'running'; readonly until: Millis }
  | {
      readonly is: 'over'
      readonly how: 'succeeded' | 'failed' | 'timed out' | 'refused'
      readonly told: ReplyId | undefined
    }

/** What the model has tried with tools since the user's last words. */
export interface Attempts {
  /** How often it was asked again with what came of its calls. */
  readonly rounds: number
  /** How often in a row nothing had come of them. */
  readonly failures: number
}

/** What was said so far to pass the time. */
export interface Fillers {
  /** In the whole session. */
  readonly said: number
  /** While the present calls run. */
  readonly inWait: number
  /** The last of the present wait. */
  readonly last: string | undefined
}

/**
 * The ear. `interjecting`: the user speaks over a reply that can be heard, and whether that takes the floor
 * is not yet decided. `holding`: the user has finished, but the agent may not be cut short, so the turn waits.
 */
export type UserTurn =
  | { readonly is: 'silent' }
  | { readonly is: 'speaking'; readonly said: Said; readonly since: Millis; readonly until: Millis }
  | { readonly is: 'pausing'; readonly said: Said; readonly since: Millis; readonly until: Millis }
  | { readonly is: 'settling'; readonly said: Said; readonly since: Millis; readonly until: Millis }
  | {
      readonly is: 'interjecting'
      readonly said: Said
      readonly since: Millis
      readonly speech: Interjection
      /** Whether it began over the last words of a question: then "yes" is an answer and no back-channel. */
      readonly answering: boolean
      readonly until: Millis
    }
  | { readonly is: 'holding'; readonly said: Said; readonly since: Millis }

/** `since`: when the speech fell silent; `at`: when that was noticed. */
export type Interjection =
  | { readonly is: 'going on' }
  | { readonly is: 'stopped'; readonly since: Millis; readonly at: Millis }

/** What the user has said in this turn. */
export interface Said {
  /** All words so far, as the recogniser has them now. */
  readonly text: string
  /** How far `text` can be relied on in the present pause. `lost`: the recogniser failed before it had a word of it. */
  readonly known: 'not yet' | 'steady' | 'final' | 'lost'
  /** The transcript that the client has; undefined: it does not even know that the user speaks. */
  readonly told: string | undefined
  /** What the turn detector thinks of the present pause, 0 to 1. */
  readonly predicted: number | undefined
  /** Speech in this turn, without its pauses. */
  readonly speech: Millis
  readonly pauses: number
}

/** How this user speaks: above 1 one who pauses within a thought, below 1 one who speaks on without. */
export interface Pace {
  readonly patience: number
}

/**
 * `result`: about what came of tools. `filler`: passes the time while they run. `apology`: the language model or the
 * recogniser failed.
 * `keypad`: asks for keys. `message`: is left to a machine.
 */
export type ReplyKind =
  | 'greeting'
  | 'answer'
  | 'requested'
  | 'recovery'
  | 'result'
  | 'filler'
  | 'apology'
  | 'keypad'
  | 'message'

/** The mouth. */
export interface Reply {
  readonly id: ReplyId
  readonly item: ItemId
  readonly kind: ReplyKind
  /** `text`: nothing is spoken, the words are sent as they come (Q8). */
  readonly medium: 'audio' | 'text'
  readonly instructions: string | undefined
  /** For an answer: when the user had fallen silent. */
  readonly answers: Millis | undefined
  /** Whether the model was offered tools for it. */
  readonly mayCall: boolean
  /** What the model called since it was last asked. */
  readonly calls: readonly AnsweredCall[]
  /** Whether a call of it was refused: then it asks the user for what was missing. */
  readonly afterRefusal: boolean
  /** Whether the model was asked a second time because it had answered with nothing. */
  readonly askedAgain: boolean
  /** What was written and is not yet a clause. */
  readonly rest: string
  readonly writing: { readonly is: 'going on'; readonly until: Millis } | { readonly is: 'finished' }
  /** The text of each clause; joined they are the text of the reply. */
  readonly clauses: readonly string[]
  /** Clauses whose sound is made in full; the one after them may be in the making. */
  readonly made: readonly MadeClause[]
  readonly making: Sound | undefined
  /** When the next sound is overdue; undefined while none is. */
  readonly soundDue: Millis | undefined
  readonly playing: Playing
  /** Clauses whose words the client was sent. */
  readonly told: number
}

/** A call with the text that stands for its result, until the result comes and from then on. */
export interface AnsweredCall {
  readonly called: Called
  readonly text: string
}

/** A stretch of the sound of a reply. */
export interface Sound {
  readonly offset: Millis
  readonly length: Millis
}

export interface MadeClause extends Sound {
  readonly words: readonly Word[] | undefined
}
