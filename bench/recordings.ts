// Recordings of human speech with their transcripts, from the data folder beside the repository.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWav } from '@parley/server/audio/wav.js'

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

/** The samples of the recording. */
export const readRecording = async (folder: string, { file }: Recording): Promise<Int16Array> =>
  readWav(await readFile(join(folder, file))).samples
