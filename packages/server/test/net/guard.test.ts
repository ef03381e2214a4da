// Requests through the guard: where they may go, and how much of an answer they take.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createGuard } from '../../dist/net/guard.js'
import { dnsResolver } from '../../dist/net/names.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { nameServer } from './name-server.js'
import { type WebServer, webServer } from './web-server.js'

const asking = { method: 'GET', headers: {}, timeoutMs: 10_000, maxBytes: 8192 }

const bomb = gzipSync(Buffer.alloc(10_000_000))

let web: WebServer
before(async () => {
  web = await webServer(({ url }, response) => {
    switch (url) {
      case '/long':
        return void response.end('ä'.repeat(10_000))
      case '/bomb':
        // never ended: whoever wants all of it before cutting waits forever
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).write(bomb)
      case '/endless': {
        const more = () => {
          while (response.write('x'.repeat(65_536)));
        }
        response.on('drain', more)
        return more()
      }
      case '/redirect':
        return void response.writeHead(302, { location: '/long' }).end('elsewhere')
      case '/latin':
        return void response
          .writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' })
          .end(Buffer.from('Müller', 'latin1'))
      case '/strange':
        return void response.writeHead(200, { 'content-type': 'text/plain; charset=nonsense' }).end('plain')
      case '/silent':
        return
      case '/stuck':
        return void response.write('the beginning')
      case '/broken':
        response.writeHead(200, { 'content-length': '1000' })
        response.write('the beginning')
        return void setImmediate(() => response.destroy())
      default:
        return void response.writeHead(204).end()
    }
  })
})
after(() => web.close())

describe('a name that changes between check and use', () => {
  it('leads nowhere: what is connected to is the address that was judged', async () => {
    const inside = await webServer((_request, response) => void response.end('the inside'))
    const names = await nameServer((_name, count) => (count === 0 ? ['93.184.216.34'] : ['127.0.0.1']))
    const guard = createGuard({ allowPrivate: false, resolver: dnsResolver([names.address]) })
    const url = `https://rebind.attacker.example:${inside.port}/`
    assert.equal(await guard.checkUrl(url), undefined, 'when it is stored, the name is public')
    await assert.rejects(guard.fetch(url, asking), {
      name: 'GuardError',
      kind: 'refused',
      message: 'URL host rebind.attacker.example is not a public address',
    })
    assert.equal(inside.connections(), 0)
    assert.equal(names.asked.filter((question) => question.startsWith('A ')).length, 2)
    await Promise.all([guard.close(), inside.close(), names.close()])
  })

  it('is not looked up a second time for the connection', async () => {
    const names = await nameServer((_name, count) => (count === 0 ? ['127.0.0.1'] : ['127.0.0.2']))
    const guard = createGuard({ allowPrivate: true, resolver: dnsResolver([names.address]) })
    assert.equal((await guard.fetch(`http://once.example:${web.port}/`, asking)).status, 204)
    assert.deepEqual([...names.asked].sort(), ['A once.example', 'AAAA once.example'])
    assert.equal(web.received.at(-1)?.headers.host, `once.example:${web.port}`)
    await Promise.all([guard.close(), names.close()])
  })

  it('a name that nobody knows is told from one that is not allowed', async () => {
    const names = await nameServer(() => [])
    const guard = createGuard({ allowPrivate: false, resolver: dnsResolver([names.address]) })
    assert.equal(await guard.checkUrl('https://nowhere.example/'), 'URL host nowhere.example does not resolve')
    await assert.rejects(guard.fetch('https://nowhere.example/', asking), { kind: 'unresolved' })
    await Promise.all([guard.close(), names.close()])
  })
})

describe('an answer', () => {
  const guard = createGuard({ allowPrivate: true })
  after(() => guard.close())
  const get = (path: string, more: object = {}) => guard.fetch(web.url + path, { ...asking, ...more })

  it('is cut at the limit, and no character is split', async () => {
    const { body, truncated } = await get('/long', { maxBytes: 99 })
    assert.deepEqual([body, truncated], ['ä'.repeat(49), true])
  })

  it('that is exactly as long as the limit is whole', async () => {
    const { body, truncated } = await get('/long', { maxBytes: 20_000 })
    assert.deepEqual([body.length, truncated], [10_000, false])
  })

  it('that has no end is cut, and its connection with it', async () => {
    const { body, truncated } = await get('/endless')
    assert.deepEqual([body.length, truncated], [8192, true])
  })

  it('that is small only as long as it is packed is cut where it is unpacked', async () => {
    const { body, truncated } = await get('/bomb')
    assert.deepEqual([body.length, truncated], [8192, true])
  })

  it('is read in the characters that it names', async () => {
    assert.equal((await get('/latin')).body, 'Müller')
    assert.equal((await get('/strange')).body, 'plain')
  })

  it('that leads elsewhere is not followed (138)', async () => {
    const { status, headers, body } = await get('/redirect')
    assert.deepEqual([status, headers.location, body], [302, '/long', 'elsewhere'])
    assert.notEqual(web.received.at(-1)?.url, '/long')
  })

  it('that breaks off is no answer', async () => {
    await assert.rejects(get('/broken'), { name: 'GuardError', kind: 'unreachable' })
  })

  it('is not waited for any longer than was said, neither its beginning nor its end', async () => {
    for (const path of ['/silent', '/stuck']) {
      const clock = new VirtualClock()
      const patient = createGuard({ allowPrivate: true, clock })
      const failed = assert.rejects(patient.fetch(web.url + path, { ...asking, timeoutMs: 7000 }), {
        kind: 'timeout',
        message: `127.0.0.1:${web.port} did not answer within 7 s`,
      })
      await clock.to(7000)
      await failed
      assert.equal(clock.pending, 0)
      await patient.close()
    }
  })

  it('is given up at once when its caller does so', async () => {
    const stop = new AbortController()
    const asked = web.received.length
    const failed = assert.rejects(get('/silent', { signal: stop.signal }), { kind: 'aborted' })
    while (web.received.length === asked) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    await failed
    await assert.rejects(get('/', { signal: AbortSignal.abort() }), { kind: 'aborted' })
  })
})

describe('the fetch that clients are given', () => {
  const guard = createGuard({ allowPrivate: true })
  after(() => guard.close())

  it('streams, follows no redirect and stops at the limit', async () => {
    const fetch = guard.fetchFor({ maxBytes: 20_000 })
    assert.equal((await (await fetch(`${web.url}/long`)).text()).length, 10_000)
    assert.equal((await fetch(`${web.url}/redirect`, { redirect: 'follow' })).status, 302)
    assert.equal((await fetch(new URL(web.url))).status, 204)
    const bomb = await fetch(`${web.url}/bomb`)
    await assert.rejects(bomb.text(), { name: 'GuardError', kind: 'too_large' })
  })
})

it('a server that is not there is named without what stands behind its host', async () => {
  const guard = createGuard({ allowPrivate: true })
  const gone = await webServer(() => {})
  await gone.close()
  await assert.rejects(guard.fetch(`${gone.url}/path-secret?query=secret`, asking), (error: Error) => {
    assert.match(error.message, /^The connection to 127\.0\.0\.1:\d+ failed \(ECONNREFUSED\)$/)
    return true
  })
  await guard.close()
})
