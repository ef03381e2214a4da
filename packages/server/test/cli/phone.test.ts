// `parley call`, `calls`, `numbers` and `twilio`, against a real server and a stand-in of Twilio's API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { examinePhone } from '../../dist/cli/doctor/phone.js'
import { readConfig } from '../../dist/config.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { authToken, ours, publicUrl, twilioSettings, twilioSignature } from '../phone/office.js'
import { startTwilioApi, type TwilioApi } from '../phone/twilio-api.js'
import { parleyHere } from './parley.js'

let api: TwilioApi
let server: TestServer
let agent: string
let environment: Readonly<Record<string, string>>

before(async () => {
  api = await startTwilioApi()
  environment = { ...twilioSettings, PARLEY_TWILIO_API_URL: api.url, PARLEY_CALL_DESTINATIONS: '+49' }
  server = await startTestServer(environment)
  agent = (await asked(['agents', 'create', '--prompt', 'You call people.'])).stdout.trim()
})
after(async () => {
  await server.close()
  await api.close()
})

const asked = async (args: readonly string[]) => {
  const ran = await parleyHere([...args, '--url', server.url, `--key=${server.key}`])
  assert.ok(!(ran.stdout + ran.stderr).includes(authToken))
  return ran
}

test('a number is assigned, listed, given to nobody and given up', async () => {
  assert.match((await asked(['numbers', 'list'])).stdout, /no numbers yet/)
  const assigned = await asked(['numbers', 'assign', '+1 (555) 0100', '--agent', agent])
  assert.deepEqual([assigned.code, assigned.stdout], [0, `${ours} is answered by ${agent}.\n`])
  assert.match((await asked(['numbers', 'list'])).stdout, new RegExp(`\\${ours} {2}${agent} {2}since 2`))
  assert.equal((await asked(['numbers', 'unassign', ours])).stdout, `${ours} is answered by nobody.\n`)
  assert.match((await asked(['numbers', 'list'])).stdout, /nobody/)
  assert.equal((await asked(['numbers', 'unassign', ours, '--delete'])).stdout, `${ours} is given up.\n`)
  const gone = await asked(['numbers', 'unassign', ours])
  assert.deepEqual([gone.code, /`parley numbers list`/.test(gone.stderr)], [5, true])
  assert.equal((await asked(['numbers', 'assign', '0555', '--agent', agent])).code, 2)
})

test('a call is made, listed, shown and hung up', async () => {
  await asked(['numbers', 'assign', ours, '--agent', agent])
  const made = await asked([
    'call',
    '+49 30 123456',
    '--variable',
    'order=4711',
    '--variable',
    'name=a=b',
    '--ring',
    '20',
  ])
  const id = made.stdout.trim()
  assert.deepEqual([made.code, /^call_[0-9a-f]{32}$/.test(id)], [0, true], made.stderr)
  assert.deepEqual([api.asked.at(-1)?.form.get('To'), api.asked.at(-1)?.form.get('Timeout')], ['+4930123456', '20'])
  assert.match(
    (await asked(['calls', 'list', '--status', 'dialing'])).stdout,
    new RegExp(`${id} .*to \\+4930123456  dialing`),
  )
  assert.match(
    (await asked(['calls', 'show', id])).stdout,
    new RegExp(`From +\\${ours}\n.*To +\\+4930123456\n.*Agent +${agent}`),
  )
  assert.equal((await asked(['calls', 'hang-up', id])).stdout, `Hung up ${id}.\n`)
  const shown = JSON.parse((await asked(['calls', 'show', id, '--json'])).stdout)
  assert.deepEqual([shown.status, shown.reason], ['ended', 'hung_up_by_api'])
})

test('a call is followed until it is over, and fails where nobody answers', async () => {
  const following = asked(['call', '+4930123456', '--follow', '--no-machine-detection'])
  const count = api.asked.length
  await server.until(() => api.asked.length > count, 20_000)
  const url = api.asked.at(-1)?.form.get('StatusCallback') ?? ''
  const listed = JSON.parse((await asked(['calls', 'list', '--status', 'dialing', '--json'])).stdout)
  const fields = { CallSid: listed.calls[0].carrier_call_id ?? '', CallStatus: 'busy' }
  const told = await fetch(url.replace(publicUrl, server.url), {
    method: 'POST',
    headers: { 'x-twilio-signature': twilioSignature(url, fields) },
    body: new URLSearchParams(fields),
  })
  assert.equal(told.status, 204)
  const { code, stderr, stdout } = await following
  assert.deepEqual([code, /The call failed: busy\./.test(stderr), /Status +failed: busy/.test(stdout)], [1, true, true])
  assert.match(stderr, /call_\w+ is dialing\./)
})

