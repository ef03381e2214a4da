// The same agent, unchanged, in a browser, over the API and on the telephone, at two carriers.
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { SimulatedTelnyx } from '@parley/conformance/phone'
import { tone } from '../../server/dist-test/audio/tone.js'
import { Peer } from '../../server/dist-test/helpers/peer.js'
import { utterance, wordsHeard } from '../../server/dist-test/phone/ear.js'
import { wordsOf } from '../../server/dist-test/phone/legible-voice.js'
import {
  answering,
  assertSameWords,
  CALLER,
  NUMBER,
  PUBLIC,
  says,
  Telephone,
} from '../../server/dist-test/phone/telephone.js'
import { noBrowser, openPage, SAMPLE_RATE_HZ, silence, startBrowser } from './browser.js'
import { activity, talkButton } from './visit.js'

const QUESTION = 'What time do you open?'
const ANSWER = 'We open at seven.'
const PATIENCE_MS = 30_000

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

const expected = [wordsOf('Good morning.'), wordsOf(ANSWER)]

async function assertStored(session: string): Promise<void> {
  const { turns } = await telephone.session(session)
  assert.deepEqual(
    turns.map(({ agent_text }) => wordsOf(agent_text ?? '')),
    expected,
  )
}

test('in a browser, on the page of the server', { skip: noBrowser ?? false }, async (t: TestContext) => {
  const question = tone(220, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * 0.9)
  const sound = new Int16Array([...silence(4), ...question, ...silence(60)])
  const browser = await startBrowser(sound)
  t.after(() => browser.close())
  const context = await browser.newContext({ permissions: ['microphone'] })
  await context.addInitScript((key) => sessionStorage.setItem('parley.key', key), telephone.server.key)
  const page = await openPage(context, telephone.server.url)
  page.setDefaultTimeout(PATIENCE_MS)
  await page.getByRole('heading', { name: 'Baker' }).waitFor()
  await page.click(talkButton)
  await page.locator('.line.agent').filter({ hasText: ANSWER }).waitFor()
  await page.locator('.line.agent:not(.growing)').nth(1).waitFor()
  await page.click(talkButton)
  await activity(page, 'Ended')
  const { sessions } = await telephone.ask('GET', '/v1/sessions?limit=1')
  assert.ok(Array.isArray(sessions))
  await assertStored(sessions[0].id)
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
  await assertStored(String(session_id))
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
