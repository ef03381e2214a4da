// The timeline: what real conversations in virtual time, and calls of tools, become in it (protocol.md 6.4; checklist 163, 164).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conversation, type EventBody, opening, step, type Telephony } from '@parley/conversation'
import { type ConfigEcho, completeInput, completeOutput, type Tool } from '@parley/protocol'
import { changesBetween } from '../../dist/history/config-changes.js'
import { secretless } from '../../dist/history/secretless.js'
import { Timeline } from '../../dist/history/timeline.js'
import { endingOf, type TimelineEntry, type TimelineTurn, timelineOf } from '../../dist/history/timeline-document.js'
import type { SessionObserver } from '../../dist/session/observer.js'
import { type Script, virtualSession } from '../helpers/virtual-session.js'

const sessionId = `sess_${'0123456789abcdef'.repeat(2)}`
const head = { session_id: sessionId, started_at_unix_ms: 1_790_000_000_000 }
const document = (entries: readonly TimelineEntry[]) => timelineOf(head, entries, endingOf('client_end', 1))

/** An observer that begins a timeline when the session is ready. */
function witness() {
  const entries: TimelineEntry[] = []
  let timeline: Timeline | undefined
  const observer: SessionObserver = {
    stepped(event, effects, conversation) {
      for (const effect of effects)
        if (effect.type === 'send' && effect.event.type === 'session.ready')
          timeline ??= new Timeline(event.at, effect.event.config, (entry) => entries.push(structuredClone(entry)))
      timeline?.stepped(event, effects, conversation)
    },
    sent: (reply, _bytes, _start, _end, at) => timeline?.sent(reply, at),
    over: (_reason, at) => timeline?.over(at),
  }
  return { observer, entries }
}

/** A session that begins at 100 ms, lives through `acts` and is ended at `until`. */
async function lived(
  script: Script,
  patch: Extract<EventBody, { type: 'client.updated' }>['patch'],
  acts: readonly { at: number; event: EventBody }[],
  until: number,
) {
  const { observer, entries } = witness()
  const { session, clock } = virtualSession(script, [observer])
  await clock.to(100)
  session.dispatch({ type: 'client.updated', patch, problems: [] })
  for (const { at, event } of acts) {
    await clock.to(at)
    session.dispatch(event)
  }
  await clock.to(until)
  session.dispatch({ type: 'client.ended' })
  await clock.to(until + 10)
  return { ...document(entries), turns: document(entries).turns ?? [] }
}

const heard = (from: number, to: number, text: string, turn = 1): Script => ({
  vad: [
    { at: from + 50, out: { type: 'started', ago: 50 } },
    { at: to + 100, out: { type: 'stopped', ago: 100 } },
  ],
  stt: [{ at: to + 200, out: { type: 'final', turn, text } }],
})

const writes = (text: string): NonNullable<Script['llm']> =>
  async function* (_request, sleep) {
    await sleep(120)
    yield { type: 'wrote', text }
  }

const summary = ({ trigger, status, user_transcript, agent_text }: TimelineTurn) => ({
  trigger,
  status,
  user_transcript,
  agent_text,
})

test('a greeting, an answer and a reply that was asked for are turns with where their time went', async () => {
  const { turns, ...rest } = await lived(
    { ...heard(3100, 4100, 'What time is it?'), llm: writes('It is four.'), msPerCharacter: 60 },
    { greeting: 'Hello there.' },
    [{ at: 9000, event: { type: 'client.askedReply', instructions: 'Say goodbye.' } }],
    12_000,
  )
  assert.deepEqual(turns.map(summary), [
    { trigger: 'greeting', status: 'completed', user_transcript: null, agent_text: 'Hello there.' },
    { trigger: 'user_speech', status: 'completed', user_transcript: 'What time is it?', agent_text: 'It is four.' },
    { trigger: 'reply_create', status: 'completed', user_transcript: null, agent_text: 'It is four.' },
  ])
  const [greeting, answer, requested] = turns
  assert.equal(greeting!.agent_reply_started_at_ms, 0)
  assert.equal(greeting!.time_to_first_audio_ms, 50)
  assert.deepEqual([answer!.user_speech_started_at_ms, answer!.user_speech_ended_at_ms], [3000, 4000])
  const { decisions = [], ...moments } = answer!.latency
  const decided = answer!.agent_reply_started_at_ms!
  assert.deepEqual(moments, {
    due_at_ms: 4000,
    transcribed_at_ms: 4200,
    decided_at_ms: decided,
    first_token_at_ms: decided + 120,
    first_sentence_at_ms: decided + 120,
    first_sound_made_at_ms: decided + 170,
    first_sound_sent_at_ms: decided + 170,
  })
  assert.ok(decided > 4000)
  assert.equal(answer!.time_to_first_audio_ms, decided + 170 - 4000)
  const [decision] = decisions
  assert.deepEqual([decision?.what, decision?.at_ms], ['end of turn', decided])
  assert.ok(decision?.why && decision.figures?.words === 4)
  assert.deepEqual([requested!.requested_instructions, requested!.latency.due_at_ms], ['Say goodbye.', 8900])
  assert.equal(answer!.requested_instructions, null)
  assert.deepEqual(rest, {
    ...head,
    ended: { reason: 'user_initiated', public_reason: 'client_end', duration_seconds: 1 },
  })
})