test('what cannot be called is told in a sentence', async () => {
  for (const [args, code, says] of [
    [['call', '+15550123'], 1, /does not call \+15550123.*PARLEY_CALL_DESTINATIONS/],
    [['call', '+4930123456', '--from', '+15559999'], 5, /not a phone number of this account.*`parley numbers list`/],
    [['call', '030123456'], 2, /a number with its country/],
    [['call', '+4930123456', '--variable', 'order'], 2, /name=value/],
    [['calls', 'show', 'call_0'], 5, /`parley calls list`/],
  ] as const) {
    const ran = await asked(args)
    assert.deepEqual([ran.code, ran.stdout], [code, ''], ran.stderr)
    assert.match(ran.stderr, says)
  }
  api.refusal = { status: 400, body: { code: 21_210, message: 'Not verified' } }
  const refused = await asked(['call', '+4930123456'])
  api.refusal = undefined
  assert.deepEqual([refused.code, /Twilio refused: Not verified \(error 21210\)/.test(refused.stderr)], [1, true])
})

const voice = `${publicUrl}/v1/twilio/voice`
const theirs = () => ({
  ...{ sid: `PN${'0'.repeat(32)}`, phone_number: ours, voice_url: 'https://demo.example/', voice_method: 'GET' },
  ...{ status_callback: '', status_callback_method: 'POST' },
})
const connect = (args: readonly string[], typed = '', changed: object = {}) =>
  parleyHere(['twilio', 'connect', ours, ...args], {
    environment: { ...environment, ...changed },
    stdin: (async function* () {
      yield Buffer.from(typed)
    })(),
  })

test('a number at Twilio is connected after what would be changed was shown and agreed to', async () => {
  api.numbers.set(ours, theirs())
  for (const typed of ['n\n', '\n', '', 'maybe\n']) {
    const refused = await connect([], typed)
    assert.deepEqual([refused.code, /Nothing was changed/.test(refused.stderr)], [1, true])
    assert.match(refused.stdout, new RegExp(`A call comes in +https://demo.example/ +→ +${voice}\n`))
    assert.match(refused.stdout, /by +GET +→ +POST/)
    assert.match(refused.stdout, new RegExp(`Status of calls +nothing +→ +${publicUrl}/v1/twilio/status`))
  }
  assert.equal(api.numbers.get(ours)?.voice_url, 'https://demo.example/')
  const agreed = await connect([], 'y\n')
  assert.equal(agreed.code, 0, agreed.stderr)
  const { voice_url, voice_method, status_callback } = api.numbers.get(ours) ?? {}
  assert.deepEqual([voice_url, voice_method, status_callback], [voice, 'POST', `${publicUrl}/v1/twilio/status`])
  assert.match((await connect([])).stdout, /is connected to this server already/)
  assert.equal((await connect(['--agent', agent, '--yes'])).code, 0)
  assert.equal(api.numbers.get(ours)?.voice_url, `${voice}?agent_id=${agent}`)
})

test('a number cannot be connected that the account has not, without credentials, or without https', async () => {
  api.numbers.clear()
  const none = await connect(['--yes'])
  assert.deepEqual([none.code, /has no number \+15550100/.test(none.stderr)], [5, true])
  const bare = { TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', PARLEY_CALL_DESTINATIONS: '' }
  assert.match((await connect(['--yes'], '', bare)).stderr, /Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN/)
  assert.match((await connect(['--yes'], '', { PARLEY_PUBLIC_URL: 'http://a.example' })).stderr, /over https/)
})

test('the doctor tells whether carriers can reach the server and accept it', async () => {
  const examined = async (changed: object, asks = false) =>
    (await examinePhone(readConfig({ ...environment, ...changed }).config, asks)).map(({ is, what }) => `${what} ${is}`)
  assert.deepEqual(await examined({}), ['address well', 'twilio untried', 'calls well'])
  assert.deepEqual(await examined({}, true), ['address well', 'twilio well', 'calls well'])
  api.refusal = { status: 401, body: { code: 20_003, message: 'Authenticate' } }
  assert.deepEqual(await examined({}, true), ['address well', 'twilio failed', 'calls well'])
  api.refusal = undefined
  const quiet = { PARLEY_CALL_DESTINATIONS: '' }
  assert.deepEqual(await examined({ ...quiet, PARLEY_PUBLIC_URL: 'http://a.example' }), [
    'address failed',
    'twilio untried',
    'calls untried',
  ])
  assert.deepEqual(await examined({ ...quiet, PARLEY_PUBLIC_URL: '' }), [
    'address failed',
    'twilio untried',
    'calls untried',
  ])
  const without = { ...quiet, TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '' }
  assert.deepEqual(await examined({ ...without, TELNYX_PUBLIC_KEY: '' }), [])
  assert.deepEqual(await examined(without), ['address well', 'calls untried'])
})
