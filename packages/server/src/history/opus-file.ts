// A recording on disk: stereo sound of 24 kHz in, an Ogg/Opus file (RFC 7845) out, readable up to its last second at any time.
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { Application, createEncoder, type OpusEncoderHandle } from 'libopus-wasm'
import { asLast, type FoundPage, LONGEST_PAGE_BYTES, lastPage, pageBytes, segmentsOf } from './ogg.js'
import { writeAll } from './write-all.js'

export const SAMPLE_RATE_HZ = 24_000
/** Samples of each channel in one packet: 20 ms. */
export const PACKET_SAMPLES = 480
/** Enough for each channel to keep what is its own: at 32 kbit/s some of the one can be heard in the other. */
const BITS_PER_SECOND = 40_000
/** A page is written when it holds a second. */
const PACKETS_PER_PAGE = 50
const MOST_SEGMENTS = 255
/** Ogg counts the samples of Opus at 48 kHz, whatever the rate of the sound (RFC 7845, section 4). */
const GRANULES_PER_SAMPLE = 2

export class OpusFile {
  readonly #file: number
  readonly #encoder: OpusEncoderHandle
  readonly #serial: number
  #sequence: number
  /** Samples of each channel that were encoded, those that only move the encoder on included. */
  #encoded: number
  #packets: Uint8Array[] = []
  #segments = 0

  /** Opens the file at `path`: a new one, or one that was left unfinished, to go on behind its last whole page. */
  static async open(path: string): Promise<OpusFile> {
    const encoder = await createEncoder({
      sampleRate: SAMPLE_RATE_HZ,
      channels: 2,
      frameSize: PACKET_SAMPLES,
      // the quickest of the encoder's ways: a recording of a call costs a fraction of the call
      application: Application.RestrictedLowDelay,
      bitrate: BITS_PER_SECOND,
      complexity: 0,
    })
    const file = openSync(path, 'a+')
    try {
      const found = tailOf(file)
      if (!found && fstatSync(file).size > 0) ftruncateSync(file, 0)
      const opened = new OpusFile(file, encoder, found?.page)
      if (!found) opened.#writeHeaders()
      return opened
    } catch (error) {
      closeSync(file)
      encoder.free()
      throw error
    }
  }

  private constructor(file: number, encoder: OpusEncoderHandle, last: FoundPage | undefined) {
    this.#file = file
    this.#encoder = encoder
    this.#serial = last?.serial ?? 1
    this.#sequence = last ? last.sequence + 1 : 0
    this.#encoded = last ? Number(last.granule) / GRANULES_PER_SAMPLE : 0
  }

  /** How many samples of each channel were written; the next ones follow there. */
  get length(): number {
    return this.#encoded
  }

  /** The next 20 ms: `PACKET_SAMPLES` pairs of a left and a right sample. */
  write(pairs: Int16Array): void {
    const packet = this.#encoder.encode(pairs)
    // written when the next one comes, so that there is always one left for the last page
    const isFull = this.#packets.length === PACKETS_PER_PAGE || this.#segments + segmentsOf(packet) > MOST_SEGMENTS
    if (isFull) this.#writePage(this.#encoded)
    this.#packets.push(packet)
    this.#segments += segmentsOf(packet)
    this.#encoded += PACKET_SAMPLES
  }

  /** Ends the file so that it plays for `length` samples, or for what was written if that is less. */
  finish(length: number): void {
    const last = Math.min(length, this.#encoded) + this.#encoder.getLookahead()
    const silence = new Int16Array(PACKET_SAMPLES * 2)
    // the encoder gives the end of the sound only when more comes behind it
    while (this.#encoded < last) this.write(silence)
    this.#writePage(last, true)
    fsyncSync(this.#file)
    this.close()
  }

  /** Writes what is there and leaves the file unfinished. */
  leave(): void {
    if (this.#packets.length > 0) this.#writePage(this.#encoded)
    this.close()
  }

  /** Leaves the file as it is, with what was written of it. */
  close(): void {
    closeSync(this.#file)
    this.#encoder.free()
  }

  #writeHeaders(): void {
    const preSkip = this.#encoder.getLookahead() * GRANULES_PER_SAMPLE
    const head = Buffer.alloc(19)
    head.write('OpusHead')
    head[8] = 1
    head[9] = 2
    head.writeUInt16LE(preSkip, 10)
    head.writeUInt32LE(SAMPLE_RATE_HZ, 12)
    const vendor = Buffer.from('Parley')
    const tags = Buffer.alloc(8 + 4 + vendor.length + 4)
    tags.write('OpusTags')
    tags.writeUInt32LE(vendor.length, 8)
    vendor.copy(tags, 12)
    const page = { serial: this.#serial, granule: 0n }
    writeAll(
      this.#file,
      Buffer.concat([
        pageBytes({ ...page, sequence: 0, isFirst: true, packets: [head] }),
        pageBytes({ ...page, sequence: 1, packets: [tags] }),
      ]),
    )
    this.#sequence = 2
  }

  #writePage(samples: number, isLast = false): void {
    const granule = BigInt(samples * GRANULES_PER_SAMPLE)
    const page = pageBytes({
      serial: this.#serial,
      sequence: this.#sequence,
      granule,
      isLast,
      packets: this.#packets,
    })
    this.#packets = []
    this.#segments = 0
    this.#sequence += 1
    writeAll(this.#file, page)
  }
}

/** Brings a file that was left unfinished to a good end, with what was written of it. Returns whether there is sound in it. */
export function repair(path: string): boolean {
  const file = openSync(path, 'r+')
  try {
    const found = tailOf(file)
    if (!found) return false
    const { page, bytes } = found
    writeAll(file, asLast(bytes), page.start)
    fsyncSync(file)
    return page.granule > 0n
  } finally {
    closeSync(file)
  }
}

/** The last whole page of the file, by its place in the file; what lies behind it is cut off. */
function tailOf(file: number): { readonly page: FoundPage; readonly bytes: Buffer } | undefined {
  const { size } = fstatSync(file)
  // wherever the end of the file lies in a page, the page before that one begins in here
  const tail = Buffer.alloc(Math.min(size, 2 * LONGEST_PAGE_BYTES))
  const from = size - tail.length
  readSync(file, tail, 0, tail.length, from)
  const page = lastPage(tail)
  // the page with the tags is the first behind which sound can follow
  if (!page || page.sequence === 0) return undefined
  ftruncateSync(file, from + page.end)
  return {
    page: { ...page, start: from + page.start, end: from + page.end },
    bytes: tail.subarray(page.start, page.end),
  }
}
