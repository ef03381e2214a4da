// A conversation on the page in a real Chromium, against a server that says what each test tells it to.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { joined } from '@parley/server/audio/pcm.js'
import type { Browser } from 'playwright-core'
import { hum, noBrowser, silence, speakerReports, startBrowser } from './browser.js'
import { activity, talkButton, talking, transcript, visit } from './visit.js'

let browser: Browser
const skip = noBrowser ?? false

before(async () => {
  if (!noBrowser) browser = await startBrowser(joined([silence(0.2), hum(0.5), silence(60)]))
})
after(() => browser?.close())

test('one press begins a conversation with the newest agent, by a token and without a key', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const line = await talking(visited)
  assert.deepEqual(await line.heard('session.update'), { type: 'session.update', session: { agent_id: 'agent_guide' } })
  assert.equal(line.request.url, '/v1/ws?token=one-session')
  for (const { key, console } of visited.server.asked) assert.deepEqual([key, console], [undefined, '1'])
  assert.deepEqual(visited.complaints, [])
})

test('the microphone is sent all the time, in frames of 40 ms', { skip }, async (t) => {
  const line = await talking(await visit(t, browser))
  const { audio } = await line.heard('input.audio')
  assert.equal(Buffer.from(audio, 'base64').length, 24 * 40 * 2)
  while (line.received.length < 30) await new Promise((resolve) => line.socket.once('message', resolve))
  const sound = line.received.flatMap((event) =>
    event.type === 'input.audio' ? [Buffer.from(event.audio, 'base64')] : [],
  )
  const loudest = Math.max(
    ...sound.flatMap((frame) => [...new Int16Array(frame.buffer, frame.byteOffset, frame.length / 2)]),
  )
  assert.ok(loudest > 3000, `the hum at the microphone arrived at ${loudest}`)
})

test('a reply is heard and its words are written as they are heard', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  const speaking = line.speak('One two three four.', 1600)
  await activity(page, 'Speaking')
  await page.locator('.line.growing').filter({ hasText: 'One two' }).waitFor()
  assert.doesNotMatch((await transcript(page)).join(), /four/)
  assert.equal(await speaking, 'completed')
  await activity(page, 'Listening')
  assert.deepEqual(await transcript(page), ['Parley guide: One two three four.'])
  const reports = await speakerReports(page)
  assert.ok(Math.max(...reports.map(({ level = 0 }) => level)) > 0.3, 'the tone was as loud as it was sent')
  const furthest = Math.max(...reports.map(({ ms = 0 }) => ms))
  assert.ok(furthest > 1500 && furthest <= 1601, `played ${furthest} ms of 1600`)
})

test('the user is written down as understood, and the wait for the answer is measured', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  // The hum at the microphone is over by now or soon; the answer is counted from its end.
  await page.waitForTimeout(900)
  line.userSaid('Who are you?')
  await line.speak('A guide.', 300)
  await activity(page, 'Listening')
  assert.deepEqual(await transcript(page), ['You: Who are you?', 'Parley guide: A guide.'])
  const latency = Number(await page.locator('.meter .latest').textContent())
  assert.ok(latency > 100 && latency < 10_000, `${latency} ms`)
})

test('an interruption stops the sound at once and keeps the words that were heard', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  const cut = new AbortController()
  const speaking = line.speak('One two three four five six seven eight.', 8000, cut.signal)
  await page.locator('.line').filter({ hasText: 'One two' }).waitFor()
  line.say('input.speech.started')
  await activity(page, 'Hearing you')
  const heardYou = await page.evaluate(() => performance.now())
  cut.abort()
  assert.equal(await speaking, 'interrupted')
  await page.waitForTimeout(500)
  const after = (await speakerReports(page)).filter(({ type, told }) => type === 'position' && told > heardYou + 100)
  assert.deepEqual(after, [], 'nothing is played a tenth of a second later')
  const [said] = await transcript(page)
  assert.match(said ?? '', /One two.* —$/)
  assert.doesNotMatch(said ?? '', /eight/)
})

test('what is written is sent and answered', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  await page.getByLabel('Write instead of speaking').fill('What is Parley?')
  await page.keyboard.press('Enter')
  const { role, content } = await line.heard('conversation.message')
  assert.deepEqual([role, content], ['user', 'What is Parley?'])
  await line.heard('reply.create')
  await activity(page, 'Thinking')
  assert.deepEqual(await transcript(page), ['You: What is Parley?'])
})

test('who has no microphone can begin by writing', { skip }, async (t) => {
  const { page, server } = await visit(t, browser)
  const connected = server.line()
  await page.getByLabel('Write instead of speaking').fill('Hello')
  await page.keyboard.press('Enter')
  const line = await connected
  await line.accept()
  assert.equal((await line.heard('conversation.message')).content, 'Hello')
  await line.heard('reply.create')
  assert.ok(line.received.every(({ type }) => type !== 'input.audio'))
})

test('a microphone that is blocked is explained, with the way to write instead', { skip }, async (t) => {
  const { page } = await visit(t, browser)
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
  })
  await page.click(talkButton)
  const notice = page.getByRole('alert')
  await notice.filter({ hasText: 'The microphone is blocked' }).waitFor()
  await notice.getByRole('button', { name: 'Write instead' }).click()
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'text')
})

test('a missing microphone is named', { skip }, async (t) => {
  const { page } = await visit(t, browser)
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))
  })
  await page.click(talkButton)
  await page.getByRole('alert').filter({ hasText: 'No microphone was found' }).waitFor()
  assert.equal(await page.getByRole('status').textContent(), 'Press to talk')
})

test('a connection that breaks is told and taken up again, and the microphone goes on', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page, server } = visited
  const line = await talking(visited)
  const gone = new AbortController()
  const speaking = line.speak('One two three four five six seven eight.', 8000, gone.signal)
  await page.locator('.line').filter({ hasText: 'One two' }).waitFor()
  const connected = server.line()
  line.socket.terminate()
  gone.abort()
  await activity(page, 'Reconnecting')
  const next = await connected
  assert.equal(next.request.url, '/v1/ws?token=parley_rt_1')
  assert.equal((await next.heard('session.resume')).session_id, 'sess_1')
  next.ready()
  await activity(page, 'Listening')
  await next.heard('input.audio')
  await speaking
  assert.match((await transcript(page))[0] ?? '', /^Parley guide: One two.* —$/)
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('a conversation that cannot be taken up again is told, and the page can be used again', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page, server } = visited
  const line = await talking(visited)
  const connected = server.line()
  line.socket.terminate()
  const next = await connected
  await next.heard('session.resume')
  next.say('session.error', { code: 'session_not_found', message: 'gone', param: 'session_id', session_id: null })
  next.socket.close(1008)
  await page.getByRole('alert').filter({ hasText: 'The connection was lost' }).waitFor()
  await talking(visited)
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('an agent that was deleted meanwhile is told', { skip }, async (t) => {
  const { page, server } = await visit(t, browser)
  const connected = server.line()
  await page.click(talkButton)
  const line = await connected
  line.say('session.error', { code: 'agent_not_found', message: 'Agent not found', param: 'agent_id' })
  await page.getByRole('alert').filter({ hasText: 'This agent is gone' }).waitFor()
})

test('the button ends the session and says so to the server', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  await page.click(talkButton)
  await line.heard('session.end')
  line.say('session.ended', { session_duration_seconds: 1, audio_duration_seconds: 1 })
  await activity(page, 'Press to talk')
})

test('leaving the page ends the session', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  await page.goto('about:blank')
  await line.heard('session.end')
})