test('a reply that is cut short says when, and keeps what was heard of it', async () => {
  const { turns } = await lived(
    {
      ...heard(1100, 2600, 'Stop, please, I have heard enough of this.'),
      llm: writes('Very well.'),
      msPerCharacter: 60,
    },
    { greeting: 'A long greeting that goes on for a good while and says nothing of any use to anybody at all.' },
    [],
    8000,
  )
  const [greeting, answer] = turns
  assert.equal(greeting!.status, 'interrupted')
  assert.equal(greeting!.interrupted_at_ms, greeting!.agent_reply_ended_at_ms)
  assert.ok(greeting!.interrupted_at_ms! > 1000)
  assert.match(greeting!.agent_text!, /^A long greeting/)
  assert.doesNotMatch(greeting!.agent_text!, /at all/)
  assert.ok(greeting!.latency.decisions?.length, 'why the floor was given up')
  assert.equal(answer!.trigger, 'user_speech')
  assert.equal(answer!.interrupted_at_ms, null)
})

test('a reply in whose middle the line was lost keeps the words that were heard', async () => {
  const { turns } = await lived(
    { msPerCharacter: 60 },
    { greeting: 'Hello there. This is a second sentence.' },
    [{ at: 600, event: { type: 'connection.lost' } }],
    1500,
  )
  assert.deepEqual(turns.map(summary), [
    { trigger: 'greeting', status: 'interrupted', user_transcript: null, agent_text: 'Hello' },
  ])
})

test('an empty session has neither turns nor changes (164)', async () => {
  const { observer, entries } = witness()
  const { session, clock } = virtualSession({}, [observer])
  session.dispatch({ type: 'client.updated', patch: {}, problems: [] })
  await clock.to(500)
  session.dispatch({ type: 'client.ended' })
  assert.deepEqual(Object.keys(document(entries)), ['session_id', 'started_at_unix_ms', 'ended'])
})

test('what changes in the middle is told by its path, once', async () => {
  const { config_changes } = await lived(
    {},
    {},
    [
      {
        at: 600,
        event: { type: 'client.updated', patch: { output: { volume: 50 }, system_prompt: 'Be loud.' }, problems: [] },
      },
      { at: 700, event: { type: 'client.updated', patch: { output: { volume: 50 } }, problems: [] } },
    ],
    1000,
  )
  assert.deepEqual(config_changes, [{ at_ms: 500, changes: { system_prompt: 'Be loud.', 'output.volume': 50 } }])
})

test('words that nobody answered any more are a turn of their own', async () => {
  const script = heard(1100, 2100, 'Are you there?')
  const { observer, entries } = witness()
  const { session, clock } = virtualSession(script, [observer])
  await clock.to(100)
  session.dispatch({ type: 'client.updated', patch: {}, problems: [] })
  await clock.to(1900)
  // in the middle of the sentence
  session.dispatch({ type: 'stt.partial', turn: 1, text: 'Are you' })
  session.dispatch({ type: 'client.ended' })
  const [turn] = document(entries).turns ?? []
  assert.deepEqual([turn?.status, turn?.user_transcript, turn?.agent_text], ['unanswered', 'Are you', null])
})

const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const tool = (name: string, timeout_seconds = 120): Tool => ({
  type: 'function',
  name,
  description: '',
  parameters,
  timeout_seconds,
  execution_mode: 'interactive',
  http: null,
  response_instructions: null,
})

const entered = {
  prompt: 'Enter your code.',
  least: 4,
  most: 4,
  terminator: '#',
  within: 5_000,
  sensitive: false,
  confirm: false,
  escapes: true,
}

