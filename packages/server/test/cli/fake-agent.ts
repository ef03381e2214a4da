// A server's side of one session for tests: hears loud sound as speech, and answers each utterance with a tone.
import { defaultFormat, type Encoding, type ServerEvent, sampleRateHz } from '@parley/protocol'
import { type Decoder, decoderFor, type Encoder, encoderFor } from '../../dist/audio/codec.js'
import type { Clock } from '../../dist/session/clock.js'
import { tone } from './sounds.js'

const FRAME_MS = 20
/** Sound leaves so long before it is played. */
const LEAD_MS = 200
const LOUD = 2000
const ENGINE_HZ = 24_000

export interface FakeAgentScript {
  /** How much quiet ends a turn. */
  readonly silenceMs?: number
  /** How long an answer is in the making, and how long it sounds. */
  readonly thinkMs?: number
  readonly answerMs?: number
  /** Goes on with its reply while it is spoken to. */
  readonly isDeafWhileSpeaking?: boolean
  /** Never answers. */
  readonly isMute?: boolean
  /** Sent before the first answer. */
  readonly before?: ServerEvent
}

export class FakeAgent {
  readonly received: { readonly type: string; readonly [field: string]: unknown }[] = []
  /** All sound of the user. */
  readonly heard: number[] = []
  #decoder: Decoder | undefined
  #encoder: Encoder | undefined
  #lastLoudAt: number | undefined
  #utterances = 0
  #replies = 0
  #reply: { readonly id: string; stop: () => void } | undefined

  constructor(
    private readonly clock: Clock,
    private readonly send: (event: ServerEvent & { timestamp: number }) => void,
    private readonly close: (code: number) => void,
    private readonly script: FakeAgentScript = {},
  ) {}

  receive(message: string): void {
    const event = JSON.parse(message)
    if (event.type !== 'input.audio') this.received.push(event)
    if (event.type === 'session.update') this.#begin(event.session)
    if (event.type === 'input.audio') this.#hear(Buffer.from(event.audio, 'base64'))
    if (event.type === 'session.end') {
      this.#reply?.stop()
      this.#say({ type: 'session.ended', session_duration_seconds: this.clock.now() / 1000, audio_duration_seconds: 1 })
      this.close(1000)
    }
  }

  get isListening(): boolean {
    return this.#decoder !== undefined
  }

  stop(): void {
    this.#reply?.stop()
  }

  #say(event: ServerEvent): void {
    this.send({ ...event, timestamp: this.clock.unixMs() / 1000 })
  }

  #begin(session: { greeting?: string; agent_id?: string; input?: { format?: { encoding: Encoding } } }): void {
    if (session.agent_id === 'agent_missing') {
      const error = { code: 'agent_not_found', message: 'Agent not found', param: 'agent_id' } as const
      this.#say({ type: 'session.error', ...error, session_id: 'sess_1' })
      return this.close(1008)
    }
    const encoding = session.input?.format?.encoding ?? defaultFormat.encoding
    const format = { encoding, sample_rate: sampleRateHz[encoding] }
    this.#decoder = decoderFor(encoding, ENGINE_HZ)
    this.#encoder = encoderFor(encoding, ENGINE_HZ)
    // a client reads no more of the echo than this
    const config = { id: 'sess_1', greeting: session.greeting ?? null, input: { format }, output: { format } } as never
    this.#say({ type: 'session.updated', config })
    this.#say({ type: 'session.ready', session_id: 'sess_1', config, expires_at: 1, resume_token: 'resume-secret' })
    if (session.greeting) this.#answer(session.greeting, 0)
  }

  #hear(bytes: Buffer): void {
    const now = this.clock.now()
    const samples = this.#decoder?.push(bytes) ?? new Int16Array(0)
    this.heard.push(...samples)
    const isLoud = samples.some((sample) => Math.abs(sample) > LOUD)
    if (isLoud && this.#lastLoudAt === undefined) this.#speechStarted()
    if (isLoud) this.#lastLoudAt = now
    if (this.#lastLoudAt === undefined || now - this.#lastLoudAt < (this.script.silenceMs ?? 200)) return
    this.#lastLoudAt = undefined
    if (this.script.isMute) return
    this.#utterances++
    if (this.script.before && this.#utterances === 1) this.#say(this.script.before)
    this.#say({ type: 'input.speech.stopped' })
    this.#say({ type: 'transcript.user', item_id: 'msg_1', text: `Question ${this.#utterances}?` })
    this.#answer(`Answer ${this.#utterances}.`, this.script.thinkMs ?? 100)
  }

  #speechStarted(): void {
    this.#say({ type: 'input.speech.started' })
    const reply = this.#reply
    if (!reply || this.script.isDeafWhileSpeaking) return
    reply.stop()
    this.#reply = undefined
    this.#say({ type: 'transcript.agent', reply_id: reply.id, item_id: 'msg_2', text: 'Answ', interrupted: true })
    this.#say({ type: 'reply.done', reply_id: reply.id, status: 'interrupted' })
  }

  #answer(text: string, thinkMs: number): void {
    const reply = { id: `resp_${++this.#replies}`, stop: () => {} }
    const reply_id = reply.id
    this.#reply = reply
    this.#say({ type: 'reply.started', reply_id, item_id: 'msg_2' })
    const begin = this.clock.now() + thinkMs
    const sound = tone(this.script.answerMs ?? 400, ENGINE_HZ)
    const frame = (ENGINE_HZ * FRAME_MS) / 1000
    const sendFrame = (index: number) => {
      if (index * frame >= sound.length) return this.#finish(reply_id, text)
      const data = Buffer.from(this.#encoder!.push(sound.subarray(index * frame, (index + 1) * frame)))
      if (data.length > 0) this.#say({ type: 'reply.audio', reply_id, data: data.toString('base64') })
      const due = begin + Math.max(0, (index + 1) * FRAME_MS - LEAD_MS)
      reply.stop = this.clock.wake(due, () => sendFrame(index + 1))
    }
    reply.stop = this.clock.wake(begin, () => sendFrame(0))
  }

  #finish(reply_id: string, text: string): void {
    this.#reply = undefined
    this.#say({ type: 'transcript.agent', reply_id, item_id: 'msg_2', text, interrupted: false })
    this.#say({ type: 'reply.done', reply_id, status: 'completed' })
  }
}
