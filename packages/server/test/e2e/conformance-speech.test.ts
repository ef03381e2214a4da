// Turns of the user, and the user's speech over the agent (checklist 50, 91-99).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { joined } from '../../dist/audio/pcm.js'
import { tone } from '../audio/tone.js'
import type { Peer } from '../helpers/peer.js'
import { promptedSttPath } from '../helpers/prompted-stt.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Talker } from '../helpers/talker.js'
import { soundOf } from '../helpers/trace.js'
import { Visitors } from '../helpers/visitors.js'

const MS_PER_CHARACTER = 50
const reply = 'In Leeds it is dry today with some sun, and the evening will stay mild and clear.'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer({
    PARLEY_STT: promptedSttPath,
    PARLEY_LLM_OPTIONS: JSON.stringify({ replies: [reply] }),
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: MS_PER_CHARACTER }),
  })
  visitors = new Visitors(server)
})
after(() => server.close())

const speech = (ms: number) => tone(200, 24_000, ms * 24)
const silence = (ms: number) => new Int16Array(ms * 24)

/** A caller whose utterances are understood as these texts, in this order. */
async function caller(texts: readonly string[], settings: { input?: object; greeting?: string } = {}) {
  const { input, ...session } = settings
  const peer = await visitors.ready({ ...session, input: { transcription_prompt: texts.join('|'), ...input } })
  return { peer, talker: new Talker(peer) }
}

const indexOf = (peer: Peer, type: string, number = 0) => peer.frames.indexOf(peer.of(type)[number]!)
const seconds = (peer: Peer, type: string, number = 0) => Number(peer.of(type)[number]!.timestamp)
const soundMs = (peer: Peer, id: unknown) =>
  peer.of('reply.audio').reduce((sum, frame) => sum + (frame.reply_id === id ? soundOf(frame).length / 48 : 0), 0)

test('a turn is told as it grows, and closed in the documented order, once it is over (91-94)', async () => {
  const { peer, talker } = await caller(['Tell me about the', 'weather in Leeds today.'])
  const started = peer.next('reply.started')
  await talker.say(joined([speech(900), silence(300), speech(1000)]))
  await started
  const types = peer.frames.map(({ type }) => type)
  const commit = types.indexOf('input.speech.stopped')
  assert.deepEqual(types.slice(commit, commit + 3), ['input.speech.stopped', 'transcript.user', 'reply.started'])
  assert.deepEqual(
    types.slice(2, commit).filter((type) => type !== 'transcript.user.delta'),
    ['input.speech.started'],
  )
  const [final, ...others] = peer.of('transcript.user')
  assert.deepEqual(others, [])
  assert.equal(final?.text, 'Tell me about the weather in Leeds today.')
  const deltas = peer.of('transcript.user.delta')
  assert.ok(deltas.length >= 4, `${deltas.length} deltas`)
  for (const delta of deltas) {
    assert.equal(delta.item_id, final?.item_id)
    assert.ok(String(final?.text).startsWith(String(delta.text)), `${delta.text}`)
  }
  assert.equal(deltas.at(-1)?.text, final?.text)
  const lengths = deltas.map(({ text }) => String(text).length)
  assert.deepEqual(
    lengths,
    lengths.toSorted((a, b) => a - b),
  )
  await talker.end()
})

test('the end of a turn waits for min_silence, also when it is set in the middle of a session (50, 94)', async () => {
  const { peer, talker } = await caller(['What time is it?'])
  const silences: number[] = []
  for (const turn_detection of [undefined, { min_silence: 1200, max_silence: 1500 }]) {
    if (turn_detection) {
      peer.send({ type: 'session.update', session: { input: { turn_detection } } })
      await peer.next('session.updated')
    }
    const stopped = peer.next('input.speech.stopped')
    const done = peer.next('reply.done')
    await talker.say(speech(500))
    const quiet = performance.now()
    await stopped
    silences.push(performance.now() - quiet)
    peer.send({ type: 'reply.cancel', reply_id: (await peer.next('reply.audio')).reply_id })
    await done
  }
  const [adaptive, explicit] = silences
  assert.ok(explicit! >= 1100, `${silences}`)
  assert.ok(adaptive! < explicit!, `${silences}`)
  await talker.end()
})

