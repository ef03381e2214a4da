// What a session is given: what it starts from, and what it may ask of the server.
import type { EndReason, EngineKind, Live, Millis, ReplyId, Telephony } from '@parley/conversation'
import type { HistorySettings, ServerEvent, SessionConfig, Tool } from '@parley/protocol'
import type { LlmRequest } from '../engines/engine.js'
import type { EngineSet } from '../engines/load.js'
import type { PhoneSettings } from '../phone/phone-settings.js'
import type { ServerTools } from '../tools/tool.js'
import type { SessionObserver } from './observer.js'
import type { PacingWheel, SendFrame } from './playout.js'
import type { TurnTimes } from './stopwatch.js'
import type { WriteAheadPorts } from './write-ahead.js'

/** The open line to the peer, whatever its kind. */
export interface Line {
  send(event: ServerEvent): void
  readonly sendFrame: SendFrame
  /** What the peer has of that reply and has not played is not to be heard. Left out where events of the protocol say so. */
  cancel?(reply: ReplyId): void
  close(code: number, reason: string): void
}

export interface StoredAgent {
  readonly config: SessionConfig
  /** The agent's own model, with its key; never part of the config. */
  readonly endpoint?: NonNullable<LlmRequest['endpoint']>
  /** The tools that the server runs for it. */
  readonly tools?: ServerTools
  /** What may be kept of its sessions. */
  readonly history?: HistorySettings | undefined
  /** What it says about phones. */
  readonly phone?: PhoneSettings
  /** Tools that it has on a phone alone: callers enter for them what nobody else may learn. */
  readonly phoneTools?: readonly Tool[]
  /** What it can do on a telephone call; set on that channel alone. */
  readonly telephony?: Telephony
  /** What is known of the call, for the model; set on that channel alone. */
  readonly variables?: Readonly<Record<string, string>>
}

/** What kind of peer a session has, where it is not a client of the protocol. */
export interface Channel {
  /** The agent as it is on this channel: the encodings of the line, what is known of the caller, what can be done. */
  adapt(agent: StoredAgent): StoredAgent
  readonly confirmsPlayout: boolean
  /** Where its peer waits longer until the session is ready than the protocol lets it. */
  readonly readyWithin?: Millis
}

export type SessionLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void

/** Why a session is not here any more. `refused`: it never became ready. `suspended`: it may go on elsewhere, or later. */
export type Departure = EndReason | 'refused' | 'suspended'

export interface SessionPorts extends WriteAheadPorts {
  readonly wheel: PacingWheel
  readonly engines: Pick<EngineSet, 'engines' | 'loaded'>
  /** The line that opens the session; a revived one gets its line by `attach`. */
  readonly line?: Line
  /** With which another connection may resume the session; empty where none may. */
  readonly resumeToken: string
  findAgent(id: string): Promise<StoredAgent | undefined>
  readonly log: SessionLog
  /** Those who follow the session without taking part in it. */
  readonly observers: readonly SessionObserver[]
  /** What a finished reply took, part by part. */
  measured?(times: TurnTimes): void
  /** An engine gave up, for this session or for a moment. */
  failed?(engine: EngineKind): void
  /** Nobody is connected any more. */
  left?(): void
  /** Called once, when the session is over and everything it held is let go. */
  over(reason: Departure): void
}

export interface SessionStart {
  /** `sess_` and 32 hex digits. */
  readonly id: string
  readonly cap: Millis
  readonly firstMessageWithin: Millis
  /** How long its agent may take to be found, and its engines to be ready; left out: as long as the protocol says. */
  readonly readyWithin?: Millis
  /** How long it outlives its connection. */
  readonly grace: Millis
  /** Whether the peer tells what it has played. */
  readonly confirmsPlayout?: boolean
  /** After how much silence on both sides it ends; undefined: never. */
  readonly idleAfter?: Millis | undefined
  readonly defaultVoice: string
  /** What the agent says when its language model or its recogniser fails; left out: a sentence of its own. */
  readonly apology?: string
}

/** A session as it was stored by a server that is no more. */
export interface StoredSession {
  readonly conversation: Live
  readonly agentId: string | undefined
  /** Sound received so far. */
  readonly audioHeardMs: Millis
  /** What its agent let anybody keep of it. */
  readonly history: HistorySettings | undefined
  /** When its connection was lost at the latest, on the clock of the conversation. */
  readonly lostAt: Millis
}
