// The example of a web page with a voice, run as its reader would run it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { noBrowser, openPage, silence, speakerReports, startBrowser } from './browser.js'
import { PageServer } from './scripted-server.js'

const example = fileURLToPath(new URL('../../../examples/browser/server.mjs', import.meta.url))
const skip = noBrowser ?? false

/** Starts the example against `parley`; resolves with the address that it prints. */
async function startExample(t: TestContext, parley: PageServer, key: string): Promise<string> {
  const environment = { PATH: process.env.PATH, PORT: '0', PARLEY_URL: parley.url, PARLEY_API_KEY: key }
  const server = spawn(process.execPath, [example], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => server.kill())
  const [line] = await once(createInterface(server.stdout), 'line')
  return String(line).replace('Open ', '')
}

async function visitExample(t: TestContext, key: string) {
  const parley = await PageServer.start()
  t.after(() => parley.close())
  parley.keyless = false
  const browser = await startBrowser(silence(30))
  t.after(() => browser.close())
  const page = await openPage(
    await browser.newContext({ permissions: ['microphone'] }),
    await startExample(t, parley, key),
  )
  page.setDefaultTimeout(10_000)
  return { parley, page }
}

test('the example holds a conversation, and its key stays on its server', { skip }, async (t) => {
  const { parley, page } = await visitExample(t, 'the-right-key')
  const connected = parley.line()
  await page.getByRole('button', { name: 'Talk' }).click()
  const line = await connected
  assert.equal(line.request.url, '/v1/ws?token=one-session')
  assert.deepEqual(parley.asked, [{ line: 'POST /v1/tokens', key: 'the-right-key', console: undefined }])
  assert.equal((await line.heard('session.update')).session?.greeting, 'Hello! How are you?')
  await line.accept()
  await line.heard('input.audio')
  await line.speak('Hello! How are you?', 400)
  await page.getByText('Agent: Hello! How are you?').waitFor()
  assert.ok((await speakerReports(page)).some(({ level = 0 }) => level > 0.3))
  await page.getByRole('button', { name: 'End' }).click()
  await line.heard('session.end')
  line.say('session.ended', { session_duration_seconds: 1, audio_duration_seconds: 1 })
  await page.getByRole('button', { name: 'Talk' }).waitFor()
})

test('the example says why a conversation broke off', { skip }, async (t) => {
  const { parley, page } = await visitExample(t, 'the-right-key')
  const connected = parley.line()
  await page.getByRole('button', { name: 'Talk' }).click()
  const line = await connected
  await line.accept()
  await page.getByRole('status').filter({ hasText: 'listening' }).waitFor()
  const again = parley.line()
  line.socket.terminate()
  await page.getByRole('status').filter({ hasText: 'reconnecting' }).waitFor()
  const second = await again
  assert.equal((await second.heard('session.resume')).session_id, 'sess_1')
  second.say('session.error', { code: 'session_not_found', message: 'No such session.', param: 'session_id' })
  second.socket.close(1008)
  await page.getByText('No such session.').waitFor()
  await page.getByRole('button', { name: 'Talk' }).waitFor()
})

test('the example says so when it is given no token', { skip }, async (t) => {
  const { page } = await visitExample(t, 'wrong')
  await page.getByRole('button', { name: 'Talk' }).click()
  await page.getByText('No token was given.').waitFor()
  await page.getByRole('button', { name: 'Talk' }).waitFor()
})

test('in a browser a key is exchanged for a token, and no address holds it', { skip }, async (t) => {
  const { parley, page } = await visitExample(t, 'the-right-key')
  const asked: (string | undefined)[] = []
  await page.route('**/v1/tokens', async (route) => {
    asked.push(
      await route
        .request()
        .headerValue('authorization')
        .then((value) => value ?? undefined),
    )
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type',
    }
    await route.fulfill({ json: { token: 'exchanged', expires_at: '' }, headers })
  })
  const connected = parley.line()
  await page.evaluate(async (url) => {
    const module = '/client/index.js'
    const { connect } = await import(module)
    connect({ url, key: 'the-right-key', agentId: 'agent_guide' })
  }, parley.url)
  assert.equal((await connected).request.url, '/v1/ws?token=exchanged')
  assert.ok(asked.includes('Bearer the-right-key'))
})
