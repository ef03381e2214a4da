// Changes the sample rate of a stream: a polyphase low-pass filter with a Kaiser window.
import { saturated } from './pcm.js'

/** Zero crossings of the filter on each side, at the lower of the two rates. */
const CROSSINGS = 20
/** Middle of the filter's edge, as a part of the lower rate's Nyquist frequency. */
const CUTOFF = 0.93
/** Shape of the Kaiser window: 86 dB of rejection. */
const BETA = 8.6

/**
 * Takes samples at `fromHz` in pieces of any length and gives them at `toHz`. How the sound is cut makes no difference
 * to the bit. Output sample k lies at the time of input sample k * fromHz / toHz: nothing is shifted, but each sample
 * is only known `delayMs` later, and `flush` gives the last ones.
 */
export class Resampler {
  readonly delayMs: number
  readonly #bank: FilterBank
  readonly #isIdentity: boolean
  /** Input that the next output still needs, from `0` to `#filled`. */
  #window: Float32Array
  #filled = 0
  /** Which of the filters the next output takes. */
  #phase = 0

  /** Rates in Hz, above 0. Throws a `RangeError` otherwise. */
  constructor(fromHz: number, toHz: number) {
    if (!(Number.isInteger(fromHz) && Number.isInteger(toHz) && fromHz > 0 && toHz > 0))
      throw new RangeError(`Cannot resample from ${fromHz} to ${toHz} Hz: give whole numbers above 0.`)
    this.#isIdentity = fromHz === toHz
    this.#bank = bankFor(fromHz, toHz)
    this.delayMs = this.#isIdentity ? 0 : (this.#bank.taps / 2 / fromHz) * 1000
    this.#window = new Float32Array(this.#bank.taps * 4)
    this.#reset()
  }

  /** How many samples `length` more input samples will complete. */
  lengthAfter(length: number): number {
    if (this.#isIdentity) return length
    const { taps, phases, step } = this.#bank
    const places = this.#filled + length - taps + 1
    return places <= 0 ? 0 : Math.ceil((places * phases - this.#phase) / step)
  }

  /**
   * What `input` completes. With equal rates this is `input` itself; otherwise a new array, or `into` when it is given
   * (exactly `lengthAfter(input.length)` long).
   */
  process(input: Int16Array, into?: Int16Array): Int16Array {
    if (this.#isIdentity) return input
    const output = into ?? new Int16Array(this.lengthAfter(input.length))
    this.#append(input)
    this.#filter(output)
    return output
  }

  /**
   * The last samples, as if silence followed: altogether ceil(n * toHz / fromHz) come out for n that went in.
   * Afterwards a new stream may begin.
   */
  flush(): Int16Array {
    if (this.#isIdentity) return new Int16Array(0)
    const rest = this.process(new Int16Array(this.#bank.taps / 2))
    this.#reset()
    return rest
  }

  #reset(): void {
    // as if silence came before: the first output then lies in the middle of the filter
    this.#filled = this.#bank.taps / 2 - 1
    this.#window.fill(0, 0, this.#filled)
    this.#phase = 0
  }

  #append(input: Int16Array): void {
    const needed = this.#filled + input.length
    if (needed > this.#window.length) {
      const larger = new Float32Array(needed * 2)
      larger.set(this.#window.subarray(0, this.#filled))
      this.#window = larger
    }
    this.#window.set(input, this.#filled)
    this.#filled = needed
  }

  /** Writes as many outputs as `output` is long, and forgets the input that is no longer needed. */
  #filter(output: Int16Array): void {
    const { taps, phases, step, filters } = this.#bank
    const window = this.#window
    const wholeStep = Math.floor(step / phases)
    const partStep = step % phases
    let start = 0
    let phase = this.#phase
    for (let i = 0; i < output.length; i++) {
      output[i] = saturated(dot(window, start, filters, phase * taps, taps))
      start += wholeStep
      phase += partStep
      if (phase >= phases) {
        phase -= phases
        start++
      }
    }
    window.copyWithin(0, start, this.#filled)
    this.#filled -= start
    this.#phase = phase
  }
}

/** Sum of products of `length` (a multiple of 4) values; four sums side by side keep the processor's pipeline full. */
function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, length: number): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  for (let i = 0; i < length; i += 4) {
    first += a[fromA + i]! * b[fromB + i]!
    second += a[fromA + i + 1]! * b[fromB + i + 1]!
    third += a[fromA + i + 2]! * b[fromB + i + 2]!
    fourth += a[fromA + i + 3]! * b[fromB + i + 3]!
  }
  return first + second + (third + fourth)
}

/** One filter of `taps` values for each of `phases` places between two input samples; output moves on by `step` places. */
interface FilterBank {
  readonly taps: number
  readonly phases: number
  readonly step: number
  readonly filters: Float32Array
}

/** Every stream of the same ratio shares its filters. */
const banks = new Map<string, FilterBank>()

function bankFor(fromHz: number, toHz: number): FilterBank {
  const divisor = greatestCommonDivisor(fromHz, toHz)
  const ratio = `${fromHz / divisor}:${toHz / divisor}`
  const known = banks.get(ratio)
  if (known) return known
  const bank = makeBank(toHz / divisor, fromHz / divisor)
  banks.set(ratio, bank)
  return bank
}

function makeBank(phases: number, step: number): FilterBank {
  const stretch = Math.max(1, step / phases)
  const half = 2 * Math.ceil((CROSSINGS * stretch) / 2)
  const taps = 2 * half
  const filters = new Float32Array(phases * taps)
  for (let phase = 0; phase < phases; phase++) {
    const filter = filters.subarray(phase * taps, (phase + 1) * taps)
    // tap i stands (i - (half - 1)) samples after the one before the output, which itself is phase / phases after that
    for (let i = 0; i < taps; i++) {
      const distance = i - (half - 1) - phase / phases
      filter[i] = sinc((distance * CUTOFF) / stretch) * kaiser(distance / half)
    }
    const sum = filter.reduce((total, tap) => total + tap, 0)
    for (let i = 0; i < taps; i++) filter[i]! /= sum
  }
  return { taps, phases, step, filters }
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel0(BETA * Math.sqrt(1 - x * x)) / bessel0(BETA))

/** The modified Bessel function of the first kind, of order 0, by its power series. */
function bessel0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
