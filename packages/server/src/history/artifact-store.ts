// Where the finished files of sessions are kept: a folder of this machine, or an S3-compatible store.
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretBox } from '../secrets.js'
import type { StoredArtifact } from '../storage/store.js'
import { type Addressed, addressOf } from './address.js'
import { type ArtifactType, artifactFiles } from './messages.js'

export interface ArtifactStore {
  readonly place: StoredArtifact['place']
  /** Takes the files of a session over from `folder`, which is gone afterwards. May be tried again when it failed. */
  keep(id: string, folder: string, types: readonly ArtifactType[]): Promise<void>
  /** An address that gives the file to whoever has it, for an hour. `base`: of this server, as its user knows it. */
  url(artifact: Addressed, base: string, unixMs: number): Promise<string>
  /** Deletes the files; those that are gone already are no failure. */
  remove(id: string, types: readonly ArtifactType[]): Promise<void>
}

export interface DiskStore extends ArtifactStore {
  pathOf(artifact: Addressed): string
}

export function diskStore(folder: string, signer: Pick<SecretBox, 'fingerprint'>): DiskStore {
  return {
    place: 'disk',
    async keep(id, from) {
      await mkdir(folder, { recursive: true })
      await rename(from, join(folder, id))
    },
    url: async (artifact, base, unixMs) => `${base}/v1/artifacts/${addressOf(artifact, unixMs, signer)}`,
    remove: (id) => rm(join(folder, id), { recursive: true, force: true }),
    pathOf: ({ id, type }) => join(folder, id, artifactFiles[type].name),
  }
}
