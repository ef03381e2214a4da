// What a caller notices of a disk that is full, a clock that jumps, and a server that has no room: as little as can be.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tone } from '../audio/tone.js'
import type { Peer } from '../helpers/peer.js'
import { Talker } from '../helpers/talker.js'
import { randomFrom } from './proxy.js'
import { faults, PATIENCE_MS, type Row, replied, type Scene, SEED } from './scene.js'

/** Room for the words of a session and for less than a second of its sound. */
const SMALL_DISK = '8k'
const HOUR_MS = 3_600_000
const realNow = Date.now

const open = async () => ({
  environment: {
    PARLEY_MAX_SESSIONS: '60',
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 10 }),
  },
  async mend() {
    Date.now = realNow
  },
  close: async () => {},
})

const recordings = ({ server }: Scene): string => join(server.folder, 'recordings', 'open')

/** Sound that does not become small. */
function noise(seconds: number): Int16Array {
  const random = randomFrom(SEED)
  return Int16Array.from({ length: seconds * 24_000 }, () => (random() - 0.5) * 20_000)
}

/** Waits until the session is written down as over. */
async function over(scene: Scene, peer: Peer): Promise<void> {
  const id = String(peer.of('session.ready')[0]?.session_id)
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(50)) {
    const { text } = await scene.rest('GET', `/v1/sessions/${id}`)
    if (JSON.parse(text).public_close_reason === 'client_end') return
    assert.ok(performance.now() < end, text)
  }
}

/** A caller is heard and answered. */
async function talks(scene: Scene): Promise<Peer> {
  const peer = await scene.ready()
  const talker = new Talker(peer)
  const answered = peer.next('reply.done', () => true, PATIENCE_MS)
  await talker.say(tone(200, 24_000, 24_000))
  assert.equal((await answered).status, 'completed')
  await talker.end()
  return peer
}

/** The clock of the machine jumps in the middle of a session, which does not become longer or shorter by it. */
const jumps =
  (by: number): Row =>
  async (scene) => {
    const peer = await scene.ready()
    assert.equal((await replied(peer)).status, 'completed')
    Date.now = () => realNow() + by
    assert.equal((await replied(peer)).status, 'completed')
    await peer.end()
    const { session_duration_seconds: seconds } = peer.of('session.ended')[0]!
    assert.ok(Number(seconds) > 0 && Number(seconds) < 60, `${seconds} s`)
    await talks(scene)
  }

faults('The machine', open, {
  'nothing can be written where recordings are kept': async (scene) => {
    const folder = recordings(scene)
    rmSync(folder, { recursive: true, force: true })
    writeFileSync(folder, '')
    await talks(scene)
    rmSync(folder)
    mkdirSync(folder)
    await talks(scene)
  },
  'the disk is full': async (scene) => {
    const folder = join(scene.server.folder, 'recordings')
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', folder])
    if (mounted.status !== 0) return scene.skip('only root can mount a small disk')
    try {
      mkdirSync(recordings(scene))
      const peer = await scene.ready()
      const talker = new Talker(peer)
      void talker.say(noise(5))
      await scene.logged('The disk is full', PATIENCE_MS)
      await peer.converses()
      await talker.end()
      await over(scene, peer)
    } finally {
      spawnSync('umount', ['--lazy', folder])
    }
    await talks(scene)
  },
  'the files of a session are deleted while it runs': async (scene) => {
    const peer = await scene.ready()
    const talker = new Talker(peer)
    void talker.say(noise(2))
    const folder = recordings(scene)
    const hasFiles = () => readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('audio.ogg'))
    await scene.server.until(hasFiles, PATIENCE_MS)
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    await peer.converses()
    await talker.end()
    await over(scene, peer)
  },
  'the clock is put forward by an hour': jumps(HOUR_MS),
  'the clock is put back by two hours': jumps(-2 * HOUR_MS),
  'a hundred connect at once': async (scene) => {
    const peers = await Promise.all(Array.from({ length: 100 }, () => scene.open()))
    for (const peer of peers) if (peer.frames.length === 0) peer.send({ type: 'session.update', session: {} })
    const isAnswered = (peer: Peer) => peer.frames.some(({ type }) => /session\.(ready|error)/.test(type))
    await scene.server.until(() => peers.every(isAnswered), PATIENCE_MS)
    const inside = peers.filter((peer) => peer.of('session.ready').length > 0)
    const outside = peers.filter((peer) => peer.of('session.error').some(({ code }) => code === 'at_capacity'))
    assert.equal(inside.length + outside.length, peers.length)
    assert.ok(inside.length > 0 && outside.length > 0)
    await Promise.all(inside.map((peer) => peer.end()))
    const next = await scene.ready()
    assert.equal((await replied(next)).status, 'completed')
    await next.end()
  },
})
