// The vocabulary of a conversation: what can happen (Event), what can be ordered (Effect),
// and how rules compose. Sound itself flows past, not through: here there are only words and lengths.
import type { Problem, ServerEvent, SessionConfig, SessionPatch, Tool } from '@parley/protocol'

/** Milliseconds since the connection was opened. Only the server reads a real clock. */
export type Millis = number
/** `resp_` and 32 hex digits (checklist 75). */
export type ReplyId = string
/** `msg_` and 32 hex digits (checklist 75). */
export type ItemId = string
export type CallId = string
/** Counts the user's turns from 1; what the recogniser says of an earlier turn is told apart by it. */
export type TurnNumber = number

/** What the language model is told, in order. */
export type Item =
  | { readonly role: 'user' | 'system'; readonly text: string }
  /** `calls`: what it called on the way; each is answered by an item of the role `tool`. */
  | {
      readonly role: 'agent'
      readonly text: string
      readonly interrupted?: true
      readonly calls?: readonly Called[]
    }
  | { readonly role: 'tool'; readonly callId: CallId; readonly name: string; readonly text: string }

/** A tool that the language model called, as the model wrote it. */
export interface Called {
  readonly callId: CallId
  readonly name: string
  readonly arguments: Arguments
}

export type Arguments = Readonly<Record<string, unknown>>

/** A rule of the tool's parameters that an argument breaks. `argument`: its dotted path; empty: the arguments as a whole. */
export interface ArgumentProblem {
  readonly argument: string
  /** Says to the model what is wrong. */
  readonly why: string
}

/** A word of a reply with its place in the sound of its clause. */
export interface Word {
  readonly text: string
  readonly start: Millis
  readonly end: Millis
}

export type EngineKind = 'vad' | 'stt' | 'turn' | 'llm' | 'tts'

