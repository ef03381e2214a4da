// `npm test`: from a fresh clone to a finished test run. Names of test files may be given to run only those.
import { setMaxListeners } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { build, install, requireNode, root, run as runCommand } from './prepare.mjs'

/** Of a file. */
const TIMEOUT_MS = 240_000

requireNode()
await install()
await runCommand('Checking style', process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])
await build()

/**
 * Two run at once. Those that take longest begin first, so that none is left over alone at the end; and next to one that
 * computes comes one that mostly waits.
 */
const longestFirst = [
  'conformance/dist-test/parley',
  'faults/database',
  'faults/model',
  'e2e/conversation',
  'engines/engine-host',
  'e2e/bad-input',
  'console/dist-test/end-to-end',
  'storage/store',
  'cli/page.test',
  'e2e/isolation',
  'conformance/dist-test/corruptions',
  'e2e/shutdown',
  'e2e/restart',
  'console/dist-test/page-talk',
  'examples/examples',
]
const rank = (file) => {
  const found = longestFirst.findIndex((part) => file.includes(part))
  return found < 0 ? longestFirst.length : found
}

const wanted = process.argv.slice(2)
const files = readdirSync(join(root, 'packages'))
  .flatMap((name) => {
    try {
      return readdirSync(join(root, 'packages', name, 'dist-test'), { recursive: true }).map((file) =>
        join('packages', name, 'dist-test', file),
      )
    } catch {
      return []
    }
  })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
if (files.length === 0) {
  console.error(`No test file has ${wanted.join(' or ')} in its path.`)
  process.exit(1)
}

const folder = mkdtempSync(join(placeForFiles(), 'parley-tests-'))
// PostgreSQL runs as a user of its own and has a folder in it
chmodSync(folder, 0o711)
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const stop = new AbortController()
// each file listens to it
setMaxListeners(0, stop.signal)
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    stop.abort()
    process.exit(1)
  })

process.chdir(root)
// `node --test` would put the files in the order of their names
run({ files, concurrency: 2, timeout: TIMEOUT_MS, signal: stop.signal })
  .on('test:fail', () => {
    process.exitCode = 1
  })
  // this reporter names every failed test once more at the end, whatever the output goes to
  .compose(new spec())
  .pipe(process.stdout)

/** Tests make some ninety databases, each of which waits for the disk: in memory, where there is plenty, they do not. */
function placeForFiles() {
  const inMemory = '/dev/shm'
  const enough = 2 * 1024 ** 3
  try {
    const { bavail, bsize } = statfsSync(inMemory)
    return bavail * bsize > enough && freemem() > 2 * enough ? inMemory : tmpdir()
  } catch {
    return tmpdir()
  }
}
