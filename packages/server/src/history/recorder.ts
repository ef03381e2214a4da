// The event loop's end of the recording thread: hands over batches, holds back when the thread falls behind, and asks for finished files.
import { Worker } from 'node:worker_threads'
import type { Clock } from '../session/clock.js'
import type { ArtifactType, Ending, FromRecorder, Opening, ToRecorder } from './messages.js'
import { Tape } from './tape.js'
import type { TimelineEntry } from './timeline-document.js'

/** How often the sound of all sessions is handed over, in ms. */
const FLUSH_EVERY_MS = 500
/** Sound under way to the thread: beyond this it is not kept up with, and batches are left out. */
const MOST_BYTES_UNDER_WAY = 64 * 1024 * 1024
const MOST_BYTES_OF_A_SESSION = 4 * 1024 * 1024

export interface RecorderPorts {
  readonly clock: Clock
  /** Something of a session could not be kept; told once for each. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
}

type Answer = 'finished' | 'left' | 'discarded'

interface Kept {
  readonly opening: Opening
  readonly tape: Tape
  /** The session's time, in ms from the beginning of its recording. */
  readonly now: () => number
  bytesUnderWay: number
  dropped: number
  isWarned: boolean
}

export class Recorder {
  readonly #ports: RecorderPorts
  readonly #sessions = new Map<string, Kept>()
  readonly #answers = new Map<string, (files: readonly ArtifactType[]) => void>()
  #worker: Worker | undefined
  #bytesUnderWay = 0
  #cancelFlush: (() => void) | undefined

  constructor(ports: RecorderPorts) {
    this.#ports = ports
  }

  /** Begins to keep a session. `now`: its time, in ms from the beginning of its recording. */
  open(opening: Opening, now: () => number): Tape {
    const tape = new Tape((batch) => this.#send(kept, batch))
    const kept: Kept = { opening, tape, now, bytesUnderWay: 0, dropped: 0, isWarned: false }
    this.#sessions.set(opening.id, kept)
    this.#post({ type: 'open', ...opening })
    this.#cancelFlush ??= this.#wake()
    return tape
  }

  entry(id: string, entry: TimelineEntry): void {
    this.#post({ type: 'entry', id, entry })
  }

  /** Ends the files of a session, or those that a crash has left of one. Resolves with what there is of it. */
  finish(ending: Omit<Ending, 'dropped'>): Promise<readonly ArtifactType[]> {
    const kept = this.#sessions.get(ending.id)
    kept?.tape.flush()
    this.#sessions.delete(ending.id)
    const answer = this.#answer('finished', ending.id)
    this.#post({ type: 'finish', ...ending, dropped: kept?.dropped ?? 0 })
    return answer
  }

  /** Closes the files of a session as they are. Resolves when everything that there was of it is in them. */
  async leave(id: string): Promise<void> {
    this.#sessions.get(id)?.tape.flush()
    this.#sessions.delete(id)
    const answer = this.#answer('left', id)
    this.#post({ type: 'leave', id })
    await answer
  }

  /** Resolves when nothing is left of the session. */
  async discard(id: string, folder: string): Promise<void> {
    this.#sessions.delete(id)
    const answer = this.#answer('discarded', id)
    this.#post({ type: 'discard', id, folder })
    await answer
  }

  /** Whoever waits for an answer of the thread has to have it before. */
  async close(): Promise<void> {
    this.#cancelFlush?.()
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  /** While somebody waits for the thread, it keeps the process. */
  #answer(type: Answer, id: string): Promise<readonly ArtifactType[]> {
    this.#worker ??= this.#start()
    this.#worker.ref()
    return new Promise((resolve) => this.#answers.set(`${type} ${id}`, resolve))
  }

  #wake(): () => void {
    const { clock } = this.#ports
    return clock.wake(clock.now() + FLUSH_EVERY_MS, () => {
      for (const { tape } of this.#sessions.values()) tape.flush()
      this.#cancelFlush = this.#sessions.size > 0 ? this.#wake() : undefined
    })
  }

  #send(kept: Kept, batch: Uint8Array<ArrayBuffer>): void {
    const size = batch.length
    if (kept.bytesUnderWay + size > MOST_BYTES_OF_A_SESSION || this.#bytesUnderWay + size > MOST_BYTES_UNDER_WAY) {
      kept.dropped += 1
      this.#warn(kept, 'The recording has gaps: the thread that writes it does not keep up.', {})
      return
    }
    kept.bytesUnderWay += size
    this.#bytesUnderWay += size
    this.#post({ type: 'sound', id: kept.opening.id, batch, until: kept.now() }, [batch.buffer])
  }

  #post(message: ToRecorder, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(message, transfer)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./recorder-worker.js', import.meta.url))
    // the sessions keep the process
    worker.unref()
    worker.on('message', (message: FromRecorder) => this.#received(message))
    worker.on('error', (error) => this.#died(worker, error))
    return worker
  }

  #received(message: FromRecorder): void {
    const kept = this.#sessions.get(message.id)
    switch (message.type) {
      case 'taken':
        this.#bytesUnderWay -= message.bytes
        if (kept) kept.bytesUnderWay -= message.bytes
        return
      case 'failed':
        return this.#warn(
          kept,
          message.code === 'ENOSPC'
            ? 'The disk is full: the session goes on, and nothing more of its sound is kept.'
            : 'The session goes on, and something of it could not be kept.',
          { session: message.id, doing: message.what, code: message.code },
        )
      case 'finished':
        return this.#answered(`finished ${message.id}`, message.files)
      case 'left':
        return this.#answered(`left ${message.id}`, [])
      case 'discarded':
        return this.#answered(`discarded ${message.id}`, [])
    }
  }

  #answered(key: string, files: readonly ArtifactType[]): void {
    this.#answers.get(key)?.(files)
    this.#answers.delete(key)
    if (this.#answers.size === 0) this.#worker?.unref()
  }

  /** Another thread goes on in the files of those who still talk. */
  #died(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#bytesUnderWay = 0
    this.#ports.warn('The thread that writes recordings has failed and is started again.', { error })
    for (const key of [...this.#answers.keys()]) this.#answered(key, [])
    for (const kept of this.#sessions.values()) {
      kept.bytesUnderWay = 0
      this.#post({ type: 'open', ...kept.opening })
    }
  }

  #warn(kept: Kept | undefined, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (kept?.isWarned) return
    if (kept) kept.isWarned = true
    this.#ports.warn(message, { ...(kept && { session: kept.opening.id }), ...fields })
  }
}
