// A spoken conversation in a browser: the session, the microphone and the speaker joined.
import type { ConfigEcho } from '@parley/protocol'
import { loadWorklet, openAudio, requireAudio } from './audio-context.js'
import { Emitter } from './emitter.js'
import { AudioError, type SessionError } from './errors.js'
import { Microphone, requestMicrophone } from './microphone.js'
import { type ConnectOptions, connect, type Session } from './session.js'
import { Speaker } from './speaker.js'
import { SpeechEnd } from './speech-end.js'
import { type Activity, activity, mayPlay, opening, step, type TalkEvent, type TalkModel } from './talk-model.js'
import type { Turn } from './transcript.js'
import { sampleRateHz } from './wire-audio.js'

export type TalkOptions = ConnectOptions & {
  /** False: the user types, the agent speaks. */
  readonly microphone?: boolean
  /** Which microphone; the browser's choice by default. */
  readonly deviceId?: string
  /** Where the two worklets are served, where not beside this module. */
  readonly worklets?: { readonly capture: string | URL; readonly playback: string | URL }
}

/** What a page shows. */
export interface TalkView {
  readonly activity: Activity
  readonly turns: readonly Turn[]
  /** From the end of the user's speech, as this machine hears it, to the first sound of the answer; the latest last. */
  readonly latenciesMs: readonly number[]
  /** Off: the user only writes. */
  readonly microphone: 'on' | 'muted' | 'off'
}

interface TalkEvents {
  change: TalkView
  /** What went wrong; the conversation is over unless it is a mere `session.error`. */
  error: SessionError | AudioError
}

const FRAME_MS = 40
const FADE_OUT_MS = 30

/** Begins a conversation. Call it while a click or key press is being handled, or the browser may keep it silent. */
export function talk(options: TalkOptions): Conversation {
  return new Conversation(options)
}

export class Conversation extends Emitter<TalkEvents> {
  #model: TalkModel = opening
  #hearing: TalkView['microphone']
  #session: Session | undefined
  #context: AudioContext | undefined
  #stream: MediaStream | undefined
  #microphone: Microphone | undefined
  #speaker: Speaker | undefined
  #speech: SpeechEnd | undefined
  #speakerLevel = 0
  readonly #unsent: string[] = []
  #typed = 0
  #over = false

