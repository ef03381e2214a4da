// What a session hears, thinks and speaks with: the engines opened for its settings.
import type { Effect, EventBody, Millis } from '@parley/conversation'
import { bytesPerSample, type ServerEvent, type SessionConfig, sampleRateHz } from '@parley/protocol'
import { decoderFor, encoderFor } from '../audio/codec.js'
import type { Engines, Samples } from '../engines/engine.js'
import type { Clock } from './clock.js'
import { Ear } from './ear.js'
import { earSettings } from './engine-inputs.js'
import { type PacingWheel, Playout, type SendFrame } from './playout.js'
import { Voice } from './voice.js'
import { type FoundAgent, Writer } from './writer.js'

export interface OrgansPorts {
  readonly clock: Clock
  readonly wheel: PacingWheel
  readonly engines: Engines
  readonly sessionId: string
  /** Milliseconds on the session's clock. */
  now(): Millis
  dispatch(event: EventBody): void
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
  readonly sendFrame: SendFrame
  /** The volume in force: 0 to 100, null for the level as the engine gives it. */
  volume(): number | null
}

/** What is ordered of the engines. */
export type OrganOrder = Extract<
  Effect,
  { type: 'reconfigure' | 'listen' | 'generate' | 'speak' | 'pause' | 'resume' | 'cancel' }
>

export class Organs {
  readonly ear: Ear
  readonly voice: Voice
  readonly writer: Writer
  /** From the bytes of the wire to the sound that the ear takes; gives what the voice activity hears. */
  readonly hear: (bytes: Uint8Array) => Samples

  constructor(ports: OrgansPorts, config: SessionConfig) {
    const { clock, engines, dispatch, volume } = ports
    const { encoding } = config.output.format
    const bytesPerMs = (sampleRateHz[encoding] * bytesPerSample[encoding]) / 1000
    const playout = new Playout(clock, ports.wheel, bytesPerMs, ports.sendFrame)
    const encoder = () => encoderFor(encoding, engines.tts.sampleRateHz)
    this.writer = new Writer(engines.llm, ports.sessionId, dispatch, ports.warn)
    this.voice = new Voice(
      { tts: engines.tts, playout, dispatch, encoder, volume },
      config.output.voice,
      config.output.type === 'audio',
    )
    this.ear = new Ear({ clock, engines, now: ports.now, dispatch }, earSettings(config))
    this.hear = listener(config, this.ear, engines)
  }

  perform(order: OrganOrder, agent: FoundAgent | undefined): void {
    switch (order.type) {
      case 'reconfigure':
        return this.ear.reconfigure(earSettings(order.config))
      case 'listen':
        return this.ear.listen(order.turn)
      case 'generate':
        return this.writer.write(order, agent)
      case 'speak':
        return this.voice.speak(order.reply, order.clause, order.text, order.last)
      case 'pause':
        return this.voice.pause(order.reply)
      case 'resume':
        return this.voice.resume(order.reply)
      case 'cancel':
        this.writer.cancel(order.reply)
        return this.voice.cancel(order.reply)
    }
  }

  /** The client learns of this now. */
  told(event: ServerEvent): void {
    if (event.type === 'transcript.agent') this.ear.agentSaid(event.text)
    if (event.type === 'transcript.agent' || event.type === 'reply.done') this.voice.finish(event.reply_id)
  }

  close(): void {
    this.writer.close()
    this.ear.close()
    this.voice.close()
  }
}

/** Resampled only where an engine asks for another rate. */
function listener(config: SessionConfig, ear: Ear, { vad, stt }: Engines): (bytes: Uint8Array) => Samples {
  const { encoding } = config.input.format
  const forVad = decoderFor(encoding, vad.sampleRateHz)
  const forStt = stt.sampleRateHz === vad.sampleRateHz ? undefined : decoderFor(encoding, stt.sampleRateHz)
  return (bytes) => {
    const samples = forVad.push(bytes)
    ear.hear(samples, forStt ? forStt.push(bytes) : samples)
    return samples
  }
}