/** Why an engine gave up. Never holds what a person said, nor a secret. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly statusCode?: number
  readonly providerCode?: string
}

// ── What happened: `<who>.<what>`, in the past ─────────────────────────────────────────────

export type EventBody =
  /** `problems` are the values that the schema's checks refused; paths as in `session.error.param`. */
  | { type: 'client.updated'; patch: SessionPatch; problems: readonly Problem[] }
  /** A `session.resume` within a session, where it has no place: it is the first message of a connection or nothing. */
  | { type: 'client.resumed'; sessionId: string }
  | { type: 'client.answered'; callId: CallId; result: string; isError: boolean }
  | { type: 'client.askedReply'; instructions?: string }
  | { type: 'client.cancelledReply'; replyId: ReplyId }
  | { type: 'client.said'; role: 'user' | 'system'; content: string }
  | { type: 'client.ended' }
  | { type: 'connection.lost' }
  /** A new connection takes the place of the one that was lost, or that is still there. */
  | { type: 'connection.resumed' }
  /** The server is stopping, or whom the session belongs to is gone: it ends in good order. */
  | { type: 'server.stopping' }
  /**
   * `serverTools`: names of the tools that the server runs itself; the client answers the calls of all others.
   * `phone`: what the agent can do on a telephone call; left out on every other channel. `variables`: what is known of
   * the call, for the model.
   */
  | {
      type: 'agent.found'
      config: SessionConfig | undefined
      serverTools: readonly string[]
      phone?: Telephony
      variables?: Readonly<Record<string, string>>
    }
  /** The store could not say whether there is such an agent. */
  | { type: 'agent.unreadable' }
  | { type: 'engines.ready' }
  /** `since`: when, by the session's clock, the speech began or fell silent; earlier than `at`. */
  | { type: 'vad.started'; since: Millis }
  | { type: 'vad.stopped'; since: Millis }
  /** `text`: all that was said in this turn so far. A final covers all speech up to the last `vad.stopped`. */
  | { type: 'stt.partial'; turn: TurnNumber; text: string }
  | { type: 'stt.final'; turn: TurnNumber; text: string }
  /** `complete`: how sure the turn detector is that the thought is finished, 0 to 1. */
  | { type: 'turn.predicted'; turn: TurnNumber; complete: number }
  | { type: 'llm.wrote'; reply: ReplyId; text: string }
  /** `problems`: what the arguments break of the rules of the tool's parameters; nothing may run then. */
  | {
      type: 'llm.called'
      reply: ReplyId
      callId: CallId
      name: string
      arguments: Arguments
      problems: readonly ArgumentProblem[]
    }
  | { type: 'llm.finished'; reply: ReplyId }
  /** A tool of the server has run, or could not. `result`: text for the model. */
  | { type: 'tool.answered'; callId: CallId; result: string; isError: boolean }
  /** A piece of the sound of clause number `clause` (from 0) was made, `length` long. */
  | { type: 'tts.spoke'; reply: ReplyId; clause: number; length: Millis }
  /** All sound of that clause was made. `words`: their places, where the voice knows them. */
  | { type: 'tts.finished'; reply: ReplyId; clause: number; words?: readonly Word[] }
  /** The peer has played the sound of the reply up to `offset`. Only of peers that tell what they have played. */
  | { type: 'playout.reached'; reply: ReplyId; offset: Millis }
  /** Keys that nobody asked for, and that nothing follows: a digit each, `*` or `#`. */
  | { type: 'keypad.pressed'; keys: string }
  /** The first key of what `collect` asks for; the rest is told when it is all there. */
  | { type: 'keypad.touched'; callId: CallId }
  /** What came of `collect`. `digits` is left out where they are secret: then the session has them, and nobody else. */
  | { type: 'keypad.collected'; callId: CallId; argument: string; how: Collected; length: number; digits?: string }
  /** Not a person but a machine has answered the call: it is left `message`, if any, and the call is over. */
  | { type: 'call.answeredByMachine'; message: string | undefined }
  /** `fatal`: the engine will not come back for this session. */
  | { type: 'engine.failed'; engine: EngineKind; reply?: ReplyId; failure: Failure; fatal: boolean }
  | { type: 'clock.ticked' }

export type Event = EventBody & { readonly at: Millis }

/**
 * How entering digits came to its end. `complete`: the terminator was pressed or there are as many as there may be.
 * `short`: the terminator came too early. `wrong`: the digits break a rule of the argument. `timed out`: nothing more was
 * pressed. `help`: the caller would rather talk.
 */
export type Collected = 'complete' | 'short' | 'wrong' | 'timed out' | 'help'

/** What an agent can do on a telephone call. */
export interface Telephony {
  /** Names of the places that a call may be handed on to, with what the model is told of them. */
  readonly transferTargets: readonly { readonly name: string; readonly description: string }[]
  /** Arguments that callers enter on the keypad. */
  readonly keypad: readonly KeypadArgument[]
}

/** An argument of a tool that the model does not give: the caller enters it. */
export interface KeypadArgument {
  readonly tool: string
  readonly argument: string
  /** What the agent says to ask for it. */
  readonly prompt: string
  readonly least: number
  readonly most: number
  /** The key that ends the entry before there are `most` digits. */
  readonly terminator: string
  /** How long a key is waited for. */
  readonly within: Millis
  /** Nobody but the tool learns the digits. */
  readonly sensitive: boolean
  /** Whether the caller hears the digits again and says whether they are right. */
  readonly confirm: boolean
  /** Whether a key leads out of the entry and back to talking. */
  readonly escapes: boolean
}

// ── What to do: always an order ────────────────────────────────────────────────────────────

