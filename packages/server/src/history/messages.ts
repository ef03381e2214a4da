// What the event loop and the thread that writes recordings tell each other.

import type { StoredArtifact } from '../storage/store.js'
import type { RecordingFormat } from './recording.js'
import type { TimelineEntry, TimelineHead } from './timeline-document.js'

export interface Opening {
  /** The session. */
  readonly id: string
  /** The folder of its files; made if it is not there. */
  readonly folder: string
  readonly head: TimelineHead
  /** undefined: no sound is kept. */
  readonly sound: RecordingFormat | undefined
}

/** How a session ended; for one that a crash cut off, what is known of it. */
export interface Ending {
  readonly id: string
  readonly folder: string
  /** Unix time, in ms. */
  readonly endedAtUnixMs: number
  readonly reason: string
  /** Batches of sound that never reached the thread. */
  readonly dropped: number
}

export type ToRecorder =
  | ({ readonly type: 'open' } & Opening)
  | { readonly type: 'sound'; readonly id: string; readonly batch: Uint8Array; readonly until: number }
  | { readonly type: 'entry'; readonly id: string; readonly entry: TimelineEntry }
  | ({ readonly type: 'finish' } & Ending)
  /** The session goes on elsewhere, or later: its files are closed as they are. */
  | { readonly type: 'leave'; readonly id: string }
  /** Whatever there is of the session goes away. */
  | { readonly type: 'discard'; readonly id: string; readonly folder: string }

export type FromRecorder =
  | { readonly type: 'taken'; readonly id: string; readonly bytes: number }
  /** Nothing more is recorded of that session. */
  | { readonly type: 'failed'; readonly id: string; readonly what: string; readonly code: string }
  | { readonly type: 'finished'; readonly id: string; readonly files: readonly ArtifactType[] }
  | { readonly type: 'left'; readonly id: string }
  | { readonly type: 'discarded'; readonly id: string }

export type ArtifactType = StoredArtifact['type']

export const artifactFiles = {
  audio: { name: 'audio.ogg', contentType: 'audio/ogg' },
  timeline: { name: 'timeline.json', contentType: 'application/json' },
  metadata: { name: 'metadata.json', contentType: 'application/json' },
} as const satisfies Record<ArtifactType, { readonly name: string; readonly contentType: string }>
