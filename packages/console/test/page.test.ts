// Everything around the conversation: agents, voices, keys, the keyboard, a phone's width.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { noBrowser, openPage, silence, startBrowser } from './browser.js'
import { guide, PageServer } from './scripted-server.js'
import { activity, talkButton, talking, visit } from './visit.js'

let browser: Browser
const skip = noBrowser ?? false

before(async () => {
  if (!noBrowser) browser = await startBrowser(silence(60))
})
after(() => browser?.close())

test('a page over plain http from elsewhere says what is wrong with that', { skip }, async (t) => {
  const server = await PageServer.start()
  t.after(() => server.close())
  server.agents = [guide]
  const { port } = new URL(server.url)
  const flags = ['--host-resolver-rules=MAP voice.example.com 127.0.0.1']
  const elsewhere = await startBrowser(silence(1), flags)
  t.after(() => elsewhere.close())
  const page = await openPage(await elsewhere.newContext(), `http://voice.example.com:${port}`)
  await page.click(talkButton)
  await page.getByRole('alert').filter({ hasText: 'This page is not secure' }).waitFor()
})

test('everything can be done with the keyboard', { skip }, async (t) => {
  const { page, server } = await visit(t, browser)
  await page.locator(talkButton).waitFor()
  const order: string[] = []
  for (let press = 0; press < 6; press++) {
    await page.keyboard.press('Tab')
    order.push(
      await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '',
      ),
    )
  }
  assert.deepEqual(order, ['Parley guide', 'Edit', 'New agent', 'Talk', '', 'Send'])
  const connected = server.line()
  await page.locator('.talk').focus()
  await page.keyboard.press('Space')
  const line = await connected
  await line.accept()
  await activity(page, 'Listening')
  await page.keyboard.press('Escape')
  await line.heard('session.end')
})

test('screen readers are told the state and whole turns, not each word', { skip }, async (t) => {
  const visited = await visit(t, browser)
  const { page } = visited
  const line = await talking(visited)
  const log = page.getByRole('log')
  const speaking = line.speak('One two three.', 900)
  await page.locator('.line').filter({ hasText: 'One' }).waitFor()
  assert.equal(await log.textContent(), '')
  await speaking
  await log.filter({ hasText: 'Parley guide: One two three.' }).waitFor()
})

test('an agent is made, changed and deleted', { skip }, async (t) => {
  const { page, server } = await visit(t, browser)
  await page.getByRole('button', { name: 'New agent' }).click()
  await page.getByLabel('Name').fill('Reception')
  await page.getByLabel('Prompt').fill('You answer the phone.')
  await page.getByLabel('Greeting').fill('')
  await page.getByLabel('Voice').selectOption('paul')
  await page.getByText('Lovely weather, is it not?').waitFor()
  await page.getByRole('button', { name: 'Make agent' }).click()
  await page.getByRole('heading', { name: 'Reception' }).waitFor()
  const { id, ...made } = server.agents[0] ?? guide
  assert.deepEqual(made, {
    name: 'Reception',
    system_prompt: 'You answer the phone.',
    greeting: null,
    voice: { voice_id: 'paul' },
  })
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByLabel('Name').fill('Front desk')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Front desk' }).waitFor()
  assert.deepEqual(
    server.agents.map((agent) => [agent.id, agent.name]),
    [
      [id, 'Front desk'],
      ['agent_guide', 'Parley guide'],
    ],
  )
  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('button', { name: 'Delete' }).click()
  assert.equal(server.agents.length, 2)
  await page.getByRole('button', { name: 'Really delete Front desk?' }).click()
  await page.getByRole('heading', { name: 'Parley guide' }).waitFor()
  assert.equal(server.agents.length, 1)
})

test('the agent that was used last is there again on the next visit', { skip }, async (t) => {
  const other = { ...guide, id: 'agent_other', name: 'Other' }
  const { page } = await visit(t, browser, {
    prepare: (server) => {
      server.agents = [guide, other]
    },
  })
  await page.getByLabel('Agent').selectOption('agent_other')
  await page.getByRole('heading', { name: 'Other' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Other' }).waitFor()
})

test('a voice can be heard before it is chosen', { skip }, async (t) => {
  const { page, server } = await visit(t, browser)
  await page.getByRole('button', { name: 'New agent' }).click()
  const connected = server.line()
  await page.getByRole('button', { name: 'Listen' }).click()
  const line = await connected
  const { session } = await line.heard('session.update')
  assert.deepEqual([session?.greeting, session?.output], ['Good morning, how may I help you?', { voice: 'alba' }])
  await line.accept()
  await line.speak('Good morning, how may I help you?', 300)
  await line.heard('session.end')
  line.say('session.ended', { session_duration_seconds: 1, audio_duration_seconds: null })
  await page.getByRole('button', { name: 'Listen' }).waitFor()
})

test('it is said plainly that the built-in rules are no language model', { skip }, async (t) => {
  const { page } = await visit(t, browser)
  await page.getByText('not a language model').first().waitFor()
  await page.getByText('All engines in use').click()
  for (const name of ['silero', 'moonshine', 'flite'])
    await page.getByRole('contentinfo').getByText(name, { exact: true }).waitFor()
})

test('where a key is needed the page asks, keeps it out of every address, and asks again when it is refused', {
  skip,
}, async (t) => {
  const { page, server } = await visit(t, browser, {
    prepare: (prepared) => {
      prepared.keyless = false
    },
  })
  await page.getByLabel('API key').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'The key was refused' }).waitFor()
  await page.getByLabel('API key').fill(server.key)
  await page.keyboard.press('Enter')
  await page.locator(talkButton).waitFor()
  await page.reload()
  const connected = server.line()
  await page.click(talkButton)
  assert.equal((await connected).request.url, '/v1/ws?token=one-session')
  assert.ok(server.asked.every(({ line, console }) => !line.includes(server.key) && console === undefined))
})

test('on a phone nothing is cut off or needs to be scrolled sideways', { skip }, async (t) => {
  const visited = await visit(t, browser, { width: 360, height: 740 })
  const { page } = visited
  const line = await talking(visited)
  line.userSaid('a-very-long-word-that-goes-on-and-on-without-any-place-to-break-it-into-lines')
  await line.speak('Fine.', 200)
  await activity(page, 'Listening')
  const width = () => page.evaluate(() => document.documentElement.scrollWidth)
  assert.equal(await width(), 360)
  for (const target of await page.locator('button:visible, select:visible').all()) {
    const box = await target.boundingBox()
    assert.ok(box && box.height >= 40 && box.x >= 0 && box.x + box.width <= 360, (await target.textContent()) ?? '')
  }
  await page.click(talkButton)
  line.say('session.ended', { session_duration_seconds: 1, audio_duration_seconds: 1 })
  await page.getByRole('button', { name: 'Edit' }).click()
  assert.equal(await width(), 360)
})
