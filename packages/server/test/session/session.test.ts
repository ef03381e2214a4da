import assert from 'node:assert/strict'
import { test } from 'node:test'
import { virtualSession } from '../helpers/virtual-session.js'

const begin = { type: 'client.updated', patch: { system_prompt: 'You tell stories.' }, problems: [] } as const
const greet = { type: 'client.updated', patch: { greeting: 'Hello, how can I help you today?' }, problems: [] } as const

const question = {
  vad: [
    { at: 1000, out: { type: 'started', ago: 100 } },
    { at: 2000, out: { type: 'stopped', ago: 100 } },
  ],
  stt: [
    { at: 1500, out: { type: 'partial', turn: 1, text: 'Tell me' } },
    { at: 2100, out: { type: 'final', turn: 1, text: 'Tell me a story.' } },
  ],
} as const

test('a whole turn, engines and all, in virtual time', async () => {
  const call = virtualSession({
    ...question,
    async *llm(_request, sleep) {
      await sleep(200)
      yield { type: 'wrote', text: 'Once upon a time there was a fox. ' }
      await sleep(100)
      yield { type: 'wrote', text: 'The end.' }
    },
  })
  call.session.dispatch(begin)
  await call.clock.to(12_000)
  const order = [
    'session.updated',
    'session.ready',
    'input.speech.started',
    'transcript.user.delta',
    'input.speech.stopped',
    'transcript.user',
    'reply.started',
  ]
  assert.deepEqual(
    call
      .types()
      .filter((type, index, all) => !(type === 'transcript.user.delta' && all.indexOf(type) !== index))
      .slice(0, order.length),
    order,
  )
  assert.deepEqual(
    call.find('transcript.agent').map(({ event }) => [event.text, event.interrupted]),
    [['Once upon a time there was a fox. The end.', false]],
  )
  assert.equal(call.find('reply.done')[0]?.event.status, 'completed')
  assert.deepEqual(call.requests[0]?.messages, [
    { role: 'system', content: 'You tell stories.' },
    { role: 'user', content: 'Tell me a story.' },
  ])
  const [times] = call.measured
  assert.equal(times?.speechEnded, 1900)
  assert.equal(times?.transcribed, 2100)
  assert.equal(times?.firstWord, times!.committed + 200)
  assert.equal(times?.firstSent, times!.firstSound)
})

test('the greeting comes without the language model and enters what it is told later (70-73)', async () => {
  const call = virtualSession({
    ...question,
    vad: question.vad.map(({ at, out }) => ({ at: at + 4000, out })),
    stt: question.stt.map(({ at, out }) => ({ at: at + 4000, out })),
  })
  call.session.dispatch(greet)
  await call.clock.to(3000)
  assert.equal(call.requests.length, 0)
  assert.equal(call.find('transcript.agent')[0]?.event.text, 'Hello, how can I help you today?')
  await call.clock.to(9000)
  assert.deepEqual(call.requests[0]?.messages, [
    { role: 'assistant', content: 'Hello, how can I help you today?' },
    { role: 'user', content: 'Tell me a story.' },
  ])
})

test('a reply cut short sends no more sound (97)', async () => {
  const call = virtualSession({
    vad: [{ at: 1000, out: { type: 'started', ago: 100 } }],
    stt: [{ at: 1500, out: { type: 'partial', turn: 1, text: 'wait please stop' } }],
  })
  call.session.dispatch(greet)
  await call.clock.to(5000)
  const done = call.find('reply.done')[0]
  assert.equal(done?.event.status, 'interrupted')
  const last = call.frames().at(-1)
  assert.ok(last && last.at <= 1000, `sound was sent at ${last?.at} ms, speech was found at 1000 ms`)
  const spoken = call.find('transcript.agent')[0]?.event
  assert.equal(spoken?.interrupted, true)
  assert.ok(
    'Hello, how can I help you today?'.startsWith(spoken!.text.replace(/[.,?]$/, '')) && spoken!.text.length < 32,
  )
})

test('a cough pauses the sound, which then goes on where it stopped (95)', async () => {
  const call = virtualSession({
    vad: [
      { at: 1000, out: { type: 'started', ago: 100 } },
      { at: 1300, out: { type: 'stopped', ago: 100 } },
    ],
    stt: [{ at: 1400, out: { type: 'final', turn: 1, text: '' } }],
  })
  call.session.dispatch(greet)
  await call.clock.to(8000)
  assert.equal(call.find('reply.done')[0]?.event.status, 'completed')
  assert.ok(!call.types().includes('input.speech.started'))
  const bytes = call.frames().reduce((sum, { event }) => sum + (event.type === 'frame' ? event.bytes : 0), 0)
  assert.equal(bytes, 32 * 60 * 48)
  assert.equal(call.frames().filter(({ at }) => at > 1001 && at < 1390).length, 0)
})

