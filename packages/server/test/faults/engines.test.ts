// What a caller hears when the voice, the recogniser or the voice activity fails.
import assert from 'node:assert/strict'
import { joined } from '../../dist/audio/pcm.js'
import { tone } from '../audio/tone.js'
import type { Peer } from '../helpers/peer.js'
import { Talker } from '../helpers/talker.js'
import { virtualSession } from '../helpers/virtual-session.js'
import { faultySttPath } from './faulty-stt.js'
import { faultyTtsPath } from './faulty-tts.js'
import { BREAKS_IN_SPEECH, faultyVadPath, NEVER_ENDS, THROWS } from './faulty-vad.js'
import { assertWithin, faults, PATIENCE_MS, type Row, type Scene } from './scene.js'

const WORDS = 'The bread is in the oven, and it will be done in a quarter of an hour.'
const speech = joined([tone(200, 24_000, 700 * 24), new Int16Array(300 * 24)])

const open = async () => ({
  environment: {
    PARLEY_VAD: faultyVadPath,
    PARLEY_STT: faultySttPath,
    PARLEY_TTS: faultyTtsPath,
    PARLEY_LLM_OPTIONS: JSON.stringify({ replies: [WORDS] }),
  },
  close: async () => {},
})

/** The reply of this voice fails in words for the program; the session goes on. */
const voice =
  (name: string): Row =>
  async (scene) => {
    const peer = await scene.ready({ output: { voice: name } })
    const failed = peer.next('reply.error', () => true, PATIENCE_MS)
    const done = peer.next('reply.done', () => true, PATIENCE_MS)
    peer.send({ type: 'reply.create' })
    const error = await failed
    assert.equal((await done).reply_id, error.reply_id)
    assertWithin(peer.of('reply.started')[0]!, error)
    // the next one is tried again
    const again = peer.next('reply.started', () => true, PATIENCE_MS)
    peer.send({ type: 'reply.create' })
    await again
    await peer.end()
  }

/** A caller who is heard with these settings. */
async function caller(scene: Scene, input: object): Promise<{ peer: Peer; talker: Talker }> {
  const peer = await scene.ready({ system_prompt: 'Be brief.', input })
  return { peer, talker: new Talker(peer) }
}

/** What is said is answered. */
async function answered(peer: Peer, talker: Talker, withText = true): Promise<void> {
  const spoken = peer.next('transcript.agent', () => true, PATIENCE_MS)
  const before = peer.frames.length
  await talker.say(speech)
  const { text } = await spoken
  assert.equal(text, WORDS)
  const later = peer.frames.slice(before)
  const stopped = later.find(({ type }) => type === 'input.speech.stopped')
  const sound = later.find(({ type }) => type === 'reply.audio')
  assert.ok(stopped && sound)
  assertWithin(stopped, sound)
  if (withText) assert.ok(later.some(({ type, text }) => type === 'transcript.user' && text === 'Is there bread?'))
}

/** The session cannot go on, and says so. */
const lost =
  (input: object): Row =>
  async (scene) => {
    const { peer } = await caller(scene, input)
    const { code } = await peer.closed
    assert.equal(code, 1011)
    assertWithin(peer.of('session.ready')[0]!, peer.of('session.error')[0]!)
  }

/** The same in virtual time. */
async function answeredInVirtualTime(): Promise<void> {
  const { session, clock, find } = virtualSession({
    vad: [{ at: 100, out: { type: 'started', ago: 0 } }],
    stt: [{ at: 900, out: { type: 'partial', turn: 1, text: 'Is there bread?' } }],
    async *llm() {
      yield { type: 'wrote', text: WORDS }
    },
  })
  session.dispatch({ type: 'client.updated', patch: {}, problems: [] })
  await clock.to(20_000)
  const [heard] = find('transcript.user')
  const [started] = find('reply.started')
  assert.equal(heard?.event.text, 'Is there bread?')
  assert.ok(started && started.at < 900 + 8_000)
  session.dispatch({ type: 'client.ended' })
}

faults(
  'The voice, the recogniser and the voice activity',
  open,
  {
    'the voice ends without a sound': voice('gone'),
    'the voice makes no sound of a clause': voice('mute'),
    'the voice fails at once': voice('throwing'),
    'the voice fails in mid-clause': voice('breaking'),
    'the voice falls silent': voice('stalling'),
    'a clause of the voice never ends': async (scene) => {
      const peer = await scene.ready({ output: { voice: 'endless' } })
      const started = peer.next('reply.started', () => true, PATIENCE_MS)
      peer.send({ type: 'reply.create' })
      const { reply_id } = await started
      await peer.first('reply.audio')
      const done = peer.next('reply.done', () => true, PATIENCE_MS)
      peer.send({ type: 'reply.cancel', reply_id })
      assert.equal((await done).status, 'interrupted')
      await peer.end()
    },
    'the recogniser fails again and again': lost({ transcription_prompt: 'throws' }),
    'the recogniser fails in mid-speech, once': async (scene) => {
      const { peer, talker } = await caller(scene, { transcription_prompt: 'breaks once' })
      await answered(peer, talker)
      await talker.end()
    },
    'the recogniser says nothing': async (scene) => {
      const { peer, talker } = await caller(scene, { transcription_prompt: 'stalls' })
      const sorry = peer.next('transcript.agent', () => true, PATIENCE_MS)
      await talker.say(speech)
      await sorry
      assertWithin(peer.of('input.speech.stopped')[0]!, peer.of('reply.audio')[0]!)
      await peer.converses()
      await talker.end()
    },
    'the recogniser says nothing, once': async (scene) => {
      const { peer, talker } = await caller(scene, { transcription_prompt: 'stalls once' })
      await answered(peer, talker)
      await talker.end()
    },
    'the recogniser is seconds late': async (scene) => {
      const { peer, talker } = await caller(scene, { transcription_prompt: 'late' })
      await answered(peer, talker)
      await talker.end()
    },
    'the voice activity fails again and again': lost({ turn_detection: { vad_threshold: THROWS } }),
    'the voice activity fails in mid-speech, once': async (scene) => {
      const { peer, talker } = await caller(scene, { turn_detection: { vad_threshold: BREAKS_IN_SPEECH } })
      // what was said is cut in two where it failed, and may be heard twice by a recogniser that follows a script
      await answered(peer, talker, false)
      await talker.end()
    },
    'the voice activity hears speech without end': async (scene) => {
      const { peer, talker } = await caller(scene, { turn_detection: { vad_threshold: NEVER_ENDS } })
      const started = peer.next('input.speech.started', () => true, PATIENCE_MS)
      await talker.say(speech)
      await started
      await talker.end()
      assert.deepEqual([peer.of('input.speech.stopped').length, peer.of('session.ended').length], [1, 1])
      await answeredInVirtualTime()
    },
  },
  { together: true },
)
