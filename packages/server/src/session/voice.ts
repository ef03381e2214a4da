// What a session says: clauses in, sound out to the playout, and events that tell how long it is.
import type { EventBody, ReplyId } from '@parley/conversation'
import type { Encoder } from '../audio/codec.js'
import type { Tts } from '../engines/engine.js'
import { EngineError, failureOf } from '../engines/engine.js'
import type { Playout } from './playout.js'
import { Queue } from './queue.js'

export interface VoicePorts {
  readonly tts: Tts
  readonly playout: Playout
  dispatch(event: EventBody): void
  /** A fresh encoder from the engine's sound to the wire's. */
  encoder(): Encoder
  /** The volume in force: 0 to 100, null for the level as the engine gives it. */
  volume(): number | null
}

interface Speaking {
  readonly clauses: Queue<string>
  /** Every clause so far. */
  readonly texts: string[]
  readonly stop: AbortController
  readonly encoder: Encoder
}

export class Voice {
  readonly #ports: VoicePorts
  readonly #voice: string
  /** False for a session whose output is text: its replies have words and no sound. */
  readonly #audible: boolean
  readonly #speaking = new Map<ReplyId, Speaking>()

  constructor(ports: VoicePorts, voice: string, audible: boolean) {
    this.#ports = ports
    this.#voice = voice
    this.#audible = audible
  }

  speak(reply: ReplyId, clause: number, text: string, last: boolean): void {
    if (!this.#audible) return this.#ports.dispatch({ type: 'tts.finished', reply, clause })
    const { clauses, texts } = this.#speaking.get(reply) ?? this.#begin(reply)
    if (text !== '') {
      texts.push(text)
      clauses.push(text)
    }
    if (last) clauses.close()
  }

  pause(reply: ReplyId): void {
    this.#ports.playout.pause(reply)
  }

  resume(reply: ReplyId): void {
    this.#ports.playout.resume(reply)
  }

  cancel(reply: ReplyId): void {
    this.#speaking.get(reply)?.stop.abort()
    this.#speaking.delete(reply)
    this.#ports.playout.cancel(reply)
  }

  /** The reply is over: what is left of its sound leaves now, and nothing after. */
  finish(reply: ReplyId): void {
    const speaking = this.#speaking.get(reply)
    if (speaking) {
      speaking.stop.abort()
      this.#speaking.delete(reply)
      this.#ports.playout.add(reply, speaking.encoder.flush())
    }
    this.#ports.playout.finish(reply)
  }

  close(): void {
    for (const { stop } of this.#speaking.values()) stop.abort()
    this.#speaking.clear()
    this.#ports.playout.close()
  }

  #begin(reply: ReplyId): Speaking {
    const speaking = {
      clauses: new Queue<string>(),
      texts: [],
      stop: new AbortController(),
      encoder: this.#ports.encoder(),
    }
    this.#speaking.set(reply, speaking)
    this.#run(reply, speaking).then(
      () => this.#speaking.delete(reply),
      (error) => {
        if (speaking.stop.signal.aborted) return
        this.#speaking.delete(reply)
        this.#ports.dispatch({ type: 'engine.failed', engine: 'tts', reply, failure: failureOf(error), fatal: false })
      },
    )
    return speaking
  }

  async #run(reply: ReplyId, { clauses, texts, stop, encoder }: Speaking): Promise<void> {
    const { tts, playout } = this.#ports
    const samplesPerMs = tts.sampleRateHz / 1000
    let clause = 0
    let isSilent = true
    for await (const out of tts.open(clauses, { voice: this.#voice }, stop.signal)) {
      if (stop.signal.aborted) return
      if (out.type === 'audio') {
        if (out.samples.length === 0) continue
        isSilent = false
        encoder.volume = this.#ports.volume()
        playout.add(reply, encoder.push(out.samples))
        this.#ports.dispatch({ type: 'tts.spoke', reply, clause, length: out.samples.length / samplesPerMs })
      } else {
        if (isSilent && isSpeakable(texts[clause])) throw noSound()
        isSilent = true
        this.#ports.dispatch({ type: 'tts.finished', reply, clause, ...(out.words && { words: out.words }) })
        clause += 1
      }
    }
    if (stop.signal.aborted) return
    playout.add(reply, encoder.flush())
    playout.complete(reply)
  }
}

/** A row of dots or a picture may pass without a sound; words may not. */
const isSpeakable = (text = ''): boolean => /[\p{L}\p{N}]/u.test(text)

const noSound = (): EngineError =>
  new EngineError({
    code: 'tts_no_sound',
    message: 'The voice made no sound of words that it was given. Check that it speaks their language.',
    retryable: true,
  })
