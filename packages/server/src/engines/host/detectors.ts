// The voice detectors of the engine host, one for each open stream. Making one costs 60 ms and 10 MB, so they are kept and reused.
import type { NativeVad, Sherpa } from './sherpa.js'

/** 32 ms at 16 kHz: what the model judges at a time. */
export const WINDOW_SAMPLES = 512

const USUAL_THRESHOLD = 0.5
/** Spares beyond this are given back to the system. */
const MAX_SPARES = 8
/** The library reads zero as "not given", so the shortest duration stands for none: we count windows ourselves. */
const NO_DURATION_SECONDS = 0.001
/** Never reached, because segments are dropped as they begin; above it the library would raise its threshold by itself. */
const MAX_SPEECH_SECONDS = 3600
const BUFFER_SECONDS = 2

interface Detector {
  readonly threshold: number
  readonly native: NativeVad
}

export class VoiceDetectors {
  #open = new Map<number, Detector>()
  #spare: Detector[] = []

  constructor(
    readonly sherpa: Sherpa,
    readonly model: string,
  ) {
    // Shows at the start that the model works, and spares the first caller the wait.
    this.#spare.push(this.#make(USUAL_THRESHOLD))
  }

  open(id: number, threshold: number): void {
    const place = this.#spare.findIndex((spare) => spare.threshold === threshold)
    const detector = place === -1 ? this.#make(threshold) : this.#spare.splice(place, 1)[0]!
    this.#open.set(id, detector)
  }

  /** Whether a window holds speech. A single loud window does not count: two in a row do. */
  hear(id: number, window: Float32Array): boolean {
    const native = this.#open.get(id)?.native
    if (!native) throw new Error('The voice detector is not open.')
    native.acceptWaveform(window)
    const isSpeech = native.isDetected()
    if (isSpeech) {
      // The library collects the speech it hears, and copies it whole for every window: left alone it grows without end.
      native.flush()
      native.clear()
    }
    return isSpeech
  }

  close(id: number): void {
    const detector = this.#open.get(id)
    if (!detector) return
    this.#open.delete(id)
    if (this.#spare.length >= MAX_SPARES) return
    detector.native.reset()
    this.#spare.push(detector)
  }

  #make(threshold: number): Detector {
    const { Vad } = this.sherpa
    const native = new Vad(
      {
        sileroVad: {
          model: this.model,
          threshold,
          minSilenceDuration: NO_DURATION_SECONDS,
          minSpeechDuration: NO_DURATION_SECONDS,
          maxSpeechDuration: MAX_SPEECH_SECONDS,
          windowSize: WINDOW_SAMPLES,
        },
        sampleRate: 16_000,
        numThreads: 1,
      },
      BUFFER_SECONDS,
    )
    return { threshold, native }
  }
}
