// The engines of examples/own-engine do what every engine of their kind must, and a server loads them by their path.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { EngineContext, EngineKind, EngineOf } from '@parley/server'
import { bytesOf } from '@parley/server/audio/pcm.js'
import { readWav } from '@parley/server/audio/wav.js'
import { sttSuite } from '@parley/server/engines/kit/suite-stt.js'
import { ttsSuite } from '@parley/server/engines/kit/suite-tts.js'
import { loadChoice } from '@parley/server/engines/load.js'
import { tone } from '../cli/sounds.js'
import { Peer } from '../helpers/peer.js'
import { startTestServer } from '../helpers/server.js'

const path = (name: string) => fileURLToPath(new URL(`../../../../examples/own-engine/${name}`, import.meta.url))
const context: EngineContext = { dataDir: '', log: () => undefined }
const engine = <Kind extends EngineKind>(kind: Kind, name: string, options = {}): Promise<EngineOf[Kind]> =>
  loadChoice(kind, { name: path(name), options }, [], context)

// ── The clock ──

// its own test, as the documentation shows it
await import(path('clock-llm.test.mjs'))

test('a server answers by the engine that a path names, with its options', async () => {
  const server = await startTestServer({
    PARLEY_LLM: path('clock-llm.mjs'),
    PARLEY_LLM_OPTIONS: '{"zone":"Asia/Tokyo"}',
  })
  try {
    const peer = await Peer.ready(server.url, server.key)
    const minute = () =>
      new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', timeStyle: 'short' }).format(new Date())
    const before = minute()
    await peer.converses()
    const [transcript] = peer.of('transcript.agent')
    assert.ok(
      [before, minute()].map((time) => `It is ${time}.`).includes(String(transcript?.text)),
      `${transcript?.text}`,
    )
    await peer.end()
  } finally {
    await server.close()
  }
})

test('an option that does not fit is named together with the variable that holds it', async () => {
  await assert.rejects(engine('llm', 'clock-llm.mjs', { zone: 7 }), /zone: .*PARLEY_LLM_OPTIONS/)
})

test('the README shows the clock as it is', () => {
  const readme = readFileSync(fileURLToPath(new URL('../../../../README.md', import.meta.url)), 'utf8')
  assert.ok(readme.includes(readFileSync(path('clock-llm.mjs'), 'utf8')))
})

// ── The engines behind an API ──

/** Speaks a hum, lower for one voice than for another; understands sound as the values that its samples have. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  if (request.url === '/v1/audio/speech') {
    const { input, voice, response_format } = JSON.parse(String(body))
    assert.equal(response_format, 'pcm')
    const sound = bytesOf(tone(Math.min(2000, 40 * input.length), 24_000, voice === 'nova' ? 8000 : 4000))
    // an odd number of bytes first: pieces of a response end where they like
    response.write(sound.slice(0, 4801))
    response.end(sound.slice(4801))
    return
  }
  const wav = body.subarray(body.indexOf('RIFF'), body.lastIndexOf('\r\n--'))
  const values = new Set(readWav(wav).samples)
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      text: [...values]
        .filter(Boolean)
        .map((value) => `word${value}`)
        .join(' '),
    }),
  )
}

const api = createServer((request, response) => void answer(request, response))
const baseUrl = () => `http://127.0.0.1:${(api.address() as AddressInfo).port}/v1`
before(() => new Promise<void>((resolve) => void api.listen(0, '127.0.0.1', resolve)))
after(() => {
  api.closeAllConnections()
  api.close()
})

sttSuite(test, {
  make: () => engine('stt', 'whisper-stt.mjs', { baseUrl: baseUrl() }),
  utterances: [
    { sound: new Int16Array(16_000).fill(1000), text: /word1000/ },
    { sound: new Int16Array(16_000).fill(2000), text: /word2000/ },
  ],
  silence: new Int16Array(16_000),
})

ttsSuite('a voice behind an API', () => engine('tts', 'speech-tts.mjs', { baseUrl: baseUrl() }))

test('an API that is not there is told as an error that names its address', async () => {
  const nowhere = 'http://127.0.0.1:9/v1'
  const voice = await engine('tts', 'speech-tts.mjs', { baseUrl: nowhere })
  const ears = await engine('stt', 'whisper-stt.mjs', { baseUrl: nowhere })
  const { signal } = new AbortController()
  async function* clause() {
    yield 'Hello.'
  }
  async function* speech() {
    yield { type: 'audio', samples: new Int16Array(1600).fill(1000) } as const
    yield { type: 'speech.stopped' } as const
  }
  const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
  for (const outputs of [voice.open(clause(), { voice: 'alba' }, signal), ears.open(speech(), settings, signal)])
    await assert.rejects(outputs[Symbol.asyncIterator]().next(), { name: 'EngineError', message: /127\.0\.0\.1:9/ })
  await Promise.all([voice.close(), ears.close()])
})
