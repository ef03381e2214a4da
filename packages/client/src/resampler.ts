// From one sample rate to another, as the sound comes in: a polyphase low-pass filter (windowed sinc).

/** Zero crossings of the sinc on each side: more make the edge of the passband steeper and cost time. */
const CROSSINGS = 20
/** The part of the narrower band that is kept; the rest is where the filter falls. */
const PASSBAND = 0.92
/** Shape of the Kaiser window; 8 keeps what would be mirrored back some 80 dB down. */
const KAISER_BETA = 8

export class Resampler {
  /** Output sample n lies at input time n * step / phases. */
  readonly #phases: number
  readonly #step: number
  /** Input samples that one output sample looks at, to each side. */
  readonly #reach: number
  readonly #filter: readonly Float32Array[]
  #held: Float32Array
  #heldLength = 0
  #output = new Float32Array(0)
  #phase = 0

  constructor(
    readonly inputRateHz: number,
    readonly outputRateHz: number,
  ) {
    const divisor = greatestCommonDivisor(inputRateHz, outputRateHz)
    this.#phases = outputRateHz / divisor
    this.#step = inputRateHz / divisor
    const cutoff = Math.min(1, outputRateHz / inputRateHz) * PASSBAND
    this.#reach = inputRateHz === outputRateHz ? 0 : Math.ceil(CROSSINGS / cutoff)
    this.#filter = Array.from({ length: this.#reach === 0 ? 0 : this.#phases }, (_, phase) =>
      lowPass(this.#reach, cutoff, phase / this.#phases),
    )
    this.#held = new Float32Array(4 * this.#reach + 128)
    this.reset()
  }

  /** Forgets what came before, as at the start of another sound. */
  reset(): void {
    this.#phase = 0
    this.#heldLength = Math.max(0, this.#reach - 1)
    this.#held.fill(0, 0, this.#heldLength)
  }

  /** All output that `input` makes possible. The result is overwritten by the next call. */
  process(input: Float32Array): Float32Array {
    if (this.#reach === 0) return input
    this.#hold(input)
    const taps = 2 * this.#reach
    const most = Math.ceil((this.#heldLength * this.#phases) / this.#step) + 1
    if (this.#output.length < most) this.#output = new Float32Array(most)
    let at = 0
    let written = 0
    while (at + taps <= this.#heldLength) {
      this.#output[written++] = dotProduct(this.#held, at, this.#filter[this.#phase]!)
      this.#phase += this.#step
      at += Math.floor(this.#phase / this.#phases)
      this.#phase %= this.#phases
    }
    this.#release(at)
    return this.#output.subarray(0, written)
  }

  /** What the filter still holds back at the end of a sound. */
  finish(): Float32Array {
    const rest = this.process(new Float32Array(this.#reach))
    this.reset()
    return rest
  }

  #hold(input: Float32Array): void {
    const wanted = this.#heldLength + input.length
    if (this.#held.length < wanted) {
      const larger = new Float32Array(2 * wanted)
      larger.set(this.#held.subarray(0, this.#heldLength))
      this.#held = larger
    }
    this.#held.set(input, this.#heldLength)
    this.#heldLength = wanted
  }

  #release(count: number): void {
    this.#held.copyWithin(0, count, this.#heldLength)
    this.#heldLength -= count
  }
}

function dotProduct(samples: Float32Array, at: number, filter: Float32Array): number {
  let sum = 0
  for (let tap = 0; tap < filter.length; tap++) sum += samples[at + tap]! * filter[tap]!
  return sum
}

/** The filter for output that lies `offset` of an input sample after the middle; it leaves a constant as it is. */
function lowPass(reach: number, cutoff: number, offset: number): Float32Array {
  const taps = Float32Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - reach + 1 - offset
    return sinc(cutoff * distance) * kaiser(distance / reach)
  })
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const kaiser = (x: number): number =>
  Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA)

/** Modified Bessel function of the first kind, order zero, by its power series. */
function bessel(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
