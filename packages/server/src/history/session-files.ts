// The files of one session, as the recording thread keeps them: a journal while it runs, three finished files when it is over.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { artifactTypes } from '@parley/protocol'
import { type ArtifactType, artifactFiles, type Ending, type Opening } from './messages.js'
import { repair, SAMPLE_RATE_HZ } from './opus-file.js'
import { Recording, type RecordingFormat } from './recording.js'
import { endingOf, type TimelineEntry, type TimelineHead, timelineOf } from './timeline-document.js'
import { writeAll } from './write-all.js'

const JOURNAL = 'journal.jsonl'

type JournalLine = { readonly head: TimelineHead } | TimelineEntry

export class SessionFiles {
  readonly #folder: string
  readonly #journal: number
  #recording: Recording | undefined
  /** Why sound cannot be written, until somebody was told. */
  #fault: unknown
  #taken = 0
  #dropped = 0

  /** Opens the files of a session that begins, or that goes on after a restart of the server. */
  static async open({ folder, head, sound }: Opening): Promise<SessionFiles> {
    mkdirSync(folder, { recursive: true })
    const path = join(folder, JOURNAL)
    const isNew = !existsSync(path)
    const journal = openSync(path, 'a', 0o600)
    try {
      if (isNew) writeLine(journal, { head })
      // the line that a crash may have cut off stands apart from what follows
      else writeAll(journal, Buffer.from('\n'))
      const files = new SessionFiles(folder, journal)
      if (sound) await files.#record(sound)
      return files
    } catch (error) {
      closeSync(journal)
      throw error
    }
  }

  private constructor(folder: string, journal: number) {
    this.#folder = folder
    this.#journal = journal
  }

  note(entry: TimelineEntry): void {
    writeLine(this.#journal, entry)
  }

  /** Throws when the sound cannot be written; from then on it only counts what is lost. */
  take(batch: Uint8Array, until: number): void {
    if (!this.#recording) {
      this.#dropped += 1
      const fault = this.#fault
      this.#fault = undefined
      if (fault) throw fault
      return
    }
    try {
      this.#recording.take(batch, until)
      this.#taken += 1
    } catch (error) {
      this.#dropped += 1
      this.#recording.close()
      this.#recording = undefined
      throw error
    }
  }

  /** Finishes the files; returns which there are. */
  finish(ending: Ending): readonly ArtifactType[] {
    closeSync(this.#journal)
    const { head } = readJournal(this.#folder) ?? {}
    this.#dropped += this.#recording?.dropped ?? 0
    if (head) this.#finishSound(Math.max(0, ending.endedAtUnixMs - head.started_at_unix_ms))
    // somebody has deleted the folder
    else this.#recording?.close()
    return finishFolder(ending, { taken: this.#taken, dropped: this.#dropped + ending.dropped })
  }

  /** Closes the files with everything that was taken, so that another may go on in them. */
  leave(): void {
    closeSync(this.#journal)
    this.#recording?.leave()
  }

  close(): void {
    closeSync(this.#journal)
    this.#recording?.close()
  }

  /** The words are kept even where there is no room for sound. */
  async #record(format: RecordingFormat): Promise<void> {
    try {
      this.#recording = await Recording.open(join(this.#folder, artifactFiles.audio.name), format)
    } catch (error) {
      this.#fault = error
    }
  }

  /** Sound whose last second cannot be written any more ends where it is. */
  #finishSound(length: number): void {
    try {
      this.#recording?.finish(length)
    } catch {
      this.#dropped += 1
      this.#recording?.close()
    }
  }
}

/** Sound that could be counted; a session that a crash cut off has nobody who did. */
interface Counts {
  readonly taken: number | null
  readonly dropped: number | null
}

/** Makes the finished files of what lies in the folder, unless that was done before. Returns which there are. */
export function finishFolder(
  { folder, endedAtUnixMs, reason }: Ending,
  counts: Counts = { taken: null, dropped: null },
): readonly ArtifactType[] {
  const journal = readJournal(folder)
  if (!journal) return filesIn(folder)
  const { head, entries } = journal
  const seconds = Math.max(0, endedAtUnixMs - head.started_at_unix_ms) / 1000
  const sound = join(folder, artifactFiles.audio.name)
  const hasSound = existsSync(sound) && repair(sound)
  if (!hasSound) rmSync(sound, { force: true })
  writeWhole(folder, 'timeline', timelineOf(head, entries, endingOf(reason, seconds)))
  writeWhole(folder, 'metadata', {
    session_id: head.session_id,
    started_at: new Date(head.started_at_unix_ms).toISOString(),
    ended_at: new Date(endedAtUnixMs).toISOString(),
    format: 'ogg/opus',
    channels: 2,
    channel_layout: 'stereo (left=user, right=agent)',
    sample_rate: SAMPLE_RATE_HZ,
    file: hasSound ? artifactFiles.audio.name : null,
    uploaded_chunks: counts.taken,
    dropped_chunks: counts.dropped,
  })
  rmSync(join(folder, JOURNAL))
  return filesIn(folder)
}

const filesIn = (folder: string): readonly ArtifactType[] =>
  artifactTypes.filter((type) => existsSync(join(folder, artifactFiles[type].name)))

function readJournal(folder: string): { head: TimelineHead; entries: TimelineEntry[] } | undefined {
  const path = join(folder, JOURNAL)
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').split('\n').flatMap(parsed)
  const head = lines.find((line) => 'head' in line)
  return head && { head: head.head, entries: lines.flatMap((line) => ('head' in line ? [] : [line])) }
}

/** A line that a crash cut off is left out. */
function parsed(line: string): JournalLine[] {
  try {
    // the journal is written by this file alone
    return [JSON.parse(line) as JournalLine]
  } catch {
    return []
  }
}

const writeLine = (file: number, line: JournalLine): void => writeAll(file, Buffer.from(`${JSON.stringify(line)}\n`))

/** Either the whole file is there or none. */
function writeWhole(folder: string, type: ArtifactType, content: object): void {
  const path = join(folder, artifactFiles[type].name)
  const unfinished = `${path}.part`
  writeFileSync(unfinished, JSON.stringify(content), { mode: 0o600, flush: true })
  renameSync(unfinished, path)
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
