// Whole conversations over a real socket with the embedded engines: nothing in the path is scripted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { joined } from '../../dist/audio/pcm.js'
import type { Stt, Tts } from '../../dist/engines/engine.js'
import { wordErrorRate, wordErrors } from '../../dist/engines/kit/word-errors.js'
import { moonshineStt } from '../../dist/engines/stt/moonshine.js'
import { fliteTts } from '../../dist/engines/tts/flite/flite.js'
import { Peer } from '../helpers/peer.js'
import { embeddedEngines, startTestServer, type TestServer } from '../helpers/server.js'
import { readBack, recorded, recordings, spoken } from '../helpers/speech.js'
import { Talker } from '../helpers/talker.js'

const PROMPT =
  'You are the assistant of Blue Door Bakery in Leeds. We open at seven in the morning and close at five in the afternoon. Sourdough costs four pounds. We do not deliver.'
const context = { dataDir: '.parley', log: () => {} }

let server: TestServer
let voice: Tts
let reader: Stt

before(async () => {
  ;[server, voice, reader] = await Promise.all([
    startTestServer(embeddedEngines),
    fliteTts.create(fliteTts.options.parse({ workers: 1 }), context),
    moonshineStt.create(moonshineStt.options.parse({}), context),
  ])
})

after(async () => {
  await Promise.all([server.close(), voice.close(), reader.close()])
})

const errorsOf = (said: string, heard: string) => wordErrorRate([wordErrors(said, heard)])

async function heardOf(talker: Talker, reply: string): Promise<string> {
  return readBack(reader, joined(talker.heard.get(reply) ?? []))
}

test('a greeting, a question, an answer from the prompt: each heard, each right', { timeout: 120_000 }, async () => {
  const question = await spoken(voice, 'What time do you open?')
  const peer = await Peer.ready(server.url, server.key, {
    system_prompt: PROMPT,
    greeting: 'Welcome to the bakery. How can I help you?',
  })
  const talker = new Talker(peer)
  const greeting = await peer.first('transcript.agent')
  assert.equal(greeting.text, 'Welcome to the bakery. How can I help you?')
  assert.ok(errorsOf(String(greeting.text), await heardOf(talker, String(greeting.reply_id))) <= 0.25)

  // a busy machine may hear and answer before it notices that the question is over
  const asking = peer.next('transcript.user', () => true, 30_000)
  const answering = peer.next('transcript.agent', () => true, 40_000)
  const [asked] = await Promise.all([asking, talker.say(question)])
  assert.equal(errorsOf('What time do you open?', String(asked.text)), 0)
  const answer = await answering
  assert.match(String(answer.text), /seven|7/)
  assert.ok(errorsOf(String(answer.text), await heardOf(talker, String(answer.reply_id))) <= 0.34)
  await talker.end()
})

test('speech over the agent stops it soon, and is answered', { timeout: 120_000 }, async () => {
  const interruption = await spoken(voice, 'Wait, how much is the sourdough?')
  const peer = await Peer.ready(server.url, server.key, {
    system_prompt: PROMPT,
    greeting:
      'Let me tell you at length about our opening hours, our bread, our cakes, our staff, and everything else there is to know about this bakery and its history.',
  })
  const talker = new Talker(peer)
  const { reply_id } = await peer.first('reply.started')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const began = performance.now() + 200
  const answering = peer.next('transcript.agent', (frame) => frame.reply_id !== reply_id, 30_000)
  const saying = talker.say(interruption)
  const done = await peer.next('reply.done')
  assert.deepEqual([done.reply_id, done.status], [reply_id, 'interrupted'])
  const stopped = talker.lastSoundAt.get(String(reply_id))! - began
  assert.ok(stopped < 2000, `the last sound came ${Math.round(stopped)} ms after the speech had begun`)
  const cut = peer.of('transcript.agent')[0]
  assert.equal(cut?.interrupted, true)
  await saying
  const answer = await answering
  assert.match(String(answer.text), /four|4/)
  await talker.end()
})

test('human speech is written down right and answered, by telephone encodings too', { timeout: 240_000 }, async (t) => {
  if (!recordings) return t.skip('there are no recordings in ../shared/data/speech')
  const cases = [
    ['librivox-sense/0880.wav', 'he was not an ill disposed young man', 'audio/pcm'],
    ['ljspeech/LJ001-0008.wav', 'has never been surpassed.', 'audio/pcma'],
    [
      'librispeech/quilter.wav',
      'Mr quilter is the apostle of the middle classes and we are glad to welcome his gospel',
      'audio/pcmu',
    ],
  ] as const
  const held = cases.map(async ([file, text, encoding]) => {
    const format = { encoding }
    const session = { system_prompt: PROMPT, input: { format }, output: { voice: 'michael', format } }
    const peer = await Peer.ready(server.url, server.key, session)
    const talker = new Talker(peer, encoding)
    const turns: string[] = []
    peer.socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { type: string; text: string }
      if (frame.type === 'transcript.user') turns.push(frame.text)
    })
    const answered = peer.next('transcript.agent', () => true, 60_000)
    await talker.say(recorded(file))
    const answer = await answered
    assert.ok(errorsOf(text, turns.join(' ')) <= 0.12, `${file}: ${turns.join(' | ')}`)
    assert.ok(errorsOf(String(answer.text), await heardOf(talker, String(answer.reply_id))) <= 0.4, String(answer.text))
    await talker.end()
  })
  await Promise.all(held)
})
