// Calls over real sockets: from the upgrade that the carrier signs to the end of the session (checklist 175).
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import WebSocket from 'ws'
import { systemClock } from '../../dist/session/clock.js'
import { serveUpgrades } from '../../dist/transports/upgrades.js'
import { telnyx, twilio } from './documented.js'
import { CALL_SID, type ExchangeSettings, exchange, incoming, SIGNATURE, TICKET } from './exchange.js'

const closers: (() => unknown)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
})

const WITHIN_MS = 15_000

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; !holds(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (performance.now() > end) throw new Error(`It did not come about: ${holds}`)
}

async function open(settings: Partial<ExchangeSettings> = {}) {
  const here = await exchange({ clock: systemClock(), ...settings })
  const server = createServer((_request, response) => void response.writeHead(426).end())
  const stop = serveUpgrades(server, [here.door])
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // true because it listens on a port
  const { port } = server.address() as AddressInfo
  closers.push(async () => {
    await stop()
    await here.sessions.drain(0)
    here.close()
    server.closeAllConnections()
    server.close()
  })
  return { ...here, stop, address: `127.0.0.1:${port}` }
}

interface Message {
  readonly event: string
  readonly media?: { readonly payload: string }
  readonly mark?: { readonly name: string }
}

const QUIET = 0xff
const LOUD = 0x80

/** The carrier's end of a stream: sends the caller's sound in real time, and plays what it is sent at once. */
class Carrier {
  readonly got: Message[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #socket: WebSocket
  readonly #says: typeof twilio | typeof telnyx
  readonly #flowing = setInterval(() => this.#flow(), 10).unref()
  readonly #began = performance.now()
  /** One that is not sends no mark back: it has all that it was sent before it. */
  isPlaying = true
  #at = 0
  #speakingUntil = 0

  constructor(socket: WebSocket, says: typeof twilio | typeof telnyx) {
    this.#socket = socket
    this.#says = says
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        clearInterval(this.#flowing)
        resolve({ code, reason: String(reason) })
      }),
    )
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      this.got.push(message)
      if (message.mark && this.isPlaying) this.say(says.mark(message.mark.name))
    })
  }

  static async open(address: string, says: typeof twilio | typeof telnyx = twilio): Promise<Carrier> {
    const path = says === twilio ? 'twilio' : 'telnyx'
    const carrier = new Carrier(
      new WebSocket(`ws://${address}/v1/${path}/media`, { headers: { 'x-twilio-signature': SIGNATURE } }),
      says,
    )
    await once(carrier.#socket, 'open')
    carrier.say(says.connected)
    return carrier
  }

  say(message: string): void {
    this.#socket.send(message)
  }

  /** Speaks for `ms` from now on. */
  speak(ms: number): void {
    this.#speakingUntil = this.#at + ms
  }

  hangUp(): void {
    this.say(twilio.stop)
  }

  break(): void {
    this.#socket.terminate()
  }

  get soundMs(): number {
    return this.got.reduce((sum, { media }) => sum + (media ? Buffer.from(media.payload, 'base64').length / 8 : 0), 0)
  }

  count(event: string): number {
    return this.got.filter((message) => message.event === event).length
  }

  #flow(): void {
    for (; this.#at < performance.now() - this.#began; this.#at += 20) {
      const sound = Buffer.alloc(160, this.#at < this.#speakingUntil ? LOUD : QUIET)
      if (this.#socket.readyState === WebSocket.OPEN)
        this.say(this.#says.media(sound.toString('base64'), this.#at, this.#at / 20 + 1))
    }
  }
}

function refusedUpgrade(address: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const request = get(`http://${address}${path}`, {
      headers: { ...upgrade, 'sec-websocket-key': Buffer.alloc(16).toString('base64'), ...headers },
    })
    request.on('error', reject)
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('It was let in.'))
    })
    request.on('response', async (response) => {
      let body = ''
      for await (const piece of response) body += piece
      resolve({ status: response.statusCode, body })
    })
  })
}

test('an upgrade that the carrier has not signed is a 403 that says what to check', async () => {
  const { address, metrics, breakSignatures } = await open()
  const path = '/v1/twilio/media'
  assert.deepEqual(await refusedUpgrade(address, path), {
    status: 403,
    body: 'The header X-Twilio-Signature is missing.',
  })
  assert.deepEqual(await refusedUpgrade(address, path, { 'x-twilio-signature': 'forged' }), {
    status: 403,
    body: 'X-Twilio-Signature is wrong: check PUBLIC_URL.',
  })
  breakSignatures()
  const { status, body } = await refusedUpgrade(address, path, { 'x-twilio-signature': SIGNATURE })
  assert.equal(status, 403)
  assert.match(body, /could not be checked/)
  assert.match((await metrics.expose()).text, /parley_requests_refused_total\{status="403"\} 3/)
})

test('any other path is answered with 404', async () => {
  const { address } = await open()
  for (const path of ['/v1/twilio', '/v1/vonage/media', '//', '/v1/twilio/media/x'])
    assert.equal((await refusedUpgrade(address, path)).status, 404, path)
})

