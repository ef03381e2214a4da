// What is kept of sessions: follows them, finishes their files, puts those where they belong, and deletes what is to go.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.js'
import type { Logger } from '../observe/logs.js'
import type { SecretBox } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { SessionObserver } from '../session/observer.js'
import type { LostSession, NewSession, SessionEnd, Store, StoredArtifact, StoredSession } from '../storage/store.js'
import { type Addressed, addressed } from './address.js'
import { type ArtifactStore, type DiskStore, diskStore } from './artifact-store.js'
import { guarded } from './guarded.js'
import { type ArtifactType, artifactFiles } from './messages.js'
import { policyOf } from './policy.js'
import { Recorder } from './recorder.js'
import { s3Store } from './s3-store.js'
import { SessionHistory } from './session-history.js'
import { Upkeep } from './upkeep.js'

export type HistoryConfig = Pick<
  Config,
  | 'dataDir'
  | 'databaseUrl'
  | 'recordings'
  | 'retentionDays'
  | 's3Bucket'
  | 's3Endpoint'
  | 's3Region'
  | 's3AccessKeyId'
  | 's3SecretAccessKey'
  | 's3Prefix'
  | 's3PathStyle'
>

export interface HistoryParts {
  readonly clock: Clock
  readonly store: Pick<Store, 'sessions' | 'conversations'>
  readonly secrets: Pick<SecretBox, 'fingerprint'>
  readonly log: Pick<Logger, 'warn'>
  /** How long a session outlives its server. */
  readonly graceMs: number
  /** A session has lost its server, and can tell nobody itself that it is over. */
  lost(session: LostSession): void
}

/** A file of a session, with an address for whoever may have it. */
export interface OfferedArtifact {
  readonly type: ArtifactType
  readonly url: string
  readonly content_type: string
}

export class History {
  readonly #parts: HistoryParts
  readonly #config: HistoryConfig
  readonly #recorder: Recorder
  readonly #disk: DiskStore
  readonly #stores: ReadonlyMap<StoredArtifact['place'], ArtifactStore>
  /** Where what is finished goes. */
  readonly #keeper: ArtifactStore
  readonly #openFolder: string
  readonly #live = new Map<string, SessionHistory>()
  /** Sessions that have left and whose end, or what they come to so far, is being written down. */
  readonly #ending = new Map<string, Promise<void>>()
  readonly #upkeep: Upkeep

  constructor(config: HistoryConfig, parts: HistoryParts) {
    this.#config = config
    this.#parts = parts
    const folder = join(config.dataDir, 'recordings')
    this.#openFolder = join(folder, 'open')
    this.#recorder = new Recorder({ clock: parts.clock, warn: (message, fields) => parts.log.warn(fields, message) })
    this.#disk = diskStore(join(folder, 'kept'), parts.secrets)
    const remote = remoteStore(config)
    this.#stores = new Map([this.#disk, ...(remote ? [remote] : [])].map((store) => [store.place, store]))
    this.#keeper = remote ?? this.#disk
    this.#upkeep = new Upkeep({
      clock: parts.clock,
      sessions: parts.store.sessions,
      retentionDays: config.retentionDays,
      isAlone: config.databaseUrl === undefined,
      places: [...this.#stores.keys()],
      live: () => [...this.#live.keys()],
      lost: (session) => parts.lost(session),
      resumable: () => parts.store.conversations.resumable(parts.graceMs),
      clear: (session) => this.#clear(session),
      sweep: () => this.#sweep(),
      warn: (error, message) => parts.log.warn({ error }, message),
    })
  }