test('sound that comes before the session is ready is dropped without a word (67)', async () => {
  const call = virtualSession()
  call.session.hear(new Uint8Array(2400))
  await call.clock.to(100)
  assert.deepEqual(call.sent, [])
  call.session.dispatch(begin)
  call.session.dispatch({ type: 'client.ended' })
  assert.equal(call.find('session.ended')[0]?.event.audio_duration_seconds, null)
})

test('session.ended tells how much sound came in (112-114)', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(1000)
  for (let frame = 0; frame < 10; frame++) call.session.hear(new Uint8Array(2400))
  await call.clock.to(5000)
  call.session.dispatch({ type: 'client.ended' })
  const ended = call.find('session.ended')[0]!.event
  assert.equal(ended.audio_duration_seconds, 0.5)
  assert.equal(ended.session_duration_seconds, 5)
  assert.deepEqual(call.closed(), { code: 1000, reason: 'client_end' })
})

test('a session ends at its cap, in good order (24)', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(3_599_000)
  assert.equal(call.closed(), undefined)
  await call.clock.to(3_601_000)
  assert.deepEqual(
    call.find('session.ended').map(({ at, event }) => [at, event.session_duration_seconds]),
    [[3_600_000, 3600]],
  )
  assert.equal(call.closed()?.code, 1000)
})

test('a connection that is lost is sent nothing more (123)', async () => {
  const call = virtualSession()
  call.session.dispatch(greet)
  await call.clock.to(500)
  const before = call.sent.length
  assert.ok(call.frames().length > 0)
  call.session.detach(call.line)
  await call.clock.to(10_000)
  assert.equal(call.sent.length, before)
})

test('ten seconds of loud sound in which no speech is found are a warning in the log, once (179)', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(1000)
  const second = new Uint8Array(new Int16Array(24_000).fill(3000).buffer)
  const warnings = () => call.logged.filter(({ level }) => level === 'warn').length
  for (let heard = 0; heard < 9; heard++) call.session.hear(second)
  assert.equal(warnings(), 0)
  for (let heard = 0; heard < 20; heard++) call.session.hear(second)
  assert.equal(warnings(), 1)
})

test('a stored agent is found and greets', async () => {
  const inline = virtualSession()
  inline.session.dispatch(greet)
  const { id: _, ...config } = inline.find('session.updated')[0]!.event.config
  const call = virtualSession({ agents: { agent_1: { config: { ...config, greeting: 'Stored hello.' } } } })
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(3000)
  assert.equal(call.find('transcript.agent')[0]?.event.text, 'Stored hello.')
})

test('an unknown agent is an error and the end (37)', async () => {
  const call = virtualSession()
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_nobody' }, problems: [] })
  await call.clock.to(100)
  assert.deepEqual(
    call.find('session.error').map(({ event }) => event.code),
    ['agent_not_found'],
  )
  assert.equal(call.closed()?.code, 1008)
  assert.equal(call.over(), 'refused')
})

test('a session that is over holds no alarm and hears nothing more', async () => {
  const call = virtualSession(question)
  call.session.dispatch(greet)
  await call.clock.to(500)
  call.session.detach(call.line)
  const before = call.sent.length
  await call.clock.to(30_500)
  assert.equal(call.over(), 'participant_disconnected')
  call.session.dispatch(begin)
  call.session.hear(new Uint8Array(2400))
  await call.clock.to(60_000)
  assert.equal(call.sent.length, before)
  assert.equal(call.clock.pending, 0)
})

