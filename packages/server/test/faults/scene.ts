// A server on which things fail, and the rows of docs/failures.md that say what then happens: each row is a test.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { type Credentials, type Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { assertConforms } from '../helpers/trace.js'
import { type Leaks, leaksSince } from './leaks.js'

/** What a caller waits at most, until there are words or a clear end; by the clock of the server. */
export const CALLER_WAITS_MS = 8_000
/** What a test waits on a busy machine. */
export const PATIENCE_MS = 30_000
/** Drives everything that is left to chance. */
export const SEED = Number(process.env.FAULTS_SEED ?? 20_260_101)

export interface Stage {
  /** Why these faults cannot be tried on this machine. */
  readonly skip?: string
  readonly environment: Readonly<Record<string, string>>
  /** Open connections that are kept for the next query, in pairs of sockets and the like. */
  readonly pooled?: () => number
  /** Puts everything in order again after each row. */
  readonly mend?: () => Promise<void>
  readonly close: () => Promise<void>
}

export type Row = (scene: Scene) => Promise<void>

/** One row under way: what its peers were told, and what the log said meanwhile. */
export class Scene {
  readonly server: TestServer
  skipped: string | undefined
  readonly #log: readonly string[]
  readonly #from: number
  readonly #peers: Peer[] = []
  /** What was told otherwise than in frames. */
  readonly #told: string[] = []

  constructor(server: TestServer, log: readonly string[]) {
    this.server = server
    this.#log = log
    this.#from = log.length
  }

  async open(credentials: Credentials = { key: this.server.key }, url = this.server.url): Promise<Peer> {
    const peer = await Peer.open(url, credentials)
    this.#peers.push(peer)
    void peer.closed.then(({ code }) => this.#told.push(`closed with ${code}`))
    return peer
  }

  /** With a session that is ready. */
  async ready(session: unknown = { system_prompt: 'Be brief.' }, url = this.server.url): Promise<Peer> {
    const peer = await this.open(undefined, url)
    peer.send({ type: 'session.update', session })
    await peer.first('session.ready')
    return peer
  }

  /** A stored agent's id. */
  async agent(more: object): Promise<string> {
    const answer = await this.rest('POST', '/v1/agents', {
      name: 'Baker',
      system_prompt: 'You bake.',
      voice: { voice_id: 'alba' },
      ...more,
    })
    assert.equal(answer.status, 201, answer.text)
    return JSON.parse(answer.text).id
  }

  /** On a connection of its own, which is closed with the answer. */
  rest(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: this.server.key, 'content-type': 'application/json' }
      const asked = request(this.server.url + path, { method, headers, agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece
        })
        response.on('end', () => {
          this.#told.push(text)
          resolve({ status: response.statusCode ?? 0, text })
        })
      })
      asked.on('error', reject)
      asked.end(body && JSON.stringify(body))
    })
  }

  /** The row cannot be tried on this machine, for this reason. */
  skip(why: string): void {
    this.skipped = why
  }

  /** Waits for words of the log. */
  async logged(words: string, withinMs?: number): Promise<void> {
    const isThere = () => this.#lines().some((line) => line.replaceAll('\\"', '"').includes(words))
    await this.server.until(isThere, withinMs)
  }

  /** What is in backticks in the page is what was told and logged; quoted words were spoken. */
  async assertAsDocumented({ heard, logged }: Documented, ownLinesOnly: boolean): Promise<void> {
    const told = [...this.#peers.flatMap(({ received }) => received.map(({ text }) => text)), ...this.#told].join('\n')
    for (const words of [...heard.matchAll(/`([^`]+)`|“([^”]+)”/g)].map(([, code, speech]) => code ?? speech!))
      assert.ok(told.includes(words), `"${words}" was not told; this was: ${told.slice(-1500)}`)
    for (const [, words] of logged.matchAll(/`([^`]+)`/g))
      await this.logged(words!).catch(() => {
        assert.fail(`"${words}" was not logged; this was: ${this.#lines().join('').slice(-1500)}`)
      })
    if (logged === 'nothing') {
      const lines = ownLinesOnly ? this.#ownLines() : this.#lines()
      assert.deepEqual(
        lines.filter((line) => JSON.parse(line).level >= WARN),
        [],
      )
    }
    for (const { received } of this.#peers) if (received.length > 0) assertConforms(received)
  }

  /** Ends what is still open. */
  async end(): Promise<void> {
    for (const { socket, closed } of this.#peers) {
      socket.terminate()
      await closed
    }
  }

  #lines(): readonly string[] {
    return this.#log.slice(this.#from)
  }

  #ownLines(): readonly string[] {
    const ids = this.#peers.flatMap((peer) => peer.of('session.ready').map(({ session_id: id }) => String(id)))
    return this.#lines().filter((line) => ids.some((id) => line.includes(id)))
  }
}

