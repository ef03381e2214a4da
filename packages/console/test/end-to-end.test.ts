// The whole of it: a browser, the page, the server and its engines. Press, hear the greeting, ask, be answered, interrupt.
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { joined } from '@parley/server/audio/pcm.js'
import type { Page } from 'playwright-core'
import {
  microphoneReports,
  noBrowser,
  openPage,
  SAMPLE_RATE_HZ,
  silence,
  speakerReports,
  startBrowser,
} from './browser.js'
import { noServer, type RealServer, realServer } from './real-server.js'
import { activity, talkButton, transcript } from './visit.js'

const skip = noBrowser ?? noServer ?? false
const LOUD = 0.05
/** How long the session may take to be ready once the microphone runs, and the answer to begin. */
const PATIENCE_MS = 30_000

let server: RealServer
before(async () => {
  if (!skip) server = await realServer()
})
after(() => server?.stop())

/** Makes an agent, gives the browser `microphone`, and presses the button. */
async function press(t: TestContext, greeting: string, microphone: Int16Array): Promise<Page> {
  const system_prompt = 'You work in a bookshop. The shop opens at nine in the morning. The shop closes at six.'
  const agent = await server.rest.agents.create({
    name: 'Bookshop',
    system_prompt,
    greeting,
    voice: { voice_id: 'alba' },
  })
  t.after(() => server.rest.agents.delete(agent.id))
  const browser = await startBrowser(microphone)
  t.after(() => browser.close())
  const context = await browser.newContext({ permissions: ['microphone'] })
  // Read only where the server lets no page in without a key.
  await context.addInitScript((key) => sessionStorage.setItem('parley.key', key), server.key)
  const page = await openPage(context, server.url)
  page.setDefaultTimeout(PATIENCE_MS)
  await page.getByRole('heading', { name: 'Bookshop' }).waitFor()
  await page.click(talkButton)
  return page
}

const seconds = (sound: Int16Array): number => sound.length / SAMPLE_RATE_HZ
const loudReports = async (page: Page) => (await speakerReports(page)).filter(({ level = 0 }) => level > LOUD)

test('a question that is asked aloud is understood and answered aloud', { skip }, async (t) => {
  const greeting = 'Hello, this is the bookshop.'
  const [lead, question] = await Promise.all([server.speech(greeting), server.speech('What time do you open?')])
  // The microphone runs before the session is ready: two seconds for that, then the greeting, then a breath.
  const page = await press(t, greeting, joined([silence(2 + seconds(lead) + 1), question, silence(60)]))

  await page.locator('.line.agent').filter({ hasText: greeting }).waitFor()
  assert.ok((await loudReports(page)).length > 10, 'the greeting was heard at the speaker')

  await page.locator('.line.user:not(.growing)').waitFor()
  await page.locator('.line.agent:not(.growing)').nth(1).waitFor()
  const [, asked = '', answered = ''] = await transcript(page)
  assert.match(asked, /what time do you open/i)
  assert.match(answered, /nine|9/i)
  const replies = new Set((await loudReports(page)).map(({ reply }) => reply))
  assert.equal(replies.size, 2, 'the answer was heard at the speaker')
  const latencyMs = Number(await page.locator('.meter .latest').textContent())
  assert.ok(latencyMs > 0 && latencyMs < 5000, `answered in ${latencyMs} ms`)
  t.diagnostic(`from the end of the question to the first sound of the answer: ${latencyMs} ms`)

  await page.click(talkButton)
  await activity(page, 'Ended')
})

test('whoever speaks up during a reply silences it', { skip }, async (t) => {
  const greeting = `Let me tell you about the shop. ${'We have many books, old and new, on every shelf from the floor to the roof. '.repeat(6)}`
  const objection = await server.speech('Wait a moment. I have a question about that.')
  const page = await press(t, greeting, joined([silence(5), objection, silence(60)]))

  await page.getByTitle('Interrupted').waitFor()
  await page.waitForTimeout(1000)
  const speaker = (await loudReports(page)).filter(({ reply }, _, all) => reply === all[0]?.reply)
  const onset = (await microphoneReports(page)).find(({ peak }) => peak > LOUD)
  assert.ok(onset && speaker.length > 10, 'both sides were heard')
  const stoppedAfterMs = Math.round((speaker.at(-1)?.told ?? 0) - onset.told)
  t.diagnostic(`from the first loud frame of the microphone to the last sound of the reply: ${stoppedAfterMs} ms`)
  assert.ok(stoppedAfterMs > 0 && stoppedAfterMs < 2500, `the reply was heard for ${stoppedAfterMs} ms more`)
  const [said = ''] = await transcript(page)
  assert.ok(said.length < greeting.length / 2, 'only what was heard is kept')
})
