// Tools on the telephone: slow ones, and those whose arguments callers press on the keypad.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Call, Stream } from '@parley/conformance/phone'
import type { Script } from '../engines/openai-server.js'
import { listen } from '../history/listen.js'
import { type WebServer, webServer } from '../net/web-server.js'
import { utterance } from './ear.js'
import { assertSameWords, messagesOf, says, Telephone } from './telephone.js'

let telephone: Telephone
let web: WebServer
before(async () => {
  web = await webServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://x')
    setTimeout(() => response.end('{"state":"good"}'), pathname === '/slow' ? 1200 : 0)
  })
  telephone = await Telephone.start()
})
after(async () => {
  await telephone.close()
  await web.close()
})

const tool = (name: string, path: string, more: object = {}) => ({
  ...{ name, description: 'Looks it up.', http: { url: web.url + path, http_method: 'POST', headers: [] } },
  ...more,
})

/** The model calls the tool once, and says this when the result is there. */
const callsThen =
  (name: string, words: string): Script =>
  (request, count) =>
    messagesOf(request).some(({ role }) => role === 'tool')
      ? says(words)(request, count)
      : request.answer.calls(0, `call_${count}`, name).done('tool_calls')

async function connected(): Promise<{ readonly call: Call; readonly line: Stream }> {
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Good morning.')
  return { call, line }
}

async function hungUp(call: Call): Promise<void> {
  await telephone.twilio.wait(300)
  call.hangUp()
  await call.ended
}

test('a slow tool is waited for, and its result is told', async () => {
  await telephone.agent({ tools: [tool('look_up', '/slow')] }, ['Is my bread ready?'])
  telephone.answer = callsThen('look_up', 'Your bread is ready.')
  const { call, line } = await connected()
  line.say(utterance(900))
  await telephone.hears(line, 'Your bread is ready.')
  await hungUp(call)
  const { turns } = await telephone.kept(call)
  assertSameWords(turns, line)
  const calls = turns.flatMap(({ tool_calls = [] }) => tool_calls)
  assert.deepEqual(
    calls.map(({ name, result, is_error }) => [name, result, is_error]),
    [['look_up', '{"state":"good"}', false]],
  )
  assert.ok((calls[0]?.duration_ms ?? 0) >= 1100)
})

test('keys that nobody asked for are told to the model, and answered', async () => {
  await telephone.agent()
  telephone.answer = (request, count) => {
    const isTold = messagesOf(request).some(
      ({ role, content }) => role !== 'assistant' && /\b4 ?2\b/.test(String(content)),
    )
    return says(isTold ? 'That is the answer.' : 'I did not get that.')(request, count)
  }
  const { call, line } = await connected()
  for (const key of '42') line.press(key)
  await telephone.hears(line, 'That is the answer.')
  await hungUp(call)
  assertSameWords((await telephone.kept(call)).turns, line)
})

const entry = (sensitive: boolean) => ({
  parameters: { type: 'object', properties: { card: { type: 'string' } }, required: ['card'] },
  dtmf_collected_arguments: [
    { parameter_name: 'card', min_digits: 4, max_digits: 16, sensitive, prompt: 'Please enter your card number.' },
  ],
})

test('digits that are asked for become an argument of the tool', async () => {
  await telephone.agent({ tools: [tool('check', '/card', entry(false))] }, ['Check my card.'])
  telephone.answer = callsThen('check', 'Your card is good.')
  const { call, line } = await connected()
  line.say(utterance(900))
  await telephone.hears(line, 'Please enter your card number.')
  for (const key of '55663#') line.press(key)
  await telephone.hears(line, 'Your card is good.')
  await hungUp(call)
  assert.deepEqual(JSON.parse(web.received.at(-1)?.body ?? ''), { card: '55663' })
  assertSameWords((await telephone.kept(call)).turns, line)
})

test('sensitive digits reach the tool, and nothing else: searched for in every place there is', async () => {
  const digits = '9182736450'
  const earlier = telephone.model.requests.length
  await telephone.agent({ tools: [tool('check', '/card', entry(true))] }, ['Check my card.'])
  telephone.answer = callsThen('check', 'Your card is good.')
  const { call, line } = await connected()
  const speech = line.say(utterance(900))
  await telephone.hears(line, 'Please enter your card number.')
  await telephone.twilio.wait(300)
  const pressed = performance.now()
  // telephones send the tones of the keys as sound, too
  line.say(utterance(1200, 697))
  for (const key of digits) line.press(key)
  await telephone.twilio.wait(1000)
  const ends = performance.now()
  line.press('#')
  await telephone.hears(line, 'Your card is good.')
  await hungUp(call)
  assert.deepEqual(JSON.parse(web.received.at(-1)?.body ?? ''), { card: digits })

  const { record, timeline, turns } = await telephone.kept(call)
  assertSameWords(turns, line)
  const places: Readonly<Record<string, string>> = {
    record: JSON.stringify(record),
    timeline: JSON.stringify(timeline),
    calls: JSON.stringify(await telephone.ask('GET', '/v1/calls')),
    model: JSON.stringify(telephone.model.requests.slice(earlier).map(({ body }) => body)),
    log: telephone.log.join('\n'),
  }
  for (const [place, text] of Object.entries(places))
    assert.ok(!text.includes(digits), `the digits are in the ${place}`)
  assert.ok(telephone.log.length > 5, 'nothing was logged')
  assert.deepEqual(filesWith(digits, telephone.server.folder), [])
  assert.ok(places.model?.includes('"role":"tool"'), 'the model was told of the result')

  const audio = record.artifacts.find(({ type }) => type === 'audio')
  assert.ok(audio)
  const heard = await decoded(telephone.local(audio.url))
  /** From the time of this process to that of the recording. */
  const at = (moment: number) => moment + performance.timeOrigin - timeline.started_at_unix_ms
  const asked = at(line.begunAt + speech.begins)
  assert.ok(heard.level('user', asked + 200, asked + 700) > 0.05, 'the question is not in the recording')
  assert.ok(heard.level('user', at(pressed), at(ends)) < 0.01, 'the tones of the keys are in the recording')
})

async function decoded(url: string) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-call-'))
  try {
    const path = join(folder, 'audio.ogg')
    writeFileSync(path, Buffer.from(await (await fetch(url)).arrayBuffer()))
    return await listen(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The files below a folder, the database among them, that have this text in them. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name)
    return statSync(path).isFile() && readFileSync(path).includes(text)
  })
}
