// What an engine is, for each of the five kinds: a function from a stream to a stream, stopped by its signal.
import type { EngineKind, Failure, Millis, TurnNumber, Word } from '@parley/conversation'
import type { z } from 'zod'

/**
 * Mono sound, signed 16-bit samples, at the `sampleRateHz` of the engine that takes or gives it. What an engine is given
 * is memory that is used again about a second later: whoever keeps sound longer copies it.
 */
export type Samples = Int16Array

/** What every engine in use tells of itself, for the ready banner, `doctor` and `/readyz`. */
export interface EngineInfo {
  readonly kind: EngineKind
  readonly name: string
  /** A sentence that a person can read: model, version, licence, and what it is not. */
  readonly description: string
  readonly version: string
}

interface EngineBase {
  readonly info: EngineInfo
  /** Frees what the engine holds. Streams still open end with an `EngineError`. */
  close(): Promise<void>
}

// ── Voice activity ──

export interface VadSettings {
  /** Confidence from which sound counts as speech, 0 to 1. */
  readonly threshold: number
}
/** `ago`: how long before this moment of the sound the speech began or fell silent. */
export type VadOutput = { readonly type: 'started' | 'stopped'; readonly ago: Millis }
export interface Vad extends EngineBase {
  readonly sampleRateHz: number
  /** Pieces of sound of any length; `started` and `stopped` alternate, beginning with `started`. */
  open(audio: AsyncIterable<Samples>, settings: VadSettings, signal: AbortSignal): AsyncIterable<VadOutput>
}

// ── Speech to text ──

export interface SttSettings {
  /** BCP 47 codes; empty: whatever the engine knows. */
  readonly languages: readonly string[]
  readonly keyterms: readonly string[]
  readonly prompt: string | undefined
  /** Whether partials are wanted more often than usual. */
  readonly continuousPartials: boolean
}
/**
 * All sound of the session in order, with the marks that the voice activity found in it.
 * `turn` opens turn number `turn`: the text starts afresh. The first turn, 1, is open from the start.
 */
export type SttInput =
  | { readonly type: 'audio'; readonly samples: Samples }
  | { readonly type: 'speech.started' }
  | { readonly type: 'speech.stopped' }
  | { readonly type: 'turn'; readonly turn: TurnNumber }
/**
 * `text` is all that was said in the turn so far (it replaces what came before).
 * A `final` covers all speech up to the last `speech.stopped`; after each `speech.stopped` exactly one follows,
 * with an empty text when nothing was understood, unless speech or another turn begins before it is ready.
 */
export type SttOutput = { readonly type: 'partial' | 'final'; readonly turn: TurnNumber; readonly text: string }
export interface Stt extends EngineBase {
  readonly sampleRateHz: number
  open(input: AsyncIterable<SttInput>, settings: SttSettings, signal: AbortSignal): AsyncIterable<SttOutput>
}

// ── Turn detection ──

/** What a turn detector judges by, after each final of a pause. */
export interface TurnInput {
  readonly turn: TurnNumber
  readonly text: string
  /** What the agent said last. */
  readonly context: string
}
/** `complete`: how sure it is that the user has finished, 0 to 1. */
export type TurnOutput = { readonly turn: TurnNumber; readonly complete: number }
export interface TurnDetector extends EngineBase {
  open(input: AsyncIterable<TurnInput>, signal: AbortSignal): AsyncIterable<TurnOutput>
}

// ── Language model ──

export type LlmMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly LlmToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly content: string }
export interface LlmToolCall {
  readonly callId: string
  readonly name: string
  /** JSON text. */
  readonly arguments: string
}
export interface LlmTool {
  readonly name: string
  readonly description: string
  /** A JSON Schema. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** Told to an agent's own model along with the tool (protocol.md 8.2). */
  readonly timeoutSeconds?: number
  readonly executionMode?: 'interactive' | 'hold'
}
/** The model that an agent brings itself: its `llm` entry. */
export interface LlmEndpoint {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string
}
export interface LlmRequest {
  readonly messages: readonly LlmMessage[]
  readonly tools: readonly LlmTool[]
  /** Answers instead of the configured model, in engines that can reach it. */
  readonly endpoint?: LlmEndpoint
  /** For the headers `X-Session-Id` and `X-Agent-Id` (Q23). */
  readonly sessionId: string
  readonly agentId: string | undefined
}
export type LlmOutput = { readonly type: 'wrote'; readonly text: string } | ({ readonly type: 'called' } & LlmToolCall)
export interface Llm extends EngineBase {
  open(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmOutput>
}

// ── Text to speech ──

export interface Voice {
  /** The name by which an agent asks for it. */
  readonly id: string
  /** BCP 47. */
  readonly language: string
  readonly description: string
  /** Something to say when it is tried. */
  readonly sample: string
}
export interface TtsSettings {
  readonly voice: string
}
/** For each clause that went in: its sound in pieces, then `clause`, with the places of its words where they are known. */
export type TtsOutput =
  | { readonly type: 'audio'; readonly samples: Samples }
  | { readonly type: 'clause'; readonly words?: readonly Word[] }
export interface Tts extends EngineBase {
  readonly sampleRateHz: number
  readonly voices: readonly Voice[]
  open(clauses: AsyncIterable<string>, settings: TtsSettings, signal: AbortSignal): AsyncIterable<TtsOutput>
}

export interface Engines {
  readonly vad: Vad
  readonly stt: Stt
  /** None: the conversation judges by silence and words alone. */
  readonly turn: TurnDetector | undefined
  readonly llm: Llm
  readonly tts: Tts
}

// ── How an engine is declared ──

export interface EngineContext {
  /** Where models and caches may be kept. */
  readonly dataDir: string
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void
}

export type EngineOf = { vad: Vad; stt: Stt; turn: TurnDetector; llm: Llm; tts: Tts }

export interface EngineDefinition<Kind extends EngineKind, Options extends z.ZodType> {
  readonly kind: Kind
  readonly name: string
  /** What can be set; each with a description. */
  readonly options: Options
  /** Loads the engine, ready for use. Rejects with an `EngineError` that says what to do. */
  create(options: z.output<Options>, context: EngineContext): Promise<EngineOf[Kind]>
}

export const defineEngine = <Kind extends EngineKind, Options extends z.ZodType>(
  definition: EngineDefinition<Kind, Options>,
): EngineDefinition<Kind, Options> => definition

/** Why an engine could not do its work. The message says what to do next, and holds neither a secret nor what a person said. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}

export const failureOf = (error: unknown): Failure =>
  error instanceof EngineError
    ? error.failure
    : { code: 'engine_failed', message: error instanceof Error ? error.message : String(error), retryable: false }
