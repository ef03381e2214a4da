// Writes all of it or throws: a disk that is nearly full takes a part without a word.
import { writeSync } from 'node:fs'

export function writeAll(file: number, bytes: Uint8Array, at: number | null = null): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(file, bytes, written, bytes.length - written, at === null ? null : at + written)
}
