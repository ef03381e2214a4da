// The programs in docs/webhooks.md, run against signatures of the server.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { WebhookSessionEvent } from '@parley/protocol'
import { WAITS_MS } from '../../dist/webhooks/schedule.js'
import { signatureHeaders } from '../../dist/webhooks/signature.js'

const page = readFileSync(new URL('../../../../docs/webhooks.md', import.meta.url), 'utf8')
const program = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]+?)\`\`\``).exec(page)![1]!

const secret = 'a-secret-of-more-than-32-characters!'
const body = '{"name":"Zoë"}'
const header = (unixSeconds: number) => signatureHeaders('evt_1', unixSeconds, body, { secret })['x-aai-signature']!
const now = Math.floor(Date.now() / 1000)
/** Body, header, secret, and whether it is to be accepted. */
const cases = [
  [body, header(now), secret, true],
  [`${body} `, header(now), secret, false],
  [body, header(now), `${secret}!`, false],
  [body, header(now - 600), secret, false],
  [body, header(now + 600), secret, false],
  [body, '', secret, false],
] as const

test('the Node program of the page accepts what is genuine, and nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-docs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'receiver.mjs')
  writeFileSync(file, program('js'))
  const { isGenuine } = await import(pathToFileURL(file).href)
  for (const [text, signature, key, expected] of cases)
    assert.equal(isGenuine(Buffer.from(text), signature, key), expected, signature)
})

test('the Python program of the page accepts what is genuine, and nothing else', (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) return t.skip('There is no python3 on this machine.')
  const calls = cases.map(([text, signature, key]) => [Buffer.from(text).toString('base64'), signature, key])
  const driver = `${program('python')}
import base64, json, sys
print(json.dumps([is_genuine(base64.b64decode(b), h, s) for b, h, s in json.load(sys.stdin)]))`
  const printed = execFileSync('python3', ['-c', driver], { input: JSON.stringify(calls), encoding: 'utf8' })
  assert.deepEqual(
    JSON.parse(printed),
    cases.map(([, , , expected]) => expected),
  )
})

test('the body that the page shows is one of the server', () => {
  const shown = JSON.parse(program('json'))
  assert.deepEqual(WebhookSessionEvent.parse(shown), shown)
})

test('the page names every wait', () => {
  const words = ['10 seconds', '1 minute', '5 minutes', '30 minutes', '2', '6', '15 hours']
  const unitMs = { second: 1000, minute: 60_000, hour: 3_600_000 }
  const inMs = words.map((word) => {
    const [amount, unit = 'hours'] = word.split(' ')
    return Number(amount) * unitMs[unit.replace(/s$/, '') as keyof typeof unitMs] // the units are those above
  })
  assert.deepEqual(inMs, [...WAITS_MS])
  assert.ok(page.replaceAll('\n', ' ').includes('after 10 seconds, 1 minute, 5 minutes, 30 minutes, 2, 6 and 15 hours'))
})
