// A session on a telephone: keys in, secrets nowhere but in the tool, and a line that learns how it ended.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conversation, KeypadArgument } from '@parley/conversation'
import { defaultConfig, type Encoding } from '@parley/protocol'
import type { LlmRequest } from '../../dist/engines/engine.js'
import { Session, type StoredAgent } from '../../dist/session/session.js'
import type { ToolRun } from '../../dist/tools/tool.js'
import { virtualSession } from '../helpers/virtual-session.js'

const SECRET = '4111'

const card: KeypadArgument = {
  tool: 'pay',
  argument: 'card',
  prompt: 'Enter your card.',
  least: 4,
  most: 4,
  terminator: '#',
  within: 3_000,
  sensitive: true,
  confirm: false,
  escapes: true,
}

const paying = (asked: readonly KeypadArgument[], runs: ToolRun[], encoding: Encoding = 'audio/pcmu'): StoredAgent => ({
  config: {
    ...defaultConfig,
    input: { ...defaultConfig.input, format: { encoding, sample_rate: 8_000 } },
    tools: [
      {
        type: 'function',
        name: 'pay',
        description: '',
        parameters: {
          type: 'object',
          properties: { card: { type: 'string', pattern: '[0-8]+' }, cents: { type: 'integer', maximum: 5000 } },
          required: ['card'],
          not: { properties: { card: { const: '0000' } }, required: ['card'] },
        },
        timeout_seconds: 5,
        execution_mode: 'interactive',
        http: null,
        response_instructions: null,
      },
    ],
  },
  tools: {
    names: ['pay'],
    async run(order) {
      runs.push(order)
      return { result: `Paid with ${String(order.arguments.card)}.`, isError: false }
    },
    close: async () => {},
  },
  telephony: { keypad: asked, transferTargets: [{ name: 'sales', description: '' }] },
})

/** Calls once, then says what it was told of it. */
async function* callsOnce({ messages }: LlmRequest) {
  const result = messages.findLast(({ role }) => role === 'tool')
  if (result) yield { type: 'wrote', text: result.content } as const
  else yield { type: 'called', callId: 'c1', name: 'pay', arguments: '{}' } as const
}

async function called(asked: readonly KeypadArgument[], encoding?: Encoding) {
  const runs: ToolRun[] = []
  const heard: Uint8Array[] = []
  const followed: string[] = []
  const call = virtualSession({ agents: { agent_1: paying(asked, runs, encoding) }, llm: callsOnce }, [
    {
      heard: (bytes) => void heard.push(bytes.slice()),
      stepped: (...step) => void followed.push(JSON.stringify(step)),
    },
  ])
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(100)
  call.session.dispatch({ type: 'client.askedReply' })
  await call.clock.to(200)
  const press = (keys: string) => [...keys].forEach((key) => void call.session.press(key))
  return { ...call, runs, heard, followed, press }
}

test('secret digits reach the tool and nobody else', async () => {
  const { press, clock, runs, followed, sent, requests, logged } = await called([
    card,
    { ...card, argument: 'cents', sensitive: false, least: 1 },
  ])
  press(SECRET)
  await clock.to(3_000)
  press('250#')
  await clock.to(10_000)
  assert.deepEqual(
    runs.map((run) => run.arguments),
    [{ card: SECRET, cents: 250 }],
  )
  for (const [where, text] of Object.entries({
    followers: followed.join(),
    'the line': JSON.stringify(sent),
    'the model': JSON.stringify(requests),
    'the log': JSON.stringify(logged),
  }))
    assert.ok(!text.includes(SECRET), `found with ${where}`)
  assert.ok(followed.join().includes('250'))
  assert.ok(JSON.stringify(requests.at(-1)).includes('Paid with [hidden].'))
})

