// Brings a checkout to a state that runs: installs what is missing, builds what is stale.
// Uses nothing but Node, because it runs before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const at = (path) => new URL(`../${path}`, import.meta.url)

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(
    `Parley needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`,
  )
  process.exit(1)
}

/** Runs a command; what it prints is kept back and shown only when it fails. Says that it is working after a second. */
export function run(label, command, args, options = {}) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    const output = []
    child.stdout.on('data', (data) => output.push(data))
    child.stderr.on('data', (data) => output.push(data))
    const tell = () => process.stderr.write(`  ${label} … ${Math.round((Date.now() - started) / 1000)} s\n`)
    const first = setTimeout(tell, 1000)
    const again = setInterval(tell, 10_000)
    child.on('close', (code) => {
      clearTimeout(first)
      clearInterval(again)
      if (code === 0) return resolve()
      process.stderr.write(Buffer.concat(output))
      console.error(`\n${label} failed (exit code ${code}).`)
      process.exit(1)
    })
    child.on('error', (error) => {
      console.error(`${label} failed: ${command} could not be started (${error.message}).`)
      process.exit(1)
    })
  })
}

const manifests = () =>
  ['package.json', 'package-lock.json']
    .map((file) => readFileSync(at(file)))
    .reduce((hash, data) => hash.update(data), createHash('sha256'))
    .digest('hex')

export async function install() {
  const stamp = at('node_modules/.parley-installed')
  const wanted = manifests()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  await run('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund'])
  writeFileSync(stamp, wanted)
}

export async function build() {
  await run('Compiling', process.execPath, ['node_modules/typescript/bin/tsc', '-b'])
  await run('Building the page', process.execPath, ['packages/console/build.mjs'])
  await run('Preparing the database', process.execPath, ['packages/server/dist/storage/make-template.js'])
}
