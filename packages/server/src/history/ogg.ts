// Ogg pages (RFC 3533): packets in, bytes of one page out, and the last whole page of a file that somebody stopped writing.

export interface Page {
  readonly serial: number
  readonly sequence: number
  /** What the stream has come to at the end of this page, in units of the codec. */
  readonly granule: bigint
  readonly isFirst?: boolean
  readonly isLast?: boolean
  readonly packets: readonly Uint8Array[]
}

/** A page as it lies in a file. */
export interface FoundPage {
  readonly start: number
  readonly end: number
  readonly serial: number
  readonly sequence: number
  readonly granule: bigint
}

const HEADER_BYTES = 27
const FLAGS_AT = 5
const CHECKSUM_AT = 22
const FIRST = 2
const LAST = 4
/** The longest page that there can be, in bytes. */
export const LONGEST_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255
const MARK = Buffer.from('OggS')

/** How many entries of a page's table a packet takes; a page has 255. */
export const segmentsOf = (packet: Uint8Array): number => Math.floor(packet.length / 255) + 1

/** Throws a `RangeError` when the packets need more than the 255 segments of one page. */
export function pageBytes({ serial, sequence, granule, isFirst, isLast, packets }: Page): Buffer {
  const segments = packets.flatMap((packet) => [
    ...Array<number>(segmentsOf(packet) - 1).fill(255),
    packet.length % 255,
  ])
  if (segments.length > 255) throw new RangeError('These packets do not fit into one page.')
  const header = Buffer.alloc(HEADER_BYTES)
  MARK.copy(header)
  header[FLAGS_AT] = (isFirst ? FIRST : 0) | (isLast ? LAST : 0)
  header.writeBigInt64LE(granule, 6)
  header.writeUInt32LE(serial, 14)
  header.writeUInt32LE(sequence, 18)
  header[26] = segments.length
  return summed(Buffer.concat([header, Uint8Array.from(segments), ...packets]))
}

/** The same page, marked as the last one of its stream. */
export function asLast(page: Uint8Array): Buffer {
  const marked = Buffer.from(page)
  marked[FLAGS_AT] = marked[FLAGS_AT]! | LAST
  return summed(marked)
}

/** The last page in `bytes` that is whole and unharmed. */
export function lastPage(bytes: Buffer): FoundPage | undefined {
  for (let start = bytes.lastIndexOf(MARK); start >= 0; start = start === 0 ? -1 : bytes.lastIndexOf(MARK, start - 1)) {
    const end = endOf(bytes, start)
    if (end === undefined || !isUnharmed(bytes.subarray(start, end))) continue
    return {
      start,
      end,
      serial: bytes.readUInt32LE(start + 14),
      sequence: bytes.readUInt32LE(start + 18),
      granule: bytes.readBigInt64LE(start + 6),
    }
  }
  return undefined
}

function endOf(bytes: Buffer, start: number): number | undefined {
  const count = bytes[start + HEADER_BYTES - 1]
  if (count === undefined) return undefined
  const table = bytes.subarray(start + HEADER_BYTES, start + HEADER_BYTES + count)
  const end = table.reduce((sum, length) => sum + length, start + HEADER_BYTES + count)
  return table.length === count && end <= bytes.length ? end : undefined
}

const isUnharmed = (page: Buffer): boolean =>
  summed(Buffer.from(page)).readUInt32LE(CHECKSUM_AT) === page.readUInt32LE(CHECKSUM_AT)

/** Puts the checksum in its place. */
function summed(page: Buffer): Buffer {
  page.writeUInt32LE(0, CHECKSUM_AT)
  let sum = 0
  for (let index = 0; index < page.length; index++) sum = ((sum << 8) ^ checksums[(sum >>> 24) ^ page[index]!]!) >>> 0
  page.writeUInt32LE(sum, CHECKSUM_AT)
  return page
}

/** The remainders of every byte by the polynomial of RFC 3533, 0x04c11db7. */
const checksums = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 0x80000000 ? (remainder << 1) ^ 0x04c11db7 : remainder << 1
  return remainder >>> 0
})
