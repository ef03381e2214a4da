// `parley webhooks` against a whole server.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cliPage } from '../../dist/cli/page.js'
import { signatureHeaders } from '../../dist/webhooks/signature.js'
import { Peer } from '../helpers/peer.js'
import { type Receiver, startReceiver } from '../helpers/receiver.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { parleyHere } from './parley.js'

const secret = 'a-secret-of-more-than-32-characters!'
let server: TestServer
let receiver: Receiver
before(async () => {
  ;[server, receiver] = await Promise.all([startTestServer(), startReceiver()])
})
after(async () => {
  await server.close()
  await receiver.close()
})

const webhooks = (...args: readonly string[]) =>
  parleyHere(['webhooks', ...args, '--url', server.url, '--key', server.key])

test('a subscription is made, listed, shown, changed and deleted', async () => {
  const made = await webhooks('create', '--to', `${receiver.url}/cli`, '--secret', secret)
  assert.equal(made.code, 0, made.stderr)
  const id = made.stdout.trim()
  assert.match(
    (await webhooks('list')).stdout,
    new RegExp(`${id} .*/cli {2}enabled {2}session.started session.completed`),
  )
  const changed = await webhooks('update', id, '--event', 'session.completed', '--disable')
  assert.match(changed.stdout, /Events {3}session\.completed\n/)
  assert.match(changed.stdout, /State {4}disabled/)
  assert.match((await webhooks('list')).stdout, /There are no subscriptions yet/)
  assert.match((await webhooks('list', '--all')).stdout, new RegExp(id))
  assert.equal(JSON.parse((await webhooks('update', id, '--enable', '--json')).stdout).enabled, true)
  assert.match((await webhooks('get', id)).stdout, /Agent {4}all/)
  assert.equal((await webhooks('update', id)).code, 2)
  assert.equal((await webhooks('delete', id)).stdout, `Deleted ${id}.\n`)
  const gone = await webhooks('get', id)
  assert.equal(gone.code, 5)
  assert.match(gone.stderr, /parley webhooks list --all/)
  assert.equal((await webhooks('create', '--to', receiver.url)).code, 2)
})

test('what became of an event is shown, and it is posted once more', async () => {
  await webhooks('create', '--to', `${receiver.url}/again`, '--secret', secret, '--event', 'session.completed')
  const peer = await Peer.ready(server.url, server.key)
  const session = String(peer.of('session.ready')[0]!.session_id)
  await peer.end()
  const [posting] = await receiver.received('/again', 1)
  const { deliveries } = JSON.parse((await webhooks('deliveries', session, '--json')).stdout)
  assert.equal((await webhooks('redeliver', deliveries[0].id)).code, 0)
  const [, second] = await receiver.received('/again', 2)
  assert.deepEqual(second!.raw, posting!.raw)
  assert.match((await webhooks('deliveries', session, '--latest')).stdout, /session\.completed/)

  const verify = (body: string, ...more: readonly string[]) =>
    parleyHere(['webhooks', 'verify', '--signature', String(posting!.headers['x-aai-signature']), ...more], {
      stdin: (async function* () {
        yield Buffer.from(body)
      })(),
    })
  assert.equal((await verify(posting!.raw.toString(), '--secret', secret)).stdout, 'The signature is valid.\n')
  const wrong = await verify(`${posting!.raw} `, '--secret', secret)
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /does not fit/)
})

test('every example of docs/cli.md about webhooks works as it stands there', async () => {
  const lines = [...cliPage().matchAll(/^parley webhooks .*$/gm)].map(([line]) => line)
  assert.ok(lines.length >= 8)
  const peer = await Peer.ready(server.url, server.key)
  const session = String(peer.of('session.ready')[0]!.session_id)
  await peer.end()
  const made = await webhooks(
    'create',
    '--to',
    `${receiver.url}/examples`,
    '--secret',
    secret,
    '--event',
    'call.failed',
  )
  const body = join(tmpdir(), `parley-delivery-${process.pid}.json`)
  writeFileSync(body, '{}')
  const now = Math.floor(Date.now() / 1000)
  const values: Readonly<Record<string, string>> = {
    ...{ WEBHOOK: made.stdout.trim(), WEBHOOK_SECRET: secret, NEW_SECRET: `${secret}!`, SESSION: session },
    DELIVERY: JSON.parse((await webhooks('deliveries', session, '--json')).stdout).deliveries[0].id,
    HEADER: signatureHeaders('evt_1', now, '{}', { secret })['x-aai-signature']!,
  }
  // the subscription is deleted last
  for (const line of [...lines].sort(
    (one, other) => Number(one.includes(' delete ')) - Number(other.includes(' delete ')),
  )) {
    const words = [...line.matchAll(/"\$(\w+)"|(\S+)/g)].map(([, name, word]) => (name ? values[name]! : word!))
    const args = words.slice(2).map((word) => (word === 'delivery.json' ? body : word))
    const ran = line.includes(' verify ') ? await parleyHere(['webhooks', ...args]) : await webhooks(...args)
    assert.equal(ran.code, 0, `${line}\n${ran.stdout}${ran.stderr}`)
  }
})
