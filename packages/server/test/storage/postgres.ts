// A real PostgreSQL for tests: started in a temporary folder on a free port when its programs are on this machine.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'

export interface PostgresServer {
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

/** The started server, or the reason why there is none. */
export async function startPostgres(): Promise<PostgresServer | string> {
  const bin = findPrograms()
  if (!bin) return 'PostgreSQL is not installed (initdb and postgres are neither in PATH nor in /usr/lib/postgresql)'
  const user = ordinaryUser()
  if (user === undefined) return 'PostgreSQL does not run as root, and there is no user postgres or nobody'
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  if (user) for (const path of [folder, data]) chownSync(path, user.uid, user.gid)
  const asUser = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } }
  execFileSync(
    join(bin, 'initdb'),
    ['--pgdata', data, '--username', 'parley', '--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync'],
    { ...asUser, stdio: 'pipe' },
  )
  const port = await freePort()
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-k', '', '-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=16MB'],
    { ...asUser, stdio: 'ignore' },
  )
  const url = (database: string) => `postgresql://parley@127.0.0.1:${port}/${database}`
  await connectable(url('postgres'), server)
  let made = 0
  return {
    async createDatabase() {
      const name = `test_${++made}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return url(name)
    },
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** As whom to run it: nothing to change for an ordinary user; undefined when root has nobody to hand it to. */
function ordinaryUser(): { uid: number; gid: number } | Record<string, never> | undefined {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return user ? { uid: Number(user[2]), gid: Number(user[3]) } : undefined
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port.')),
      )
    })
  })

async function connectable(connectionString: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`postgres ended with code ${server.exitCode}.`)
    const client = new pg.Client({ connectionString })
    try {
      await client.connect()
      return await client.end()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error('postgres did not accept connections within ten seconds.')
}
