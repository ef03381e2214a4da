// What a caller notices of a database that is away or slow: as little as can be.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from '../helpers/peer.js'
import { startPostgres } from '../storage/postgres.js'
import { type FaultyLink, startProxy } from './proxy.js'
import { assertWithin, faults, PATIENCE_MS, replied, type Scene, SEED, type Stage } from './scene.js'

let link: FaultyLink

async function open(): Promise<Stage> {
  const postgres = await startPostgres()
  if (typeof postgres === 'string') return { skip: postgres, environment: {}, close: async () => {} }
  const url = new URL(await postgres.createDatabase())
  link = await startProxy(Number(url.port), SEED)
  url.port = String(link.port)
  return {
    environment: {
      DATABASE_URL: url.href,
      PARLEY_DATABASE_TIMEOUT_SECONDS: '3',
      PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 10 }),
    },
    pooled: () => POOLED_RESOURCES * link.open,
    async mend() {
      link.fault = { is: 'none' }
      await link.up()
    },
    async close() {
      await link.close()
      await postgres.stop()
    },
  }
}

/** Of one connection that the pool keeps: three ends of sockets in this process, or the timer after which it is given up. */
const POOLED_RESOURCES = 3

/** A reply in time, whatever the database does. */
async function talks(peer: Peer): Promise<void> {
  const from = peer.frames.length
  assert.equal((await replied(peer)).status, 'completed')
  const frames = peer.frames.slice(from)
  const sound = frames.find(({ type }) => type === 'reply.audio')
  assert.ok(sound)
  assertWithin(frames[0]!, sound)
}

/** What was not written down while the database was away is written when it is back. */
async function isKept(scene: Scene, peer: Peer): Promise<void> {
  const id = String(peer.of('session.ready')[0]?.session_id)
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(100)) {
    const { status, text } = await scene.rest('GET', `/v1/sessions/${id}`)
    if (status === 200 && JSON.parse(text).public_close_reason === 'client_end') return
    assert.ok(performance.now() < end, text)
  }
}

faults('The database', open, {
  'it goes away during a session, and comes back': async (scene) => {
    const peer = await scene.ready()
    await talks(peer)
    await link.down()
    const other = await scene.ready()
    await Promise.all([talks(peer), talks(other)])
    await scene.logged('A conversation could not be stored')
    await link.up()
    for (const each of [peer, other]) {
      await each.end()
      await isKept(scene, each)
    }
  },
  'it is away when a session of a stored agent begins': async (scene) => {
    const agent_id = await scene.agent({})
    await link.down()
    const peer = await scene.open()
    peer.send({ type: 'session.update', session: { agent_id } })
    const { code } = await peer.closed
    assert.equal(code, 1011)
    await link.up()
    const again = await scene.ready({ agent_id })
    await talks(again)
    await again.end()
  },
  'it is away when the REST API is asked': async (scene) => {
    await link.down()
    const { status } = await scene.rest('GET', '/v1/agents')
    assert.equal(status, 503)
    await link.up()
    assert.equal((await scene.rest('GET', '/v1/agents')).status, 200)
  },
  'it falls silent, and the REST API is asked': async (scene) => {
    assert.equal((await scene.rest('GET', '/v1/agents')).status, 200)
    link.fault = { is: 'silence' }
    assert.equal((await scene.rest('GET', '/v1/agents')).status, 503)
    link.fault = { is: 'none' }
    assert.equal((await scene.rest('GET', '/v1/agents')).status, 200)
  },
  'it does not answer for a while': async (scene) => {
    const peer = await scene.ready()
    link.fault = { is: 'silence' }
    await talks(peer)
    await talks(peer)
    await peer.end()
    link.fault = { is: 'none' }
    await isKept(scene, peer)
  },
  'it is slow': async (scene) => {
    link.fault = { is: 'delay', ms: 100 }
    const peer = await scene.ready({ agent_id: await scene.agent({}) })
    await talks(peer)
    await peer.end()
    await isKept(scene, peer)
  },
})