  /** Closes and finishes what an earlier server left behind, then does so from time to time. */
  async start(): Promise<void> {
    await mkdir(this.#openFolder, { recursive: true })
    await this.#upkeep.start()
  }

  /** The observer of a session that opens now. */
  observe({ id, accountId }: { readonly id: string; readonly accountId: string }): SessionObserver {
    const { clock, log } = this.#parts
    const folder = this.#folderOf(id)
    const session = new SessionHistory({
      id,
      accountId,
      now: () => clock.now(),
      policy: (asked) => policyOf(asked, this.#config.recordings),
      begun: (row) => {
        this.#live.set(id, session)
        this.#upkeep.record(id, () => this.#parts.store.sessions.create(row))
      },
      open: (opening, now) => this.#recorder.open({ ...opening, id, folder }, now),
      entry: (entry) => this.#recorder.entry(id, entry),
      suspended: (hasFiles) => this.#suspend(id, hasFiles),
      ended: (row, end, hasFiles) => this.#end(row, end, hasFiles),
    })
    return guarded(session, (error) => log.warn({ error, session: id }, 'What is kept of a session has a gap.'))
  }

  /** What is kept of a session, with addresses that are good for an hour. `base`: of this server, as its user knows it. */
  async artifacts({ id, artifacts }: StoredSession, base: string): Promise<readonly OfferedArtifact[]> {
    const unixMs = this.#parts.clock.unixMs()
    const offered: OfferedArtifact[] = []
    for (const { type, place } of artifacts) {
      const url = await this.#stores.get(place)?.url({ id, type }, base, unixMs)
      if (url !== undefined) offered.push({ type, url, content_type: artifactFiles[type].contentType })
    }
    return offered
  }

  /** The file that an address names; undefined when the address is not, or no longer, good. */
  fileAt(address: string): (Addressed & { readonly path: string }) | undefined {
    const artifact = addressed(address, this.#parts.clock.unixMs(), this.#parts.secrets)
    return artifact && { ...artifact, path: this.#disk.pathOf(artifact) }
  }

  /** Deletes a session and all that is kept of it, also while it runs. False when the account has no such session. */
  async remove(accountId: string, id: string): Promise<boolean> {
    const artifacts = await this.#parts.store.sessions.remove(accountId, id)
    if (!artifacts) return false
    await this.#parts.store.conversations.forget(id)
    if (this.#live.get(id)?.forget()) await this.#recorder.discard(id, this.#folderOf(id))
    await this.#ending.get(id)
    await this.#clear({ id, artifacts }).catch((error) =>
      this.#parts.log.warn(
        { error, session: id },
        'The files of a deleted session could not be deleted; they will be.',
      ),
    )
    return true
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#ending.values())
    await this.#upkeep.close()
    await this.#recorder.close()
  }

  /** What is kept so far stays in its folder, for whoever goes on with the session. */
  #suspend(id: string, hasFiles: boolean): void {
    this.#live.delete(id)
    if (hasFiles) this.#track(id, this.#recorder.leave(id))
  }

  #end(row: NewSession, end: SessionEnd, hasFiles: boolean): void {
    this.#live.delete(row.id)
    this.#track(row.id, this.#finished(row, end, hasFiles))
  }

  #track(id: string, work: Promise<void>): void {
    const ending = work
      .catch((error) => this.#parts.log.warn({ error, session: id }, 'The end of a session could not be kept yet.'))
      .finally(() => {
        if (this.#ending.get(id) === ending) this.#ending.delete(id)
      })
    this.#ending.set(id, ending)
  }

  async #finished(row: NewSession, end: SessionEnd, hasFiles: boolean): Promise<void> {
    await this.#upkeep.record(row.id, () => this.#parts.store.sessions.complete(row, end))
    if (hasFiles) await this.#publish(row.id, end)
  }

  async #publish(id: string, { endedAt, closeReason }: SessionEnd): Promise<void> {
    const folder = this.#folderOf(id)
    const types = await this.#recorder.finish({ id, folder, endedAtUnixMs: endedAt.getTime(), reason: closeReason })
    if (types.length === 0) return
    await this.#keeper.keep(id, folder, types)
    const { place } = this.#keeper
    await this.#upkeep.record(id, async () => {
      const isWanted = await this.#parts.store.sessions.publish(
        id,
        types.map((type) => ({ type, place })),
      )
      if (!isWanted) await this.#keeper.remove(id, types)
    })
  }

  /** Files in a place that this server has no way to are left for one that has. */
  async #clear({ id, artifacts }: Pick<StoredSession, 'id' | 'artifacts'>): Promise<void> {
    for (const [place, store] of this.#stores) {
      const types = artifacts.filter((artifact) => artifact.place === place).map(({ type }) => type)
      if (types.length > 0) await store.remove(id, types)
    }
    if (artifacts.every(({ place }) => this.#stores.has(place))) await this.#parts.store.sessions.cleared(id)
  }

  /** Files whose session this server does not hold: a crash left them, or they could not be put where they belong. */
  async #sweep(): Promise<void> {
    for (const id of await readdir(this.#openFolder)) {
      if (this.#live.has(id) || this.#ending.has(id)) continue
      await this.#settle(id).catch((error) =>
        this.#parts.log.warn({ error, session: id }, 'What is kept of a session is not finished yet.'),
      )
    }
  }

  async #settle(id: string): Promise<void> {
    const fate = await this.#parts.store.sessions.fate(id)
    // where there are files already, another server has taken the session over: they are of its end, these of its beginning
    if (fate.is === 'completed' && !fate.hasFiles) await this.#publish(id, fate)
    else if (fate.is !== 'open') await rm(this.#folderOf(id), { recursive: true, force: true })
  }

  #folderOf(id: string): string {
    return join(this.#openFolder, id)
  }
}

function remoteStore(config: HistoryConfig): ArtifactStore | undefined {
  const { s3Bucket, s3AccessKeyId, s3SecretAccessKey } = config
  if (s3Bucket === undefined || s3AccessKeyId === undefined || s3SecretAccessKey === undefined) return undefined
  return s3Store({
    endpoint: config.s3Endpoint,
    bucket: s3Bucket,
    region: config.s3Region,
    accessKeyId: s3AccessKeyId,
    secretAccessKey: s3SecretAccessKey,
    prefix: config.s3Prefix,
    pathStyle: config.s3PathStyle === 'on',
  })
}
