import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { EngineError } from '../../dist/engines/engine.js'
import { WorkerPool } from '../../dist/engines/tts/flite/pool.js'
import { VirtualClock } from '../../dist/session/clock.js'

const code = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', (job) => {
  if (job === 'die') process.exit(7)
  if (job === 'throw') throw new Error('out of breath')
  if (job !== 'hang') parentPort.postMessage('did ' + job)
})`

interface Setup {
  readonly pool: WorkerPool<string, string>
  readonly clock: VirtualClock
  readonly deaths: string[]
}

function poolTest(
  name: string,
  settings: { workers?: number; maxQueued?: number },
  use: (setup: Setup) => Promise<void>,
) {
  test(name, async () => {
    const deaths: string[] = []
    const clock = new VirtualClock()
    const pool = new WorkerPool<string, string>({
      workers: 1,
      maxQueued: 10,
      timeoutMs: 1000,
      clock,
      start: () => new Worker(code, { eval: true }),
      onDeath: (reason) => deaths.push(reason),
      ...settings,
    })
    try {
      await use({ pool, clock, deaths })
    } finally {
      await pool.close()
    }
  })
}

const never = new AbortController().signal
const failsWith = (code: string, retryable: boolean) => (error: unknown) => {
  assert.ok(error instanceof EngineError)
  assert.equal(error.failure.code, code)
  assert.equal(error.failure.retryable, retryable)
  return true
}

poolTest('every job gets its own answer, in order', { workers: 2 }, async ({ pool }) => {
  const jobs = Array.from({ length: 8 }, (_, i) => `job ${i}`)
  assert.deepEqual(
    await Promise.all(jobs.map((job) => pool.run(job, never))),
    jobs.map((job) => `did ${job}`),
  )
})

poolTest('a worker that dies loses its one job and is replaced', {}, async ({ pool, deaths }) => {
  for (const job of ['die', 'throw']) {
    const lost = assert.rejects(pool.run(job, never), failsWith('tts_worker_lost', true))
    const after = pool.run('the next', never)
    await lost
    assert.equal(await after, 'did the next')
  }
  assert.deepEqual(deaths, ['exit code 7', 'out of breath'])
})

poolTest('a worker that hangs is replaced when its time is over', {}, async ({ pool, clock, deaths }) => {
  const lost = assert.rejects(pool.run('hang', never), failsWith('tts_worker_lost', true))
  await clock.to(999)
  assert.deepEqual(deaths, [])
  await clock.to(1000)
  await lost
  assert.equal(await pool.run('the next', never), 'did the next')
  assert.equal(clock.pending, 0)
})

poolTest('workers that do nothing but die are not replaced for ever', {}, async ({ pool, deaths }) => {
  const jobs = Array.from({ length: 5 }, () =>
    assert.rejects(pool.run('die', never), failsWith('tts_worker_lost', true)),
  )
  const queued = assert.rejects(pool.run('wait', never), failsWith('tts_broken', false))
  await Promise.all([...jobs, queued])
  await assert.rejects(pool.run('more', never), failsWith('tts_broken', false))
  assert.equal(deaths.length, 5)
})

poolTest('an answer between two deaths is a sign of life', {}, async ({ pool }) => {
  for (let i = 0; i < 6; i++) {
    await assert.rejects(pool.run('die', never), failsWith('tts_worker_lost', true))
    assert.equal(await pool.run('live', never), 'did live')
  }
})

poolTest('one job too many is refused', { maxQueued: 2 }, async ({ pool }) => {
  const accepted = ['a', 'b', 'c'].map((job) => pool.run(job, never))
  await assert.rejects(pool.run('d', never), failsWith('tts_overloaded', true))
  await Promise.all(accepted)
  assert.equal(await pool.run('d', never), 'did d')
})

poolTest('a job that is aborted while it waits is never done', {}, async ({ pool }) => {
  const abort = new AbortController()
  const first = pool.run('first', never)
  const aborted = assert.rejects(pool.run('die', abort.signal), { name: 'AbortError' })
  assert.equal(pool.queued, 1)
  abort.abort()
  assert.equal(pool.queued, 0)
  await aborted
  assert.equal(await first, 'did first')
  assert.equal(await pool.run('last', never), 'did last')
  await assert.rejects(pool.run('late', abort.signal), { name: 'AbortError' })
})

poolTest('the answer to an aborted job goes to nobody else', {}, async ({ pool }) => {
  const abort = new AbortController()
  const aborted = assert.rejects(pool.run('first', abort.signal), { name: 'AbortError' })
  abort.abort()
  await aborted
  assert.equal(await pool.run('second', never), 'did second')
})

poolTest('closing refuses what is asked and what waits', {}, async ({ pool, deaths }) => {
  const all = ['hang', 'wait'].map((job) => assert.rejects(pool.run(job, never), failsWith('engine_closed', false)))
  await pool.close()
  await Promise.all(all)
  await assert.rejects(pool.run('more', never), failsWith('engine_closed', false))
  assert.deepEqual(deaths, [])
})

poolTest('a pool whose workers keep dying rests, and then tries again', { workers: 2 }, async ({ pool, clock }) => {
  for (let death = 0; death < 5; death++) await assert.rejects(pool.run('die', never))
  await assert.rejects(pool.run('too soon', never), failsWith('tts_broken', false))
  await clock.to(10_000)
  assert.deepEqual(await Promise.all([pool.run('a', never), pool.run('b', never)]), ['did a', 'did b'])
  await assert.rejects(pool.run('die', never), failsWith('tts_worker_lost', true))
  assert.equal(await pool.run('c', never), 'did c')
})
