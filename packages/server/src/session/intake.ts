// Sound on its way in: followed, counted, handed to the ear; silence takes its place while nobody may hear it.
import type { Millis } from '@parley/conversation'
import { durationMs, type Encoding } from '@parley/protocol'
import type { Samples } from '../engines/engine.js'
import { Deafness } from './deafness.js'
import type { SessionObserver } from './observer.js'

export interface IntakePorts {
  readonly observers: readonly SessionObserver[]
  now(): Millis
  /** Whether what comes in now is for nobody's ears. */
  isHidden(): boolean
  /** There is loud sound, and no speech in it. */
  deaf(): void
}

export class Intake {
  readonly #ports: IntakePorts
  readonly #deafness: Deafness
  #silence = new Uint8Array(0)
  /** Sound received so far. */
  heardMs: Millis = 0

  constructor(ports: IntakePorts) {
    this.#ports = ports
    this.#deafness = new Deafness(() => ports.deaf())
  }

  /** `listen`: the ear, which gives what it has made of the bytes. */
  take(bytes: Uint8Array, encoding: Encoding, listen: (bytes: Uint8Array) => Samples): void {
    const sound = this.#ports.isHidden() ? this.#silenceFor(bytes.length, encoding) : bytes
    for (const observer of this.#ports.observers) observer.heard?.(sound, this.#ports.now())
    const length = durationMs(encoding, bytes.length)
    this.heardMs += length
    this.#deafness.hear(listen(sound), length)
  }

  /** Speech was found. */
  speech(): void {
    this.#deafness.speech()
  }

  #silenceFor(length: number, encoding: Encoding): Uint8Array {
    if (this.#silence.length < length) this.#silence = new Uint8Array(length).fill(SILENT_BYTE[encoding])
    return this.#silence.subarray(0, length)
  }
}

/** A sample of no sound at all; in A-law, which has none, the one nearest to it (ITU-T G.711). */
const SILENT_BYTE: Readonly<Record<Encoding, number>> = { 'audio/pcm': 0, 'audio/pcmu': 0xff, 'audio/pcma': 0xd5 }
