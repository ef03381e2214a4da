// What is kept of sessions, from the first sound to the deletion: on disk and in an S3 store, after crashes, and when it may not be.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Conversation, type EventBody, opening, step } from '@parley/conversation'
import type { HistorySettings } from '@parley/protocol'
import { readConfig } from '../../dist/config.js'
import { guarded } from '../../dist/history/guarded.js'
import { History, type HistoryParts } from '../../dist/history/history.js'
import { policyOf } from '../../dist/history/policy.js'
import { ALIVE_EVERY_MS, LOST_AFTER_MS } from '../../dist/history/upkeep.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId as account, type Store } from '../../dist/storage/store.js'
import { listen } from './listen.js'
import { s3Key, startS3 } from './s3-server.js'

const DAY_MS = 86_400_000
const BASE = 'http://voice.example'
let store: Store
before(async () => {
  store = await openStore('memory')
})
after(() => store.close())

/** A server's part that keeps sessions, on a clock that moves when told to. */
async function keeper(environment: Readonly<Record<string, string>> = {}, more: Partial<HistoryParts> = {}) {
  const folder = environment.PARLEY_DATA_DIR ?? mkdtempSync(join(tmpdir(), 'parley-history-'))
  const { config } = readConfig({ PARLEY_DATA_DIR: folder, ...environment })
  const clock = new VirtualClock()
  const warnings: string[] = []
  const lost: string[] = []
  const parts: HistoryParts = {
    clock,
    store,
    secrets: new SecretBox(randomBytes(32)),
    log: { warn: (_fields: unknown, message?: string) => void warnings.push(message ?? '') } as HistoryParts['log'],
    graceMs: 30_000,
    lost: ({ id, closeReason }) => void lost.push(`${id} ${closeReason}`),
    ...more,
  }
  const history = new History(config, parts)
  await history.start()
  const recordings = join(folder, 'recordings')
  return {
    history,
    clock,
    warnings,
    /** Those that others are told of. */
    lost,
    folder,
    open: join(recordings, 'open'),
    kept: join(recordings, 'kept'),
    find: (id: string) => store.sessions.find(account, id),
    async end() {
      await history.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Keeper = Awaited<ReturnType<typeof keeper>>

const tone = (ms: number, hz: number) =>
  Buffer.from(
    Int16Array.from({ length: ms * 24 }, (_, index) => 12_000 * Math.sin((2 * Math.PI * hz * index) / 24_000)).buffer,
  )

/** A session of a real conversation, ready, whose sound is given by hand. */
function begin({ history, clock }: Keeper, asked?: HistorySettings, id = `sess_${randomBytes(16).toString('hex')}`) {
  const observer = history.observe({ id, accountId: account })
  const openedAt = clock.now()
  let conversation: Conversation = opening({
    sessionId: id,
    startedAtUnixMs: clock.unixMs(),
    cap: 3_600_000,
    firstMessageWithin: 30_000,
    lead: 160,
    grace: 0,
    defaultVoice: 'alba',
  })
  const now = () => clock.now() - openedAt
  const happen = (body: EventBody) => {
    const event = { ...body, at: now() }
    const [next, effects] = step(conversation, event)
    conversation = next
    observer.stepped?.(event, effects, next)
  }
  happen({ type: 'client.updated', patch: { system_prompt: 'Secretly a pirate.' }, problems: [] })
  if (conversation.phase === 'opening' && conversation.stage.is === 'preparing')
    observer.prepared?.(conversation.stage.config, asked && 'agent_1', asked)
  happen({ type: 'engines.ready' })
  return {
    id,
    happen,
    /** Both speak for a while: the user at 440 Hz, the agent at 1000. */
    async talk(ms: number) {
      for (let spoken = 0; spoken < ms; spoken += 100) {
        await clock.to(clock.now() + 100)
        observer.heard?.(tone(100, 440), now())
        observer.sent?.('resp_1', tone(100, 1000), 0, 4800, now() - 100)
      }
    },
    /** It is somewhere else from now on. */
    leave: () => observer.suspended?.(now()),
    over() {
      happen({ type: 'client.ended' })
      observer.over?.('client_end', now())
    },
  }
}

/** Waits for what threads and the database do in their own time. */
async function until(holds: () => Promise<unknown> | unknown): Promise<void> {
  for (
    const end = performance.now() + 20_000;
    !(await holds());
    await new Promise((resolve) => setTimeout(resolve, 10))
  )
    if (performance.now() > end) throw new Error(`It did not come about: ${holds}`)
}
const published = (at: Keeper, id: string) => until(async () => (await at.find(id))?.artifacts.length)

/** What of a folder this process has open, where the system tells. */
const openFilesIn = (folder: string): readonly string[] =>
  existsSync('/proc/self/fd')
    ? readdirSync('/proc/self/fd').flatMap((file) => {
        try {
          const path = readlinkSync(`/proc/self/fd/${file}`)
          return path.startsWith(folder) ? [path] : []
        } catch {
          return []
        }
      })
    : []

test('a session is there from its beginning on, and its files once it is over', async () => {
  const at = await keeper()
  const session = begin(at)
  await until(() => at.find(session.id))
  assert.deepEqual([(await at.find(session.id))?.status, (await at.find(session.id))?.artifacts], ['created', []])
  await session.talk(2000)
  session.over()
  await published(at, session.id)
  const found = await at.find(session.id)
  assert.deepEqual([found?.status, found?.closeReason, found?.durationSeconds], ['completed', 'client_end', 2])
  assert.equal(found?.config?.system_prompt, 'Secretly a pirate.')
  assert.deepEqual(readdirSync(at.open), [])
  assert.deepEqual(readdirSync(join(at.kept, session.id)).sort(), ['audio.ogg', 'metadata.json', 'timeline.json'])
  const heard = await listen(join(at.kept, session.id, 'audio.ogg'))
  assert.ok(Math.abs(heard.seconds - 2) < 0.001)
  assert.ok(heard.tone('user', 440, 50, 1950) > 0.2)
  assert.ok(heard.tone('agent', 1000, 50, 1950) > 0.2)
  const metadata = JSON.parse(readFileSync(join(at.kept, session.id, 'metadata.json'), 'utf8'))
  const { uploaded_chunks, started_at, ...rest } = metadata
  assert.ok(uploaded_chunks >= 4)
  assert.equal(started_at, '2026-09-21T14:13:20.000Z')
  assert.deepEqual(rest, {
    session_id: session.id,
    ended_at: '2026-09-21T14:13:22.000Z',
    format: 'ogg/opus',
    channels: 2,
    channel_layout: 'stereo (left=user, right=agent)',
    sample_rate: 24_000,
    file: 'audio.ogg',
    dropped_chunks: 0,
  })
  await at.end()
})

test('an agent may have nothing kept, or its words alone; the server may allow less', async () => {
  const at = await keeper()
  const silent = begin(at, { keep: false, retention_days: 3 })
  const written = begin(at, { record_audio: false })
  const usual = begin(at, {})
  for (const session of [silent, written, usual]) {
    await session.talk(300)
    session.over()
  }
  await published(at, written.id)
  await published(at, usual.id)
  await until(async () => (await at.find(silent.id))?.status === 'completed')
  const row = await at.find(silent.id)
  assert.deepEqual([row?.config, row?.artifacts, row?.durationSeconds], [null, [], 0.3])
  assert.deepEqual(
    (await at.find(written.id))?.artifacts.map(({ type }) => type),
    ['timeline', 'metadata'],
  )
  const { file, dropped_chunks } = JSON.parse(readFileSync(join(at.kept, written.id, 'metadata.json'), 'utf8'))
  assert.deepEqual([file, dropped_chunks], [null, 0])
  assert.equal((await at.find(usual.id))?.artifacts.length, 3)
  assert.deepEqual(readdirSync(at.open), [])
  assert.ok(!existsSync(join(at.kept, silent.id)))
  await at.end()
})

test('what may be kept is the least that the server and the agent allow', () => {
  const all = { words: true, sound: true, retentionDays: undefined }
  assert.deepEqual(policyOf(undefined, 'on'), all)
  assert.deepEqual(policyOf({}, 'on'), all)
  assert.deepEqual(policyOf(undefined, 'text'), { ...all, sound: false })
  assert.deepEqual(policyOf({ record_audio: true, keep: true }, 'off'), { ...all, words: false, sound: false })
  assert.deepEqual(policyOf({ keep: false, record_audio: true }, 'on'), { ...all, words: false, sound: false })
  assert.deepEqual(policyOf({ retention_days: 7 }, 'on'), { ...all, retentionDays: 7 })
})

test('a deleted session leaves neither files nor settings, even one that still runs', async () => {
  const at = await keeper()
  const [ended, running] = [begin(at), begin(at)]
  await ended.talk(300)
  await running.talk(300)
  ended.over()
  await published(at, ended.id)
  assert.equal(await at.history.remove('other', ended.id), false)
  assert.equal(await at.history.remove(account, ended.id), true)
  assert.equal(await at.history.remove(account, ended.id), false)
  assert.ok(!existsSync(join(at.kept, ended.id)))
  assert.deepEqual(await store.sessions.uncleared(['disk', 's3'], 10), [])

  await until(() => at.find(running.id))
  assert.equal(await at.history.remove(account, running.id), true)
  assert.deepEqual(readdirSync(at.open), [])
  await running.talk(300)
  running.over()
  await until(async () => (await store.sessions.fate(running.id)).is === 'deleted')
  await at.history.close()
  assert.deepEqual([readdirSync(at.open), readdirSync(at.kept)], [[], []])
  await at.end()
})

test('a session that is deleted while its files are finished leaves none', async () => {
  const sessions: Store['sessions'] = {
    ...store.sessions,
    async publish(id, artifacts) {
      await store.sessions.remove(account, id)
      return store.sessions.publish(id, artifacts)
    },
  }
  const at = await keeper({}, { store: { ...store, sessions } })
  const session = begin(at)
  await session.talk(300)
  session.over()
  await at.history.close()
  assert.deepEqual([readdirSync(at.open), readdirSync(at.kept)], [[], []])
  await at.end()
})

test('a crash leaves what was recorded, and the next server finishes it', async () => {
  const before = await keeper()
  const session = begin(before)
  await session.talk(4000)
  session.happen({ type: 'client.updated', patch: { output: { volume: 30 } }, problems: [] })
  const folder = join(before.open, session.id)
  await until(
    () =>
      existsSync(join(folder, 'journal.jsonl')) &&
      readFileSync(join(folder, 'journal.jsonl'), 'utf8').includes('volume'),
  )
  await before.clock.to(before.clock.now() + ALIVE_EVERY_MS)
  // as a crash leaves it: half a page, half a line, and nobody who ends it
  const copy = mkdtempSync(join(tmpdir(), 'parley-crashed-'))
  const crashed = join(copy, 'recordings', 'open', session.id)
  mkdirSync(crashed, { recursive: true })
  const sound = readFileSync(join(folder, 'audio.ogg'))
  writeFileSync(join(crashed, 'audio.ogg'), sound)
  truncateSync(join(crashed, 'audio.ogg'), sound.length - 100)
  writeFileSync(join(crashed, 'journal.jsonl'), `${readFileSync(join(folder, 'journal.jsonl'), 'utf8')}{"turn":{"tu`)

  const next = await keeper({ PARLEY_DATA_DIR: copy })
  const found = await next.find(session.id)
  assert.deepEqual([found?.status, found?.closeReason], ['completed', 'error'])
  assert.deepEqual(next.lost, [`${session.id} error`])
  assert.equal(found?.artifacts.length, 3)
  const heard = await listen(join(next.kept, session.id, 'audio.ogg'))
  assert.ok(heard.seconds >= 0.9 && heard.tone('user', 440, 50, 900) > 0.2)
  const timeline = JSON.parse(readFileSync(join(next.kept, session.id, 'timeline.json'), 'utf8'))
  assert.deepEqual(timeline.config_changes, [{ at_ms: 4000, changes: { 'output.volume': 30 } }])
  assert.equal(timeline.ended.reason, 'error')
  assert.deepEqual(readdirSync(next.open), [])
  await next.end()
  await before.end()
})

test('a session that may be resumed is left alone for as long as it may', async () => {
  const resumable: string[] = []
  const first = await keeper()
  const session = begin(first)
  resumable.push(session.id)
  await session.talk(1500)
  await until(() => existsSync(join(first.open, session.id, 'audio.ogg')))
  const second = await keeper(
    { PARLEY_DATA_DIR: first.folder },
    { store: { ...store, conversations: { ...store.conversations, resumable: async () => resumable } } },
  )
  assert.equal((await second.find(session.id))?.status, 'created')
  assert.deepEqual(readdirSync(second.open), [session.id])
  resumable.pop()
  await until(async () => {
    await second.clock.to(second.clock.now() + ALIVE_EVERY_MS)
    return (await second.find(session.id))?.status === 'completed'
  })
  assert.ok(second.clock.now() >= LOST_AFTER_MS)
  await second.history.close()
  await first.end()
})

test('a session that goes on elsewhere leaves its files closed, with everything that it came to here', async () => {
  const at = await keeper()
  const session = begin(at)
  await session.talk(1500)
  const folder = join(at.open, session.id)
  await until(() => existsSync(join(folder, 'audio.ogg')))
  session.leave()
  await until(() => openFilesIn(folder).length === 0)
  await at.history.close()
  assert.deepEqual(readdirSync(folder).sort(), ['audio.ogg', 'journal.jsonl'])
  const { seconds } = await listen(join(folder, 'audio.ogg'))
  assert.ok(seconds >= 1.5, `${seconds} s are there`)
  await at.end()
})

test('the end of a session that moved to another server is kept, and the beginning does not take its place', async () => {
  const [first, second] = [await keeper(), await keeper()]
  const before = begin(first)
  await before.talk(300)
  before.leave()
  const after = begin(second, undefined, before.id)
  await after.talk(600)
  after.over()
  await published(second, before.id)
  await until(async () => {
    await first.clock.to(first.clock.now() + ALIVE_EVERY_MS)
    return readdirSync(first.open).length === 0
  })
  assert.ok(!existsSync(join(first.kept, before.id)))
  assert.ok(existsSync(join(second.kept, before.id, 'audio.ogg')))
  await first.end()
  await second.end()
})

test('sessions go when their time is over, and their files with them', async () => {
  const at = await keeper({ PARLEY_RETENTION_DAYS: '2' })
  const session = begin(at)
  await session.talk(300)
  session.over()
  await published(at, session.id)
  const later = await keeper(
    { PARLEY_DATA_DIR: at.folder, PARLEY_RETENTION_DAYS: '2' },
    { clock: new VirtualClock(at.clock.unixMs() + 1.9 * DAY_MS) },
  )
  assert.ok(await later.find(session.id))
  await later.history.close()
  const muchLater = await keeper(
    { PARLEY_DATA_DIR: at.folder, PARLEY_RETENTION_DAYS: '2' },
    { clock: new VirtualClock(at.clock.unixMs() + 2.1 * DAY_MS) },
  )
  assert.equal(await muchLater.find(session.id), undefined)
  assert.deepEqual(readdirSync(at.kept), [])
  await muchLater.history.close()
  await at.end()
})

test('a full disk ends the recording with a warning; the words are kept', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('There is no full disk to write to.')
  const at = await keeper()
  const session = begin(at)
  await until(() => existsSync(join(at.open, session.id, 'audio.ogg')))
  const full = `sess_${randomBytes(16).toString('hex')}`
  mkdirSync(join(at.open, full))
  symlinkSync('/dev/full', join(at.open, full, 'audio.ogg'))
  const unlucky = begin(at, undefined, full)
  for (const one of [session, unlucky]) {
    await one.talk(1200)
    one.over()
    await published(at, one.id)
  }
  assert.deepEqual(at.warnings, ['The disk is full: the session goes on, and nothing more of its sound is kept.'])
  assert.equal((await at.find(session.id))?.artifacts.length, 3)
  assert.deepEqual(
    (await at.find(full))?.artifacts.map(({ type }) => type),
    ['timeline', 'metadata'],
  )
  const metadata = JSON.parse(readFileSync(join(at.kept, full, 'metadata.json'), 'utf8'))
  assert.equal(metadata.file, null)
  assert.ok(metadata.dropped_chunks >= 2)
  await at.end()
})

test('a session whose files cannot be made goes on, with a warning', async () => {
  const at = await keeper()
  rmSync(at.open, { recursive: true })
  writeFileSync(at.open, 'a file in the place of the folder')
  const session = begin(at)
  await session.talk(1200)
  session.over()
  await until(async () => (await at.find(session.id))?.status === 'completed')
  await until(() => at.warnings.length > 0)
  assert.equal(at.warnings.filter((warning) => /could not be kept/.test(warning)).length, 1)
  assert.deepEqual((await at.find(session.id))?.artifacts, [])
  rmSync(at.open)
  await at.end()
})

test('a database that is away for a while loses no session', async () => {
  let isAway = true
  const away = async () => {
    throw new Error('away')
  }
  const sessions: Store['sessions'] = {
    ...store.sessions,
    create: (row) => (isAway ? away() : store.sessions.create(row)),
    complete: (row, end) => (isAway ? away() : store.sessions.complete(row, end)),
    publish: (id, files) => (isAway ? away() : store.sessions.publish(id, files)),
  }
  const at = await keeper({}, { store: { ...store, sessions } })
  const session = begin(at)
  await session.talk(300)
  session.over()
  await until(() => existsSync(join(at.kept, session.id)))
  assert.equal(await at.find(session.id), undefined)
  isAway = false
  await at.clock.to(at.clock.now() + 2 * ALIVE_EVERY_MS)
  await published(at, session.id)
  assert.equal((await at.find(session.id))?.status, 'completed')
  assert.deepEqual(readdirSync(join(at.kept, session.id)).sort(), ['audio.ogg', 'metadata.json', 'timeline.json'])
  await at.end()
})

test('with an S3 store everything goes there, is fetched from there by signed addresses, and is deleted there', async () => {
  const s3 = await startS3('eu-central-1')
  const environment = {
    PARLEY_S3_ENDPOINT: `${s3.url}/base`,
    PARLEY_S3_BUCKET: 'calls',
    PARLEY_S3_REGION: 'eu-central-1',
    PARLEY_S3_ACCESS_KEY_ID: s3Key.id,
    PARLEY_S3_SECRET_ACCESS_KEY: s3Key.secret,
    PARLEY_S3_PREFIX: 'our calls/2026',
  }
  const at = await keeper(environment)
  s3.now = at.clock.unixMs()
  const session = begin(at)
  await session.talk(600)
  session.over()
  await published(at, session.id)
  assert.deepEqual(readdirSync(at.open), [])
  const names = ['audio.ogg', 'timeline.json', 'metadata.json'].map(
    (name) => `/base/calls/our calls/2026/${session.id}/${name}`,
  )
  assert.deepEqual([...s3.objects.keys()], names)
  const offered = await at.history.artifacts((await at.find(session.id))!, BASE)
  assert.deepEqual(
    offered.map(({ type }) => type),
    ['audio', 'timeline', 'metadata'],
  )
  const [audio] = offered
  const answer = await fetch(audio!.url)
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'audio/ogg'])
  const path = join(at.folder, 'fetched.ogg')
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()))
  assert.ok((await listen(path)).tone('user', 440, 50, 550) > 0.2)
  assert.equal((await fetch(audio!.url.replace('audio.ogg', 'timeline.json'))).status, 403)
  s3.now += 3_601_000
  assert.equal((await fetch(audio!.url)).status, 403)

  // while the store fails, files wait here, and a deletion for a later time
  s3.answerWith(503)
  const waiting = begin(at)
  await waiting.talk(300)
  waiting.over()
  await until(() => at.warnings.length > 0)
  assert.deepEqual(readdirSync(at.open), [waiting.id])
  assert.equal(await at.history.remove(account, session.id), true)
  assert.equal((await store.sessions.uncleared(['disk', 's3'], 10)).length, 1)
  assert.equal(s3.objects.size, 3)
  s3.answerWith(undefined)
  await at.history.close()
  const next = await keeper({ ...environment, PARLEY_DATA_DIR: at.folder })
  assert.equal((await next.find(waiting.id))?.artifacts.length, 3)
  assert.deepEqual(
    [...s3.objects.keys()].filter((name) => name.includes(session.id)),
    [],
  )
  assert.deepEqual(await store.sessions.uncleared(['disk', 's3'], 10), [])
  await next.end()
  await s3.close()
})

test('a fault in what keeps a session does not reach the session', () => {
  const errors: unknown[] = []
  let calls = 0
  const observer = guarded(
    {
      heard() {
        calls += 1
        throw new Error('fault')
      },
    },
    (error) => errors.push(error),
  )
  observer.heard?.(new Uint8Array(2), 0)
  observer.heard?.(new Uint8Array(2), 20)
  observer.over?.('client_end', 40)
  assert.deepEqual([errors.length, calls], [1, 1])
})