test('a back-channel does not cut the agent short; what is said to it does, at once and in one stroke (95-98)', async () => {
  const { peer, talker } = await caller(['What is the weather?', 'mm-hm', 'Wait, what about the evening?'])
  const first = peer.next('reply.started')
  await talker.say(speech(500))
  const { reply_id } = await first
  const done = peer.next('reply.done')
  await peer.next('reply.audio')
  await talker.say(speech(300))
  assert.deepEqual([(await done).reply_id, (await done).status], [reply_id, 'completed'])
  assert.equal(peer.of('transcript.agent')[0]?.text, reply)
  assert.equal(peer.of('input.speech.started').length, 1)
  assert.equal(peer.of('transcript.user').length, 1)

  const second = peer.next('reply.started')
  peer.send({ type: 'reply.create' })
  const cutId = (await second).reply_id
  const answered = peer.next('reply.started')
  await peer.next('reply.audio', () => soundMs(peer, cutId) > 1200)
  await talker.say(speech(1200))
  await answered
  const at = indexOf(peer, 'input.speech.started', 1)
  const [started, spoken, cut] = peer.frames.slice(at, at + 3)
  assert.deepEqual(
    [started, spoken, cut].map((frame) => frame?.type),
    ['input.speech.started', 'transcript.agent', 'reply.done'],
  )
  assert.deepEqual([spoken?.interrupted, cut?.status, cut?.reply_id], [true, 'interrupted', cutId])
  assert.ok(Number(cut?.timestamp) - Number(started?.timestamp) < 0.05)
  assert.ok(reply.startsWith(`${spoken?.text} `), `${spoken?.text}`)
  const heard = soundMs(peer, cutId)
  const said = String(spoken?.text).length * MS_PER_CHARACTER
  assert.ok(Math.abs(heard - said) < 700, `${heard} ms were sent, the text is ${said} ms long`)
  assert.equal(peer.of('transcript.user')[1]?.text, 'Wait, what about the evening?')
  await talker.end()
})

test('with interrupt_response off, speech never cuts a reply and is answered after it (99)', async () => {
  const { peer, talker } = await caller(['Wait, stop.'], {
    greeting: reply,
    input: { turn_detection: { interrupt_response: false, min_silence: 200, max_silence: 400 } },
  })
  await peer.first('reply.audio')
  const answer = peer.next('reply.started', ({ reply_id }) => reply_id !== peer.of('reply.started')[0]?.reply_id)
  await talker.say(speech(1000))
  await answer
  const [greeting] = peer.of('reply.done')
  assert.equal(greeting?.status, 'completed')
  assert.equal(peer.of('transcript.agent')[0]?.text, reply)
  assert.ok(seconds(peer, 'transcript.user') >= Number(greeting?.timestamp))
  assert.equal(peer.of('transcript.user')[0]?.text, 'Wait, stop.')
  await talker.end()
})

test('a greeting named in uninterruptible_turns is heard out, other replies are not (99)', async () => {
  const { peer, talker } = await caller(['Wait, stop.'], {
    greeting: 'This must be said in full, by law.',
    input: { turn_detection: { uninterruptible_turns: ['greeting'], min_silence: 200, max_silence: 400 } },
  })
  await peer.first('reply.audio')
  const greeted = peer.next('reply.done')
  await talker.say(speech(600))
  assert.equal((await greeted).status, 'completed')
  const answer = await peer.next('reply.audio')
  const cut = peer.next('reply.done')
  await talker.say(speech(1000))
  assert.deepEqual([(await cut).reply_id, (await cut).status], [answer.reply_id, 'interrupted'])
  await talker.end()
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 91, 92, 97)', () =>
  visitors.assertConform())