export type Effect =
  /** While nobody is connected it reaches only those who follow the session. */
  | { type: 'send'; event: ServerEvent }
  /** Send what the new connection has to know of the time before it; whoever follows the session knows it already. */
  | { type: 'deliver'; event: ServerEvent }
  /** Find the stored agent; answered by `agent.found` or `agent.unreadable`. */
  | { type: 'load'; agentId: string }
  /** Open the engines for these settings; answered by `engines.ready` or `engine.failed`. */
  | { type: 'prepare'; config: SessionConfig }
  /** The settings changed in the middle of the session. */
  | { type: 'reconfigure'; config: SessionConfig }
  /** The recogniser begins turn number `turn`; what it still says of earlier ones is void. */
  | { type: 'listen'; turn: TurnNumber }
  /** Ask the language model. `instructions` go last, as a system message, once (checklist 85). */
  | {
      type: 'generate'
      reply: ReplyId
      system: string
      history: readonly Item[]
      tools: readonly Tool[]
      instructions?: string
    }
  /**
   * From now on keys are the digits of this argument, or the answer to whether they are right; answered by
   * `keypad.collected`, unless `stopCollecting` comes first. Time runs from the first key, or from `awaitKeys`.
   */
  | { type: 'collect'; callId: CallId; asked: KeypadArgument; purpose: 'value' | 'confirmation' }
  /** The caller has heard what to enter, and nobody speaks: from now on a key is waited for. */
  | { type: 'awaitKeys' }
  | { type: 'stopCollecting' }
  /** Run a tool of the server; answered by `tool.answered`. Digits that only the session has are added by it. */
  | { type: 'invoke'; callId: CallId; name: string; arguments: Arguments }
  /** The result of that tool is not waited for any more. */
  | { type: 'abandon'; callId: CallId }
  /** Say a clause; they are numbered from 0 without a gap. `last`: no more will follow; its text may then be empty. */
  | { type: 'speak'; reply: ReplyId; clause: number; text: string; last: boolean }
  /** Hold back the sound that has not been sent; `resume` goes on where it stopped. */
  | { type: 'pause'; reply: ReplyId }
  | { type: 'resume'; reply: ReplyId }
  /** Stop generating, stop speaking, forget the sound that has not been sent. */
  | { type: 'cancel'; reply: ReplyId }
  /** An engine failed in a way that nobody else notices; for the log and the metrics. */
  | { type: 'report'; engine: EngineKind; failure: Failure }
  /** A decision with its reasons, for the log and the timeline. */
  | { type: 'note'; decision: Decision }
  /** Send `session.ended` with this duration (and the length of the sound received), if anybody is there; then close with 1000. */
  | { type: 'end'; reason: EndReason; duration: Millis; transfer?: string }
  /** Close the socket at once: after a fatal error, or because nobody is there any more. */
  | { type: 'close'; code: 1000 | 1008 | 1011; reason: string }

/**
 * `agent_end`: the agent hung up, after its goodbye. `idle`: nobody said or asked for anything. `transferred`: the call
 * goes on with somebody else; the order says with whom, by the name of the target.
 */
export type EndReason =
  | 'client_end'
  | 'agent_end'
  | 'transferred'
  | 'max_duration'
  | 'idle'
  | 'server_stopping'
  | 'participant_disconnected'
  | 'error'

/** `what` was decided and why: numbers in ms, scores 0 to 1, word counts; never the words themselves. */
export interface Decision {
  readonly what: string
  readonly why: string
  readonly figures?: Readonly<Record<string, number>>
}

// ── How rules compose ──────────────────────────────────────────────────────────────────────

export type Step<S> = readonly [S, readonly Effect[]]
export type Rule<S> = (state: S) => Step<S>

export const unchanged = <S>(state: S): Step<S> => [state, []]
export const send = (event: ServerEvent): Effect => ({ type: 'send', event })

/** Applies rules in order; each sees what the one before it left. */
export function apply<S>(state: S, ...rules: readonly Rule<S>[]): Step<S> {
  const effects: Effect[] = []
  for (const rule of rules) {
    const [next, orders] = rule(state)
    state = next
    effects.push(...orders)
  }
  return [state, effects]
}
