// The thread in which the embedded PostgreSQL lives: takes what a client would write to a socket, gives what it would read.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { DurableFolder, durableStartParameters, syncPath, syncTree } from './durable-folder.js'
import type { FromWorker, ToWorker, WorkerStart } from './embedded.js'
import { template } from './template.js'

const port = parentPort!
const start = workerData as WorkerStart // embedded.ts starts this thread and nothing else does
const tell = (message: FromWorker) => port.postMessage(message)

/** Makes a new database beside its place and moves it there when it is whole, so that a start cut short leaves nothing that blocks. */
async function create(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const prepared = template()
  if (prepared) cpSync(prepared.folder, unfinished, { recursive: true })
  else {
    const database = await PGlite.create({ fs: new DurableFolder(unfinished), startParams: durableStartParameters })
    await database.close()
  }
  syncTree(unfinished)
  renameSync(unfinished, folder)
  syncPath(dirname(folder))
}

const inFolder = (folder: string): PGliteOptions => ({
  fs: new DurableFolder(folder),
  startParams: durableStartParameters,
})

function inMemory(): PGliteOptions {
  const prepared = template()
  return { dataDir: 'memory://', ...(prepared && { loadDataDir: new Blob([readFileSync(prepared.archive)]) }) }
}

async function serve(database: PGlite): Promise<void> {
  // One message after the other: PostgreSQL here is a single session.
  let turn = Promise.resolve()
  port.on('message', (message: ToWorker) => {
    turn = turn.then(() => answer(database, message))
  })
  tell({ type: 'ready' })
}

async function answer(database: PGlite, message: ToWorker): Promise<void> {
  if (message.type === 'close') {
    await database.close()
    tell({ type: 'closed' })
    return port.close()
  }
  // A client that went in the middle of a transaction leaves it open: this session outlives its clients.
  if (isStartup(message.bytes)) await database.exec('rollback')
  await database.execProtocolRawStream(message.bytes, {
    onRawData: (bytes) => tell({ type: 'bytes', bytes: bytes.slice() }),
  })
}

/** The first message of a client has no type; it begins with its length. */
const isStartup = (bytes: Uint8Array): boolean => bytes[0] === 0

if (start.task === 'create') {
  await create(start.folder)
  port.close()
} else {
  if (start.folder !== undefined && !existsSync(start.folder))
    throw new Error(`There is no database in ${start.folder}.`)
  const place = start.folder === undefined ? inMemory() : inFolder(start.folder)
  await serve(await PGlite.create(place))
}