  constructor(options: TalkOptions) {
    super()
    this.#hearing = options.microphone === false ? 'off' : 'on'
    globalThis.addEventListener('pagehide', this.#leave)
    document.addEventListener('visibilitychange', this.#return)
    void this.#start(options)
  }

  get view(): TalkView {
    const { turns, latenciesMs } = this.#model
    return { activity: activity(this.#model), turns, latenciesMs, microphone: this.#hearing }
  }

  /** For what the view does not cover: every event and message of the protocol. Undefined until the microphone is granted. */
  get session(): Session | undefined {
    return this.#session
  }

  /** How loud both sides are now, 0 to 1, for a moving picture. */
  get levels(): { readonly user: number; readonly agent: number } {
    return { user: this.#hearing === 'on' ? (this.#speech?.level ?? 0) : 0, agent: this.#speakerLevel }
  }

  /** Says something in writing and has it answered; before the session is ready it is kept until then. */
  send(text: string): void {
    const said = text.trim()
    if (said === '' || this.#model.phase === 'ended') return
    if (this.#session?.state !== 'ready') return void this.#unsent.push(said)
    this.#session.say('user', said)
    this.#session.createReply()
    this.#take({ type: 'user.typed', id: `typed-${++this.#typed}`, text: said })
    this.#take({ type: 'user.asked', by: 'text', at: this.#context?.currentTime ?? 0 })
  }

  mute(muted: boolean): void {
    if (this.#hearing === 'off') return
    this.#hearing = muted ? 'muted' : 'on'
    this.#microphone?.mute(muted)
    this.emit('change', this.view)
  }

  /** Ends the conversation; resolves when the server has said so, or is given up on. */
  async end(): Promise<void> {
    if (this.#session?.state === 'ready') await this.#session.end().catch(() => {})
    this.#stop()
  }

  async #start(options: TalkOptions): Promise<void> {
    try {
      requireAudio()
      this.#context = openAudio()
      if (this.#hearing !== 'off') this.#stream = await requestMicrophone(options.deviceId)
      await this.#loadWorklets(this.#context, options)
      // Ended while the browser was asking the user.
      if (this.#over) return stopTracks(this.#stream)
      this.#join(connect(options))
    } catch (error) {
      // What fails at once is told only when whoever began the conversation has had time to listen.
      await Promise.resolve()
      if (!this.#over) this.emit('error', asAudioError(error))
      this.#stop()
    }
  }

  async #loadWorklets(context: AudioContext, { worklets }: TalkOptions): Promise<void> {
    await Promise.all([
      loadWorklet(context, worklets?.capture ?? new URL('./worklets/capture.js', import.meta.url)),
      loadWorklet(context, worklets?.playback ?? new URL('./worklets/playback.js', import.meta.url)),
    ])
  }

  #join(session: Session): void {
    let told: SessionError | undefined
    this.#session = session
    session.on('session.ready', ({ config }) => {
      this.#openSound(config)
      for (const text of this.#unsent.splice(0)) this.send(text)
    })
    session.on('reconnecting', () => this.#take({ type: 'session.lost' }))
    session.on('event', (event) => this.#take(event))
    session.on('transcript.user', () => this.#asked())
    session.on('audio', ({ replyId, samples }) => {
      if (mayPlay(this.#model, replyId)) this.#speaker?.play(replyId, samples)
    })
    session.on('error', (error) => {
      told = error
      this.emit('error', error)
    })
    session.on('close', ({ error }) => {
      if (error && error !== told) this.emit('error', error)
      this.#stop()
    })
  }

  /** The settings in force say at which rate each side speaks. */
  #openSound({ input, output }: ConfigEcho): void {
    const context = this.#context
    if (!context || this.#speaker) return
    const speaker = new Speaker(context, { sampleRateHz: sampleRateHz[output.format.encoding] })
    this.#speaker = speaker
    speaker.on('audible', ({ reply, at }) =>
      this.#take({ type: 'speaker.audible', reply, at: at + speaker.latencySeconds }),
    )
    speaker.on('position', ({ reply, ms, level }) => {
      this.#speakerLevel = level
      this.#take({ type: 'speaker.position', reply, ms: ms - speaker.latencySeconds * 1000 })
    })
    speaker.on('finished', ({ reply }) => {
      this.#speakerLevel = 0
      this.#take({ type: 'speaker.finished', reply })
    })
    if (this.#stream) this.#listen(context, this.#stream, sampleRateHz[input.format.encoding])
  }

  #listen(context: AudioContext, stream: MediaStream, rateHz: number): void {
    const microphone = new Microphone(context, stream, { sampleRateHz: rateHz, frameMs: FRAME_MS })
    const speech = new SpeechEnd(rateHz)
    this.#microphone = microphone
    this.#speech = speech
    microphone.mute(this.#hearing === 'muted')
    microphone.on('frame', ({ samples, at }) => {
      speech.hear(samples, at)
      this.#session?.sendAudio(samples)
    })
    microphone.on('lost', (error) => {
      this.emit('error', error)
      void this.end()
    })
  }

  #asked(): void {
    const at = this.#speech?.lastSeconds
    if (at !== undefined) this.#take({ type: 'user.asked', by: 'voice', at })
  }

  #take(event: TalkEvent): void {
    const [model, orders] = step(this.#model, event)
    for (const order of orders) {
      if (order.type === 'finish') this.#speaker?.finish(order.reply)
      else this.#silence()
    }
    const changed = model !== this.#model
    this.#model = model
    if (changed) this.emit('change', this.view)
  }

  #silence(): void {
    this.#speakerLevel = 0
    this.#speaker?.flush()
  }

  /** Whoever leaves the page hangs up, so that the server need not wait for them. */
  readonly #leave = () => {
    this.#session?.close()
    this.#stop()
  }

  /** Some phones stop a page's sound while it is hidden. */
  readonly #return = () => {
    if (document.visibilityState === 'visible') void this.#context?.resume()
  }

  #stop(): void {
    if (this.#over) return
    this.#over = true
    globalThis.removeEventListener('pagehide', this.#leave)
    document.removeEventListener('visibilitychange', this.#return)
    this.#take({ type: 'session.closed' })
    this.#session?.close()
    this.#microphone?.close()
    stopTracks(this.#stream)
    const { context, speaker } = { context: this.#context, speaker: this.#speaker }
    // The sound fades before its engine is taken away, or the cut would click.
    setTimeout(() => {
      speaker?.close()
      void context?.close()
    }, FADE_OUT_MS)
  }
}

const stopTracks = (stream: MediaStream | undefined): void => {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

const asAudioError = (error: unknown): AudioError =>
  error instanceof AudioError ? error : new AudioError('audio_failed', `The sound could not be started (${error}).`)
