// What becomes of tools of the server, and of webhooks, whose other end fails.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import type { Received } from '../engines/openai-server.js'
import type { Peer } from '../helpers/peer.js'
import { type WebServer, webServer } from '../net/web-server.js'
import { type ModelStage, modelStage } from './model-stage.js'
import { type Fault, type FaultyLink, startProxy } from './proxy.js'
import { faults, PATIENCE_MS, type Row, replied, type Scene, SEED } from './scene.js'

const TEN_MEGABYTES = 10_000_000
const bomb = gzipSync(Buffer.alloc(50 * TEN_MEGABYTES, 'x'))

let stage: ModelStage
let web: WebServer
let link: FaultyLink

interface ToolMessage {
  readonly role: string
  readonly content: string
}
const resultsIn = ({ body }: Received): readonly ToolMessage[] =>
  (body.messages as readonly ToolMessage[]).filter(({ role }) => role === 'tool')

async function open() {
  web = await webServer(({ url }, response) => {
    response.shouldKeepAlive = false
    switch (url) {
      case '/hangs':
        return
      case '/fails':
        return void response.writeHead(500).end('out of order')
      case '/long':
        return void response.end('x'.repeat(TEN_MEGABYTES))
      case '/moved':
        return void response.writeHead(302, { location: 'http://127.0.0.1:22/' }).end()
      case '/bomb':
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
      case '/slow':
        response.write('{"state":')
        return
      default:
        response.end('{"state":"baked"}')
    }
  })
  link = await startProxy(web.port, SEED)
  stage = await modelStage()
  const mend = async () => {
    await stage.mend()
    link.fault = { is: 'none' }
  }
  return {
    environment: stage.environment,
    mend,
    async close() {
      await Promise.all([link.close(), stage.close()])
      await web.close()
    },
  }
}

/** A session of an agent whose tool is at this path. */
async function caller(scene: Scene, path: string): Promise<Peer> {
  const http = { url: `http://127.0.0.1:${link.port}${path}`, http_method: 'POST' }
  const tool = { name: 'use_it', description: 'Does it.', timeout_seconds: 1, http }
  return scene.ready({ agent_id: await scene.agent({ tools: [tool] }) })
}

/** The model is told what came of the call, and the caller hears its answer. */
const tool =
  (path: string, told: RegExp, fault: Fault = { is: 'none' }): Row =>
  async (scene) => {
    link.fault = fault
    stage.model.script = [
      (request) =>
        resultsIn(request).length > 0
          ? request.answer.says('That is what I know.').done()
          : request.answer.calls(0, 'call_1', 'use_it').done('tool_calls'),
    ]
    const peer = await caller(scene, path)
    const spoken = peer.next('transcript.agent', ({ text }) => text === 'That is what I know.', PATIENCE_MS)
    await replied(peer)
    const { reply_id } = await spoken
    if (!peer.of('reply.done').some((done) => done.reply_id === reply_id))
      await peer.next('reply.done', () => true, PATIENCE_MS)
    const results = stage.model.requests().flatMap(resultsIn)
    assert.match(results.at(-1)!.content, told)
    assert.ok(results.at(-1)!.content.length <= 8192)
    await stage.mend()
    assert.equal((await replied(peer)).status, 'completed')
    await peer.end()
  }

const asked = (path: string): number => web.received.filter(({ url }) => url === path).length

/** A session that tells this path when it begins. */
const notified = (scene: Scene, path: string): Promise<Peer> => {
  const url = `http://127.0.0.1:${link.port}${path}`
  const webhook = { url, events: ['session.started'], secret: 'a-secret-of-more-than-32-characters!' }
  return scene.ready({ system_prompt: 'Be brief.', webhook })
}

/** A session whose webhook goes to this path; it is not held up. */
const webhook =
  (path: string, fault: Fault = { is: 'none' }): Row =>
  async (scene) => {
    link.fault = fault
    const peer = await notified(scene, path)
    assert.equal((await replied(peer)).status, 'completed')
    await peer.end()
    await scene.logged('webhook failed; tried again later')
  }

faults('Tools and webhooks of the server', open, {
  'a tool does not answer': tool('/hangs', /gave no result within 1 s/),
  'a tool answers 500': tool('/fails', /tool_failed.*500.*out of order/),
  'the connection to a tool is reset': tool('/well', /tool_unreachable/, { is: 'reset', after: 0 }),
  'the answer of a tool ends too early': tool('/long', /^x{8192}$|tool_unreachable/, { is: 'cut', after: 100_000 }),
  'the answer of a tool is far too long': tool('/long', /^x{8192}$/),
  'a tool redirects into the network of the server': tool('/moved', /redirects, which is not followed/),
  'the answer of a tool comes too slowly': tool('/slow', /gave no result within 1 s/),
  'the answer of a tool unpacks to half a gigabyte': tool('/bomb', /^x{8192}$/),
  'nothing listens at the address of a tool': async (scene) => {
    await link.down()
    await tool('/well', /tool_unreachable/)(scene)
    await link.up()
  },
  'the receiver of a webhook resets the connection': webhook('/well', { is: 'reset', after: 0 }),
  'the receiver of a webhook answers 500': webhook('/fails'),
  'the receiver of a webhook does not answer': async (scene) => {
    const before = asked('/hangs')
    const peer = await notified(scene, '/hangs')
    assert.equal((await replied(peer)).status, 'completed')
    await peer.end()
    await scene.server.until(() => asked('/hangs') > before, PATIENCE_MS)
    // the server itself would wait for ten seconds
    link.resetAll()
    await scene.logged('webhook failed; tried again later')
  },
})
