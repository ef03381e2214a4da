// The user's turns, from WAV files and from raw sound on the standard input.
import { readFile } from 'node:fs/promises'
import { PcmBytes } from '../../audio/pcm.js'
import { Resampler } from '../../audio/resample.js'
import { readWav, WavError } from '../../audio/wav.js'
import { CliError } from '../exit.js'
import type { Turn } from './call.js'

/** What raw sound on the standard input is: 16-bit little-endian samples of one channel at this rate. */
export const STDIN_RATE_HZ = 24_000
const STDIN = '-'

/** Reads the files, one turn each; `-` is the standard input, read as it comes. */
export async function readTurns(files: readonly string[], stdin: AsyncIterable<Uint8Array>): Promise<readonly Turn[]> {
  if (files.filter((file) => file === STDIN).length > 1)
    throw new CliError('usage', 'The standard input can be only one of the files. Name - once.')
  return Promise.all(files.map((file) => (file === STDIN ? streamTurn(stdin) : fileTurn(file))))
}

async function fileTurn(name: string): Promise<Turn> {
  const file = await readFile(name)
  try {
    const { samples, sampleRateHz } = readWav(file)
    return { is: 'recording', name, sound: (rateHz) => resampled(samples, sampleRateHz, rateHz) }
  } catch (error) {
    if (error instanceof WavError) throw new CliError('usage', `${name}: ${error.message}`, { cause: error })
    throw error
  }
}

function streamTurn(stdin: AsyncIterable<Uint8Array>): Turn {
  async function* sound(rateHz: number) {
    const pcm = new PcmBytes()
    const resampler = new Resampler(STDIN_RATE_HZ, rateHz)
    for await (const bytes of stdin) yield resampler.process(pcm.push(bytes)).slice()
  }
  return { is: 'stream', name: STDIN, sound }
}

function resampled(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const resampler = new Resampler(fromHz, toHz)
  const body = resampler.process(samples)
  const rest = resampler.flush()
  const whole = new Int16Array(body.length + rest.length)
  whole.set(body)
  whole.set(rest, body.length)
  return whole
}