const WARN = 40

/**
 * The tests of one section of the page. Every row of it has its test here, and every test its row. They run one after the
 * other and each leaves nothing behind; `together`: they run at once, on one server, and all of them leave nothing behind.
 */
export function faults(
  section: string,
  open: () => Promise<Stage>,
  rows: Readonly<Record<string, Row>>,
  { together = false } = {},
): void {
  const documented = sectionOf(section)
  describe(section, { concurrency: together ? 100 : 1 }, () => {
    const log: string[] = []
    let stage: Stage
    let server: TestServer
    let leaks: Leaks
    before(async () => {
      stage = await open()
      const environment = { LOG_LEVEL: 'debug', PARLEY_RESUME_GRACE_SECONDS: '1', ...stage.environment }
      server = await startTestServer(environment, { write: (line) => void log.push(line) })
      await warmUp(new Scene(server, log))
      leaks = await leaksSince(server)
    })
    after(async () => {
      if (together) await leaks.settled(stage.pooled)
      await server.close()
      await stage.close()
    })
    for (const [fault, row] of Object.entries(rows))
      test(fault, async (t) => {
        if (stage.skip !== undefined) return t.skip(stage.skip)
        const scene = new Scene(server, log)
        t.diagnostic(`seed ${SEED}`)
        try {
          await row(scene)
          if (scene.skipped !== undefined) return t.skip(scene.skipped)
          await scene.assertAsDocumented(documented.get(fault) ?? { heard: '', logged: '' }, together)
        } finally {
          await stage.mend?.()
          await scene.end()
        }
        if (!together) await leaks.settled(stage.pooled)
      })
    test('the page tells of these faults and of no others', () => {
      assert.deepEqual([...documented.keys()].sort(), Object.keys(rows).sort())
    })
  })
}

/** Asks for a reply; gives its end. */
export async function replied(peer: Peer): Promise<Frame> {
  const done = peer.next('reply.done', () => true, PATIENCE_MS)
  peer.send({ type: 'reply.create' })
  return done
}

/** The caller hears an apology, in time. */
export async function apologised(peer: Peer): Promise<void> {
  const sorry = peer.next('transcript.agent', ({ text }) => /I'm sorry, I (could|lost)/.test(String(text)), PATIENCE_MS)
  const spoken = await sorry
  if (!peer.of('reply.done').some(({ reply_id: id }) => id === spoken.reply_id))
    await peer.next('reply.done', () => true, PATIENCE_MS)
  const error = peer.of('reply.error').at(-1)!
  const begun = peer.of('reply.started').find(({ reply_id: id }) => id === error.reply_id)!
  assertWithin(begun, peer.of('reply.audio').find(({ reply_id: id }) => id === spoken.reply_id)!)
}

/** By the times at which the server says that it sent. */
export function assertWithin(from: Frame, to: Frame, ms = CALLER_WAITS_MS): void {
  const took = (Number(to.timestamp) - Number(from.timestamp)) * 1000
  assert.ok(took <= ms, `${to.type} came ${Math.round(took)} ms after ${from.type}`)
}

interface Documented {
  readonly heard: string
  readonly logged: string
}

function sectionOf(title: string): ReadonlyMap<string, Documented> {
  const page = readFileSync(new URL('../../../../docs/failures.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split(`\n## ${title}\n`)
  const lines = section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| '))
  return new Map(
    lines.slice(2).map((line) => {
      const [, fault = '', heard = '', logged = ''] = line.split('|').map((cell) => cell.trim())
      return [fault, { heard, logged }]
    }),
  )
}

/** What is made at first use is there before anything is counted. */
async function warmUp(scene: Scene): Promise<void> {
  const peer = await scene.ready()
  await replied(peer)
  await peer.end()
  await scene.rest('GET', '/v1/agents')
}
