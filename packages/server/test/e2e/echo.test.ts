// The settings of a session as they come back, to the letter, and what else may be corrected or refused
// (checklist 31-34, 42-44, 176, 177).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Frame } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(() => server.close())

/** What a session of these settings is told of them. */
async function echoOf(session: object): Promise<Record<string, unknown>> {
  const peer = await visitors.ready(session)
  // the frame passes its schema in the last test
  const config = peer.of('session.ready')[0]!.config as Record<string, unknown>
  await peer.end()
  return config
}

/** The error with which these settings are refused, and nothing after it but the end. */
async function refusal(session: object): Promise<Frame> {
  const peer = await visitors.begun(session)
  assert.equal((await peer.closed).code, 1008)
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.error'],
  )
  return peer.frames[0]!
}

/** The error of settings that may be corrected: the corrected ones open the session. */
async function objection(session: object): Promise<Frame> {
  const peer = await visitors.begun(session)
  const error = await peer.first('session.error')
  peer.send({ type: 'session.update', session: {} })
  await peer.first('session.ready')
  await peer.end()
  return error
}

const malformed = { code: 'invalid_format', message: "Invalid message format for type 'session.update'" }
const partOf = ({ code, message, param }: Frame) => ({ code, message, ...(param !== undefined && { param }) })

test('the settings come back whole: every key in its place, null where nothing was set (31, 32, 33, 34)', async () => {
  const config = await echoOf({
    system_prompt: 'Be brief.',
    greeting: 'Hi.',
    output: { type: 'text' },
    tools: [{ type: 'function', name: 'get_weather', description: 'Tells the weather.' }],
  })
  assert.equal(
    JSON.stringify({ ...config, id: 'sess_0' }),
    '{"id":"sess_0","system_prompt":"Be brief.","greeting":"Hi.",' +
      '"input":{"type":"audio","format":{"encoding":"audio/pcm","sample_rate":24000},"turn_detection":null,' +
      '"keyterms":null,"transcription_mode":null,"continuous_partials":null,"transcription_prompt":null,' +
      '"language_codes":null,"voice_focus":null,"voice_focus_threshold":null},' +
      '"output":{"type":"text","voice":"alba","format":{"encoding":"audio/pcm","sample_rate":24000},"volume":null},' +
      '"tools":[{"type":"function","name":"get_weather","description":"Tells the weather.",' +
      '"parameters":{"type":"object","properties":{},"required":[]},"timeout_seconds":120,' +
      '"execution_mode":"interactive","http":null,"response_instructions":null,"deployment_id":null,' +
      '"session_update":null,"image_tag":null}],"llm":[],"pre_connect_requests":[]}',
  )
})

test('turn detection comes back with its defaults filled in (32)', async () => {
  const { input } = await echoOf({ input: { turn_detection: {} } })
  assert.equal(
    JSON.stringify((input as Record<string, unknown>).turn_detection),
    '{"type":null,"vad_threshold":0.5,"min_silence":1000,"max_silence":3000,"interrupt_response":true,' +
      '"interruption_delay":null,"uninterruptible_turns":[]}',
  )
})

test('each encoding comes back with its rate, whether or not it was sent (33, 177)', async () => {
  for (const [encoding, rate] of [
    ['audio/pcm', 24_000],
    ['audio/pcmu', 8_000],
    ['audio/pcma', 8_000],
  ] as const)
    for (const format of [{ encoding }, { encoding, sample_rate: rate }]) {
      const { input, output } = await echoOf({ input: { format }, output: { format } })
      for (const side of [input, output])
        assert.deepEqual((side as Record<string, unknown>).format, { encoding, sample_rate: rate })
    }
})

test('a wrong form may be corrected: greeting null, an unknown key, a wrong type (42, 43)', async () => {
  for (const session of [{ greeting: null }, { temperature: 1 }, { system_prompt: 5 }, { input: { keyterms: 'x' } }])
    assert.deepEqual(partOf(await objection(session)), malformed)
})

test('the update of the command line program is accepted: output without type or format (44)', async () => {
  const peer = await visitors.ready({ system_prompt: 'Be brief.', greeting: 'Hi', output: { voice: 'ivy' } })
  assert.equal((await peer.first('transcript.agent')).text, 'Hi')
  await peer.end()
})

test('a format that is no object, and an encoding that is none, are refused by their place (176)', async () => {
  for (const side of ['input', 'output']) {
    assert.deepEqual(partOf(await refusal({ [side]: { format: 'pcm16' } })), {
      code: 'invalid_value',
      message: 'Audio format must be a JSON object',
      param: 'format',
    })
    const { code, param } = await refusal({ [side]: { format: { encoding: 'audio/opus' } } })
    assert.deepEqual([code, param], ['invalid_value', `${side}.format.encoding`])
  }
})

test('every frame of every session above has the documented form (30, 64-66, 69)', () => visitors.assertConform())
