// Recordings of human speech with their transcripts, from the data folder beside the repository.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Recording {
  readonly file: string
  readonly split: string
  readonly sampleRate: number
  readonly text: string
}

export async function listRecordings(folder: string): Promise<readonly Recording[]> {
  // The cast is true by the data folder's own description of its manifest.
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Recording[]
}

/** The samples of a mono 16-bit WAV file. */
export async function readRecording(folder: string, { file }: Recording): Promise<Int16Array> {
  const bytes = await readFile(join(folder, file))
  let at = 12
  while (bytes.toString('latin1', at, at + 4) !== 'data') at += 8 + bytes.readUInt32LE(at + 4)
  const start = at + 8
  return new Int16Array(new Uint8Array(bytes.subarray(start, start + bytes.readUInt32LE(at + 4))).buffer)
}