/** A timeline with an open reply. The client answers for the tools `weather` and `slow`, the server for `news`. */
function withTools(phone?: Telephony) {
  const entries: TimelineEntry[] = []
  let conversation: Conversation = opening({
    sessionId,
    startedAtUnixMs: 0,
    cap: 3_600_000,
    firstMessageWithin: 30_000,
    lead: 160,
    grace: 30_000,
    defaultVoice: 'alba',
  })
  let timeline: Timeline | undefined
  const happen = (at: number, body: EventBody) => {
    const [next, effects] = step(conversation, { ...body, at })
    conversation = next
    for (const effect of effects)
      if (effect.type === 'send' && effect.event.type === 'session.ready')
        timeline ??= new Timeline(at, effect.event.config, (entry) => entries.push(structuredClone(entry)))
    timeline?.stepped({ ...body, at }, effects, next)
  }
  const format = { encoding: 'audio/pcm', sample_rate: 24_000 } as const
  happen(0, { type: 'client.updated', patch: { agent_id: 'a' }, problems: [] })
  happen(0, {
    type: 'agent.found',
    config: {
      system_prompt: '',
      greeting: null,
      input: completeInput({ format }),
      output: { ...completeOutput({ format }), voice: 'alba' },
      tools: [tool('weather'), tool('news'), tool('slow', 2)],
      llm: [],
      pre_connect_requests: [],
    },
    serverTools: ['news'],
    ...(phone && { phone }),
  })
  happen(0, { type: 'engines.ready' })
  happen(900, { type: 'client.said', role: 'user', content: 'I am in Ulm, not in Bonn.' })
  happen(1000, { type: 'client.askedReply' })
  const reply = conversation.phase === 'live' ? conversation.reply!.id : ''
  const called = (callId: string, name: string, args = { city: 'Ulm' }): EventBody => ({
    type: 'llm.called',
    reply,
    callId,
    name,
    arguments: args,
    problems: [],
  })
  return {
    happen,
    called,
    reply,
    turns: () => document(entries).turns ?? [],
    sent: (at: number) => timeline?.sent(reply, at),
  }
}

test('a call of a tool has its times and its result, whoever runs it', () => {
  const { happen, called, reply, turns } = withTools()
  happen(1200, called('c1', 'weather'))
  happen(1210, called('c2', 'news'))
  happen(1300, { type: 'llm.finished', reply })
  assert.equal(turns()[0]?.status, 'completed')
  // a client does not answer for the server
  happen(1400, { type: 'client.answered', callId: 'c2', result: 'nonsense', isError: false })
  happen(1500, { type: 'client.answered', callId: 'c1', result: 'Rain.', isError: false })
  happen(1600, { type: 'tool.answered', callId: 'c2', result: 'No news.', isError: true })
  happen(1700, { type: 'client.answered', callId: 'c1', result: 'Sun.', isError: false })
  const [turn] = turns()
  assert.equal(turn?.latency.first_token_at_ms, 1200)
  assert.deepEqual(turn?.tool_calls, [
    {
      call_id: 'c1',
      name: 'weather',
      arguments: { city: 'Ulm' },
      result: 'Rain.',
      dispatched_at_ms: 1200,
      result_received_at_ms: 1500,
      duration_ms: 300,
      is_error: false,
      timed_out: false,
      parallel_call_id: 'c1',
    },
    {
      call_id: 'c2',
      name: 'news',
      arguments: { city: 'Ulm' },
      result: 'No news.',
      dispatched_at_ms: 1210,
      result_received_at_ms: 1600,
      duration_ms: 390,
      is_error: true,
      timed_out: false,
      parallel_call_id: 'c1',
    },
  ])
})

test('a call that is made when its arguments were entered, after the reply, belongs to that reply', () => {
  const keypad = [{ ...entered, tool: 'news', argument: 'code' }]
  const { happen, called, reply, turns } = withTools({ keypad, transferTargets: [] })
  happen(1200, called('c1', 'news'))
  happen(1300, { type: 'llm.finished', reply })
  happen(1400, { type: 'keypad.touched', callId: 'c1' })
  assert.equal(turns()[0]?.tool_calls, undefined)
  happen(2000, {
    type: 'keypad.collected',
    ...{ callId: 'c1', argument: 'code', how: 'complete', length: 4, digits: '1234' },
  })
  happen(2500, { type: 'tool.answered', callId: 'c1', result: 'No news.', isError: false })
  const call = turns().flatMap((turn) => turn.tool_calls ?? [])
  assert.deepEqual(
    call.map(({ arguments: args, dispatched_at_ms: at, result }) => [args, at, result]),
    [[{ city: 'Ulm', code: '1234' }, 2000, 'No news.']],
  )
})

test('a tool that does not answer in its time is given up, and what comes later counts for nothing', () => {
  const { happen, called, turns } = withTools()
  happen(1200, called('c1', 'slow'))
  happen(3100, { type: 'clock.ticked' })
  assert.equal(turns()[0]?.tool_calls, undefined)
  happen(3200, { type: 'clock.ticked' })
  happen(3300, { type: 'client.answered', callId: 'c1', result: 'Too late.', isError: false })
  happen(3400, { type: 'client.ended' })
  const [found] = turns()[0]?.tool_calls ?? []
  assert.deepEqual(
    [found?.timed_out, found?.is_error, found?.result_received_at_ms, found?.duration_ms],
    [true, true, null, 2000],
  )
  assert.match(found?.result ?? '', /gave no result within 2 s/)
  assert.equal(found?.parallel_call_id, null)
})

