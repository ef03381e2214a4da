// One server at a time works in a data folder.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, it, type TestContext } from 'node:test'
import { lockFolder } from '../../dist/storage/folder-lock.js'

const lockModule = new URL('../../dist/storage/folder-lock.js', import.meta.url).href

const folderOf = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-lock-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A process that tries to take the lock, says `mine` or why not, and keeps what it got until it is killed. */
const contender = (folder: string) =>
  spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { lockFolder } from ${JSON.stringify(lockModule)}
       try { lockFolder(${JSON.stringify(folder)}); console.log('mine') } catch (error) { console.log(error.message) }
       setInterval(() => {}, 1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

const firstLine = async (child: ReturnType<typeof contender>): Promise<string> => {
  for await (const data of child.stdout) return String(data).trim()
  throw new Error('The process said nothing.')
}

describe('the lock of a data folder', () => {
  let folder: string
  beforeEach((t) => {
    folder = folderOf(t as TestContext) // beforeEach is given the context of the test that follows
  })

  it('makes the folder when it is missing, and leaves no trace when it is given back', () => {
    const unlock = lockFolder(join(folder, 'new'))
    assert.deepEqual(readdirSync(join(folder, 'new')), ['server.lock'])
    unlock()
    assert.deepEqual(readdirSync(join(folder, 'new')), [])
  })

  it('refuses a second server, naming the process, the folder and the ways out', async (t) => {
    const holder = contender(folder)
    t.after(() => holder.kill('SIGKILL'))
    assert.equal(await firstLine(holder), 'mine')
    assert.throws(() => lockFolder(folder), {
      name: 'FolderInUseError',
      message: `Another server (process ${holder.pid}) uses the data folder ${folder}. Stop it, give this one another folder with PARLEY_DATA_DIR, or let both use one PostgreSQL with DATABASE_URL.`,
    })
    assert.deepEqual(readdirSync(folder), ['server.lock'])
  })

  it('is taken over from a process that was killed', async () => {
    const holder = contender(folder)
    await firstLine(holder)
    const ended = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill('SIGKILL')
    await ended
    const unlock = lockFolder(folder)
    assert.equal(JSON.parse(readFileSync(join(folder, 'server.lock'), 'utf8')).pid, process.pid)
    unlock()
    assert.deepEqual(readdirSync(folder), [])
  })

  it('is taken over when its number now belongs to another process', () => {
    writeFileSync(join(folder, 'server.lock'), JSON.stringify({ pid: process.pid, start: 'before the last boot' }))
    lockFolder(folder)()
  })

  it('is taken over when it cannot be read, as after a full disk', () => {
    writeFileSync(join(folder, 'server.lock'), '')
    lockFolder(folder)()
  })

  it('is taken over even when another process died while taking it over', () => {
    const dead = spawnSync(process.execPath, ['-e', ''])
    const gone = JSON.stringify({ pid: dead.pid, start: 'then' })
    writeFileSync(join(folder, 'server.lock'), gone)
    // The claim of a takeover is named after the dead lock; one left behind has the same holder.
    writeFileSync(join(folder, `server.lock.after-${claimOf(gone)}`), JSON.stringify({ pid: dead.pid, start: 'later' }))
    lockFolder(folder)
    assert.deepEqual(readdirSync(folder), ['server.lock'])
    assert.equal(JSON.parse(readFileSync(join(folder, 'server.lock'), 'utf8')).pid, process.pid)
  })

  it('goes to exactly one of several servers that find it dead at the same time', async (t) => {
    writeFileSync(join(folder, 'server.lock'), JSON.stringify({ pid: 2 ** 22 + 1, start: 'never' }))
    const contenders = Array.from({ length: 6 }, () => contender(folder))
    t.after(() => contenders.forEach((child) => void child.kill('SIGKILL')))
    const said = await Promise.all(contenders.map(firstLine))
    assert.equal(said.filter((line) => line === 'mine').length, 1, said.join('\n'))
    assert.equal(said.filter((line) => line.startsWith('Another server (process ')).length, 5, said.join('\n'))
  })
})

const claimOf = (lock: string): string => createHash('sha256').update(lock).digest('hex').slice(0, 12)