test('strangers who crowd the door of one carrier keep nobody of another one out', async () => {
  const { address, logged, told } = await open({ mostWaiting: 1 })
  await Carrier.open(address, telnyx)
  const second = await Carrier.open(address, telnyx)
  assert.deepEqual(await second.closed, { code: 1008, reason: 'Too many calls wait to be connected.' })
  assert.deepEqual(logged, ['The stream of a call is refused. Too many calls wait to be connected.'])
  const carrier = await Carrier.open(address)
  carrier.say(twilio.start({ ticket: TICKET }, CALL_SID))
  await until(() => told.length === 1)
})

for (const says of [twilio, telnyx] as const) {
  const name = says === twilio ? 'Twilio' : 'Telnyx'
  test(`${name}: a caller hears the greeting, is understood, is answered, and hangs up`, async () => {
    const call = { ...incoming, carrier: says === twilio ? 'twilio' : 'telnyx' } as const
    const { address, told, sessions, metrics } = await open({ tickets: { [TICKET]: call } })
    const carrier = await Carrier.open(address, says)
    carrier.say(says.start({ ticket: TICKET }, CALL_SID))
    // twelve characters of 60 ms
    await until(() => carrier.soundMs >= 700)
    const greeting = carrier.soundMs
    carrier.speak(600)
    await until(() => carrier.soundMs >= greeting + 600)
    assert.ok(carrier.count('mark') >= 14, `${carrier.count('mark')} marks`)
    carrier.say(says.stop)
    assert.deepEqual(await carrier.closed, { code: 1000, reason: 'client_end' })
    await until(() => sessions.size === 0)
    const session = told[0]?.session
    assert.match(String(session), /^sess_/)
    assert.deepEqual(told, [
      { what: 'connected', session },
      { what: 'disconnected', session, end: { reason: 'client_end', transfer: undefined } },
    ])
    const { text } = await metrics.expose()
    assert.match(text, new RegExp(`parley_calls_ended_total\\{carrier="${call.carrier}",reason="client_end"\\} 1`))
  })
}

test('the sound of a call is that of its line, both ways, whatever the agent says of sound', async () => {
  const configs: unknown[] = []
  const observer = { prepared: (config: unknown) => void configs.push(config) }
  const call = { ...incoming, carrier: 'telnyx' } as const
  const { address } = await open({ tickets: { [TICKET]: call }, observe: () => [observer] })
  const carrier = await Carrier.open(address, telnyx)
  carrier.say(telnyx.start({ ticket: TICKET }, CALL_SID, 'PCMA'))
  await until(() => configs.length > 0)
  const format = { encoding: 'audio/pcma', sample_rate: 8000 }
  const { input, output } = configs[0] as { input: { format: unknown }; output: { format: unknown; type: string } }
  assert.deepEqual([input.format, output.format, output.type], [format, format, 'audio'])
  carrier.break()
})

test('a line that breaks leaves the session to be gone on with on the next one', async () => {
  const again: Record<string, typeof incoming> = { [TICKET]: incoming }
  const { address, told, sessions } = await open({ tickets: again })
  const first = await Carrier.open(address)
  first.say(twilio.start({ ticket: TICKET }))
  await until(() => first.soundMs >= 100)
  first.break()
  await until(() => told.length === 2)
  const session = told[0]!.session
  assert.deepEqual(told[1], { what: 'disconnected', session, end: undefined })
  assert.equal(sessions.size, 1)
  again.another = { ...incoming, sessionId: session }
  const second = await Carrier.open(address)
  second.say(twilio.start({ ticket: 'another' }))
  await until(() => told.length === 3)
  assert.deepEqual(told[2], { what: 'connected', session })
  second.hangUp()
  await second.closed
  await until(() => told.length === 4)
  assert.deepEqual(told[3], { what: 'disconnected', session, end: { reason: 'client_end', transfer: undefined } })
})

test('whoever keeps the call can end it', async () => {
  const { address, connected, told } = await open()
  const carrier = await Carrier.open(address)
  carrier.say(twilio.start({ ticket: TICKET }))
  await until(() => carrier.soundMs >= 100)
  connected[0]!.hangUp()
  assert.deepEqual(await carrier.closed, { code: 1000, reason: 'client_end' })
  assert.equal(told.at(-1)!.end?.reason, 'client_end')
})

test('an interruption takes back what the carrier has not played', async () => {
  const { address } = await open({ greeting: 'Hello there. '.repeat(20) })
  const carrier = await Carrier.open(address)
  carrier.isPlaying = false
  carrier.say(twilio.start({ ticket: TICKET }))
  await until(() => carrier.soundMs >= 500)
  carrier.speak(60_000)
  await until(() => carrier.count('clear') > 0)
  const cleared = carrier.got.findIndex(({ event }) => event === 'clear')
  assert.ok(cleared > 0)
  carrier.hangUp()
  await carrier.closed
  assert.equal(carrier.got.slice(cleared).filter(({ event }) => event === 'media').length, 0)
})

test('a server that stops says goodbye to its lines', async () => {
  const { address, stop } = await open()
  const carrier = await Carrier.open(address)
  await stop()
  assert.deepEqual(await carrier.closed, { code: 1001, reason: 'The server is stopping' })
})

test('a carrier that sends what is far too long is cut off', async () => {
  const { address } = await open()
  const carrier = await Carrier.open(address)
  carrier.say('x'.repeat(100_000))
  assert.equal((await carrier.closed).code, 1009)
})
