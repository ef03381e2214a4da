// The same agent, unchanged, in a browser, over the API and on the telephone, at two carriers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SimulatedTelnyx } from '@parley/conformance/phone'
import { tone } from '../audio/tone.js'
import { Peer } from '../helpers/peer.js'
import { Talker } from '../helpers/talker.js'
import { utterance, wordsHeard } from './ear.js'
import { wordsOf } from './legible-voice.js'
import { answering, assertSameWords, CALLER, NUMBER, PUBLIC, says, Telephone } from './telephone.js'

const QUESTION = 'What time do you open?'
const ANSWER = 'We open at seven.'

let telephone: Telephone
let telnyx: SimulatedTelnyx
let agent: string
before(async () => {
  telnyx = new SimulatedTelnyx({
    numbers: { [NUMBER]: `${PUBLIC}/v1/telnyx/voice` },
    route: (url) => telephone.local(url).replace('wss://phone.example', telephone.server.url.replace('http', 'ws')),
    sayMsPerCharacter: 0,
  })
  telephone = await Telephone.start({ environment: { TELNYX_PUBLIC_KEY: telnyx.publicKey } })
  telephone.answer = answering({ [QUESTION]: says(ANSWER) })
  agent = await telephone.agent({}, [QUESTION])
  await telephone.ask('PUT', `/v1/phone-numbers/${encodeURIComponent(NUMBER)}/agent`, { agent_id: agent })
})
after(async () => {
  await telnyx.close()
  await telephone.close()
})

const stored = async (session: string) =>
  (await telephone.session(session)).turns.map(({ agent_text }) => wordsOf(agent_text ?? ''))
const expected = [wordsOf('Good morning.'), wordsOf(ANSWER)]

test('in a browser: a token, sound of 24 kHz', async () => {
  const { token } = await telephone.ask('GET', '/v1/token?expires_in_seconds=60')
  const peer = await Peer.open(telephone.server.url, { token: String(token) })
  peer.send({ type: 'session.update', session: { agent_id: agent } })
  const { session_id } = await peer.first('session.ready')
  const talker = new Talker(peer)
  await peer.next('reply.done')
  const answered = peer.next('reply.done')
  await talker.say(tone(220, 24_000, 24 * 900))
  await answered
  await talker.end()
  assert.deepEqual(await stored(String(session_id)), expected)
})

test('over the API: a key, words in place of sound', async () => {
  const peer = await Peer.open(telephone.server.url, { key: telephone.server.key })
  peer.send({ type: 'session.update', session: { agent_id: agent } })
  const { session_id } = await peer.first('session.ready')
  await peer.next('reply.done')
  const answered = peer.next('reply.done')
  peer.send({ type: 'conversation.message', role: 'user', content: QUESTION })
  peer.send({ type: 'reply.create' })
  await answered
  await peer.end()
  assert.deepEqual(await stored(String(session_id)), expected)
})

test('on the telephone, at Twilio and at Telnyx', async () => {
  for (const call of [telephone.dial(), telnyx.dial(CALLER, NUMBER)]) {
    const line = await call.stream()
    await telephone.hears(line, 'Good morning.')
    line.say(utterance(900))
    await telephone.hears(line, ANSWER)
    await telephone.twilio.wait(300)
    call.hangUp()
    assert.equal(await call.ended, 'completed')
    const { turns } = await telephone.kept(call)
    assertSameWords(turns, line)
    assert.deepEqual([wordsHeard(line), call.errors], [expected.flat(), []])
  }
})