test('a tool whose client was away has the time that the conversation gives it, not that of its settings', () => {
  const { happen, called, reply, turns } = withTools()
  happen(1200, called('c1', 'slow'))
  happen(1210, called('c2', 'slow', { city: 'Bonn' }))
  happen(1300, { type: 'llm.finished', reply })
  happen(1400, { type: 'connection.lost' })
  happen(9000, { type: 'clock.ticked' })
  happen(10_000, { type: 'connection.resumed' })
  happen(11_000, { type: 'client.answered', callId: 'c1', result: 'Rain.', isError: false })
  happen(12_000, { type: 'clock.ticked' })
  const [answered, overdue] = turns()[0]?.tool_calls ?? []
  assert.deepEqual([answered?.result, answered?.timed_out, answered?.result_received_at_ms], ['Rain.', false, 11_000])
  assert.deepEqual([overdue?.timed_out, overdue?.duration_ms], [true, 10_790])
})

test('a reply to a result begins and sounds like any other', () => {
  const { happen, called, reply, turns } = withTools()
  happen(1200, called('c1', 'weather'))
  happen(1300, { type: 'llm.finished', reply })
  happen(2000, { type: 'client.answered', callId: 'c1', result: 'Rain.', isError: false })
  const turn = turns().at(-1)
  assert.deepEqual(
    [turn?.trigger, turn?.agent_reply_started_at_ms, turn?.latency.due_at_ms],
    ['tool_result', 2000, 2000],
  )
})

test('a request and a result count for one reply', () => {
  const { happen, called, reply, turns } = withTools()
  happen(1200, called('c1', 'weather'))
  happen(1300, { type: 'llm.finished', reply })
  happen(2000, { type: 'client.askedReply' })
  assert.equal(turns().at(-1)?.latency.due_at_ms, 2000)
  happen(2300, { type: 'client.answered', callId: 'c1', result: 'Rain.', isError: false })
  const requested = turns().at(-1)?.turn_id ?? ''
  happen(2400, { type: 'llm.wrote', reply: requested, text: 'Well.' })
  happen(2400, { type: 'llm.finished', reply: requested })
  happen(2400, { type: 'tts.finished', reply: requested, clause: 0 })
  assert.deepEqual([turns().at(-1)?.trigger, turns().at(-1)?.latency.due_at_ms], ['tool_result', 2300])
})

test('sound is made no later than it is sent, whichever is heard of first', () => {
  const { happen, reply, sent, turns } = withTools()
  happen(1500, { type: 'llm.wrote', reply, text: 'It is four o’clock. ' })
  sent(1600)
  happen(1601, { type: 'tts.spoke', reply, clause: 0, length: 500 })
  happen(1700, { type: 'client.ended' })
  const { first_sound_made_at_ms, first_sound_sent_at_ms } = turns()[0]!.latency
  assert.deepEqual([first_sound_made_at_ms, first_sound_sent_at_ms], [1600, 1600])
})

test('a turn in whose middle the server stopped counts as cut short', () => {
  const { turns } = withTools()
  assert.deepEqual(
    turns().map(({ status }) => status),
    ['interrupted'],
  )
})

test('no secret is kept, wherever settings hold one', () => {
  const settings = {
    llm: [{ base_url: 'https://models.example/v1', api_key: 'model-secret' }],
    tools: [
      {
        name: 'look_up',
        http: { headers: [{ name: 'Authorization', value: 'Bearer tool-secret' }] },
        parameters: { properties: { api_key: { type: 'string' }, headers: { type: 'object', properties: {} } } },
      },
    ],
    pre_connect_requests: [{ http: { headers: { 'X-Key': 'map-secret' } } }],
  }
  const kept = secretless(settings)
  assert.doesNotMatch(JSON.stringify(kept), /secret/)
  assert.deepEqual(kept.tools[0]?.parameters, settings.tools[0]?.parameters)
  assert.match(JSON.stringify(kept), /Authorization/)

  const entries: TimelineEntry[] = []
  // a config that holds what none should hold
  const timeline = new Timeline(0, { tools: [] } as unknown as ConfigEcho, (entry) => entries.push(entry))
  const config = settings as unknown as ConfigEcho
  timeline.stepped({ type: 'clock.ticked', at: 1 }, [{ type: 'send', event: { type: 'session.updated', config } }], {
    phase: 'ended',
  })
  assert.equal(entries.length, 1)
  assert.doesNotMatch(JSON.stringify(entries), /secret/)
})

test('a setting that is taken away is told as null, and lists as a whole', () => {
  assert.deepEqual(changesBetween({ a: { b: 1, c: 2 }, d: [1], e: 5 }, { a: { b: 1, c: 3 }, d: [1, 2] }), {
    'a.c': 3,
    d: [1, 2],
    e: null,
  })
})