for (const [what, llm] of [
  [
    'fails',
    // biome-ignore lint/correctness/useYield: a model that fails before its first word
    async function* () {
      throw new Error('no model')
    },
  ],
  [
    'never answers',
    async function* (_request: unknown, sleep: (ms: number) => Promise<void>) {
      await sleep(1_000_000)
      yield { type: 'wrote' as const, text: 'Too late.' }
    },
  ],
  ['answers with nothing', async function* () {}],
] as const)
  test(`when the language model ${what}, the caller hears so within eight seconds (170)`, async () => {
    const call = virtualSession({ ...question, llm })
    call.session.dispatch(begin)
    await call.clock.to(20_000)
    assert.equal(call.find('reply.error').length, 1)
    assert.deepEqual(
      call.find('reply.done').map(({ event }) => event.status),
      ['completed', 'completed'],
    )
    const { at: silentSince } = call.find('input.speech.stopped')[0]!
    const [sound] = call.frames()
    assert.ok(sound && sound.at - silentSince < 8_000, `${sound?.at} after ${silentSince}`)
    assert.match(call.find('transcript.agent')[0]!.event.text, /^I'm sorry/)
    assert.deepEqual(call.failed, ['llm'])
    assert.equal(call.logged.filter(({ level }) => level === 'warn').length, 1)
  })

test('when the recogniser never answers, the caller is asked to say it again within eight seconds (170)', async () => {
  const call = virtualSession({ vad: question.vad })
  call.session.dispatch(begin)
  await call.clock.to(20_000)
  const [sound] = call.frames()
  assert.ok(sound && sound.at - 1900 < 8_000, `${sound?.at}`)
  assert.match(call.find('transcript.agent')[0]!.event.text, /^I'm sorry, I could not hear you/)
  assert.deepEqual(call.failed, ['stt'])
})

test('a store that cannot be read ends the opening at once, with an error that says so', async () => {
  const call = virtualSession({ storeFails: new Error('no such host') })
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(100)
  assert.deepEqual(
    call.find('session.error').map(({ event }) => [event.code, event.message]),
    [['internal_error', 'The stored agent could not be read. Try again.']],
  )
  assert.deepEqual([call.closed()?.code, call.over(), call.clock.pending], [1011, 'error', 0])
})

test('an ear that fails is opened anew; one that keeps failing ends the session with an event', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(100)
  assert.equal(call.closed(), undefined)
  const failing = virtualSession({
    get vad(): never {
      throw new Error('no ears')
    },
  })
  failing.session.dispatch(begin)
  await failing.clock.to(60_000)
  assert.deepEqual(
    failing.find('session.error').map(({ event }) => event.code),
    ['internal_error'],
  )
  assert.equal(failing.closed()?.code, 1011)
})

test('no sound follows the end of its reply, however late the voice marks the end of the clause', async () => {
  const call = virtualSession({ msPerCharacter: 61, markedAfterMs: 3000 })
  call.session.dispatch(greet)
  await call.clock.to(9000)
  assert.equal(call.sent.at(-1)?.event.type, 'reply.done')
  const bytes = call.frames().reduce((sum, { event }) => sum + (event.type === 'frame' ? event.bytes : 0), 0)
  assert.equal(bytes, 32 * 61 * 48)
})

test('a fault of the server ends the session in which it shows, with an error and nothing thrown', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(100)
  call.breakLine((event) => event.type === 'session.updated')
  call.session.dispatch({ type: 'client.updated', patch: { system_prompt: 'Other.' }, problems: [] })
  assert.deepEqual([call.over(), call.closed()?.code], ['error', 1011])
  const last = call.sent.at(-1)?.event
  assert.ok(last?.type === 'session.error' && last.code === 'internal_error')
  assert.equal(call.logged.filter(({ level }) => level === 'error').length, 1)
  await call.clock.to(10_000)
  assert.equal(call.clock.pending, 0)
})

test('a session whose engine does not come back is counted as one that failed, not as one that was refused', async () => {
  const call = virtualSession()
  call.session.dispatch(begin)
  await call.clock.to(100)
  const failure = { code: 'engine_crashed', message: 'It died.', retryable: false }
  call.session.dispatch({ type: 'engine.failed', engine: 'stt', failure, fatal: true })
  assert.deepEqual([call.over(), call.closed()?.code], ['error', 1011])
})

test('speech that came to nothing is not what a later reply is measured from', async () => {
  const call = virtualSession({
    vad: [
      { at: 1000, out: { type: 'started', ago: 100 } },
      { at: 1300, out: { type: 'stopped', ago: 100 } },
    ],
    stt: [{ at: 1400, out: { type: 'final', turn: 1, text: '' } }],
    async *llm() {
      yield { type: 'wrote', text: 'Are you still there?' }
    },
  })
  call.session.dispatch(begin)
  await call.clock.to(30_000)
  call.session.dispatch({ type: 'client.askedReply' })
  await call.clock.to(40_000)
  assert.equal(call.measured.length, 1)
  assert.equal(call.measured[0]?.speechEnded, undefined)
})
