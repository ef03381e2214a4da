// WAV files of 16-bit PCM, in and out.
import { bytesOf, samplesOf } from './pcm.js'

export interface Wav {
  readonly sampleRateHz: number
  /** One channel; two are mixed. */
  readonly samples: Int16Array
}

/** Why a file could not be read. The message says what it would have to be. */
export class WavError extends Error {
  override readonly name = 'WavError'
}

/**
 * The sound in a WAV file: 16-bit PCM, one or two channels, any rate. Chunks it does not know are passed over, and a
 * length that is wrong because the file was streamed or cut short means "to the end". Throws a `WavError`.
 */
export function readWav(file: Uint8Array): Wav {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE')
    throw new WavError('This is not a WAV file: it does not begin with RIFF and WAVE. Convert it to 16-bit PCM WAV.')

  let format: Format | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const name = tag(view, at)
    const start = at + 8
    const end = Math.min(start + view.getUint32(at + 4, true), file.length)
    if (name === 'fmt ') format = readFormat(view, start, end)
    if (name === 'data') {
      if (!format) throw new WavError('The WAV file has its sound before its format ("data" before "fmt ").')
      return { sampleRateHz: format.sampleRateHz, samples: mono(file.slice(start, end), format.channels) }
    }
    // chunks begin at even places
    at = end + (end & 1)
  }
  throw new WavError(`The WAV file has no ${format ? 'sound ("data" chunk)' : 'format ("fmt " chunk)'}.`)
}

/** A WAV file of one channel, 16-bit PCM. */
export function writeWav({ sampleRateHz, samples }: Wav): Uint8Array {
  const file = new Uint8Array(HEADER_BYTES + samples.byteLength)
  const view = new DataView(file.buffer)
  putTag(file, 0, 'RIFF')
  view.setUint32(4, file.length - 8, true)
  putTag(file, 8, 'WAVE')
  putTag(file, 12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, PCM, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, sampleRateHz, true)
  view.setUint32(28, sampleRateHz * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  putTag(file, 36, 'data')
  view.setUint32(40, samples.byteLength, true)
  file.set(bytesOf(samples), HEADER_BYTES)
  return file
}

const HEADER_BYTES = 44
const PCM = 1
/** The format's number then stands in the first two bytes of a GUID, 24 bytes into the chunk. */
const EXTENSIBLE = 0xfffe

interface Format {
  readonly sampleRateHz: number
  readonly channels: number
}

function readFormat(view: DataView, start: number, end: number): Format {
  if (end - start < 16) throw new WavError('The format of the WAV file ("fmt " chunk) is cut short.')
  const declared = view.getUint16(start, true)
  const encoding = declared === EXTENSIBLE && end - start >= 26 ? view.getUint16(start + 24, true) : declared
  const channels = view.getUint16(start + 2, true)
  const sampleRateHz = view.getUint32(start + 4, true)
  const bits = view.getUint16(start + 14, true)
  if (encoding !== PCM || bits !== 16)
    throw new WavError(`The WAV file is ${bits}-bit, format ${encoding}; it has to be 16-bit PCM (format 1).`)
  if (channels !== 1 && channels !== 2)
    throw new WavError(`The WAV file has ${channels} channels; it has to have one or two.`)
  if (sampleRateHz === 0) throw new WavError('The WAV file gives a sample rate of 0 Hz.')
  return { sampleRateHz, channels }
}

function mono(bytes: Uint8Array, channels: number): Int16Array {
  const samples = samplesOf(bytes)
  if (channels === 1) return samples
  const mixed = new Int16Array(samples.length >> 1)
  for (let i = 0; i < mixed.length; i++) mixed[i] = (samples[2 * i]! + samples[2 * i + 1]!) >> 1
  return mixed
}

const tag = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

function putTag(file: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i)
}