test('digits that break a rule of the argument are asked for again, and a whole that is broken is not run', async () => {
  const wrong = await called([card])
  wrong.press('9999')
  await wrong.clock.to(400)
  await wrong.clock.to(4_000)
  assert.match(wrong.followed.join(), /"text":"That cannot be right. /)
  wrong.press('0000')
  await wrong.clock.to(10_000)
  assert.equal(wrong.runs.length, 0)
  assert.match(JSON.stringify(wrong.requests.at(-1)), /The call was not made. The arguments must not have this form/)
})

for (const [encoding, silent] of [
  ['audio/pcmu', 0xff],
  ['audio/pcma', 0xd5],
  ['audio/pcm', 0],
] as const)
  test(`while a secret is entered nobody hears the caller (${encoding})`, async () => {
    const { session, press, clock, heard } = await called([card], encoding)
    const sound = new Uint8Array(160).fill(0x55)
    session.hear(sound)
    press(SECRET)
    session.hear(sound.subarray(0, 80))
    await clock.to(2_000)
    session.hear(sound)
    assert.deepEqual(heard, [new Uint8Array(160).fill(silent), new Uint8Array(80).fill(silent), sound])
    assert.ok(
      sound.every((byte) => byte === 0x55),
      'what is not the session’s own is left as it is',
    )
  })

test('the rest of a secret that was being entered as the server died is told to nobody', async () => {
  let latest: Conversation | undefined
  const dying = virtualSession({ agents: { agent_1: paying([card], []) }, llm: callsOnce }, [
    {
      stepped(_event, _effects, conversation) {
        latest = conversation
      },
    },
  ])
  const { clock, ports, engines, line } = dying
  dying.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await clock.to(100)
  dying.session.dispatch({ type: 'client.askedReply' })
  await clock.to(200)
  dying.session.press('4')
  await clock.to(300)
  assert.ok(latest?.phase === 'live' && latest.entry?.stage === 'pressing')
  const stored = { conversation: latest, agentId: 'agent_1', audioHeardMs: 0, history: undefined, lostAt: 300 }
  const followed: string[] = []
  const observers = [{ stepped: (...step: unknown[]) => void followed.push(JSON.stringify(step)) }]
  dying.session.suspend()
  const revived = Session.revive({ ...ports, observers }, stored, paying([card], []), engines)
  assert.ok(revived.attach(line))
  for (const key of SECRET.slice(1)) revived.press(key)
  await clock.to(20_000)
  assert.ok(!followed.join().includes('keypad.pressed'))
  for (const key of '7#') revived.press(key)
  await clock.to(30_000)
  assert.ok(followed.join().includes('The caller pressed 7 # on the keypad'))
})

test('keys that nobody asked for are answered', async () => {
  const { press, clock, requests } = await called([])
  await clock.to(5_000)
  press('12')
  await clock.to(8_000)
  assert.match(JSON.stringify(requests.at(-1)?.messages), /The caller pressed 1 2 on the keypad/)
})

test('keys before the session is ready, and after its end, do nothing', async () => {
  const call = virtualSession()
  call.session.press('1')
  assert.equal(call.clock.pending, 1, 'but the wait for the first message')
  const { session, clock, press } = await called([card])
  press('4')
  session.dispatch({ type: 'client.ended' })
  press('1')
  await clock.to(20_000)
  assert.equal(clock.pending, 0)
})

test('who follows the session learns with whom the caller goes on', async () => {
  const goesOnWith: (string | undefined)[] = []
  const call = virtualSession(
    {
      agents: { agent_1: paying([], []) },
      async *llm() {
        yield { type: 'called', callId: 'c1', name: 'aai_transfer_call', arguments: '{"target":"sales"}' }
      },
    },
    [
      {
        stepped(_event, effects) {
          for (const effect of effects) if (effect.type === 'end') goesOnWith.push(effect.transfer)
        },
      },
    ],
  )
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(100)
  call.session.dispatch({ type: 'client.askedReply' })
  await call.clock.to(20_000)
  assert.deepEqual(goesOnWith, ['sales'])
  assert.deepEqual([call.over(), call.closed()], ['transferred', { code: 1000, reason: 'transferred' }])
})
