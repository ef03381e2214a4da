// Sessions that lose their connection or their server, in virtual time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeTool, defaultConfig, type ServerEvent, type Tool } from '@parley/protocol'
import type { Engines } from '../../dist/engines/engine.js'
import { type LlmScript, scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { scriptedStt } from '../../dist/engines/stt/scripted.js'
import { scriptedTts } from '../../dist/engines/tts/scripted.js'
import { scriptedVad } from '../../dist/engines/vad/scripted.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { Door } from '../../dist/session/door.js'
import { Keeper } from '../../dist/session/keeper.js'
import { STATE_FORMAT } from '../../dist/session/keeping.js'
import { Lobby } from '../../dist/session/lobby.js'
import type { SessionObserver } from '../../dist/session/observer.js'
import { PacingWheel } from '../../dist/session/playout.js'
import { ResumeTokens } from '../../dist/session/resume-tokens.js'
import type { Line, StoredAgent } from '../../dist/session/session.js'
import { Sessions, type Visitor } from '../../dist/session/sessions.js'
import type { ServerTools } from '../../dist/tools/tool.js'
import { MemoryConversations } from '../helpers/memory-conversations.js'

const context = { dataDir: '', log() {} }
const known = () => ({ voices: ['alba'], allowPrivateUrls: false })
const mine: Visitor = { accountId: 'mine', keyId: 'key_1', maxSessions: 2 }
const tokens = new ResumeTokens((text) => Buffer.from(text))
const configured = { greeting: 'Hello there.' }
const CAP_MS = 600_000

const obliging: LlmScript = () => 'As you wish.'

async function engines(script: LlmScript): Promise<Engines> {
  return {
    vad: await scriptedVad.create(scriptedVad.options.parse({}), context),
    stt: await scriptedStt.create(scriptedStt.options.parse({}), context),
    turn: undefined,
    llm: scriptedLlm(script),
    tts: scriptedTts(),
  }
}

/** A connection of the test's own. */
class Caller implements Line {
  readonly got: ServerEvent[] = []
  frames = 0
  closed: string | undefined
  readonly sendFrame = () => {
    this.frames += 1
  }
  readonly door: Door | undefined

  constructor(ports: ConstructorParameters<typeof Door>[0], visitor: Visitor) {
    this.door = new Door(ports, this, visitor)
  }

  send(event: ServerEvent): void {
    this.got.push(event)
  }

  close(code: number, reason: string): void {
    this.closed = `${code} ${reason}`
    // the socket's own close follows
    this.door?.lost()
  }

  get types(): string[] {
    return this.got.map(({ type }) => type)
  }

  get id(): string {
    const ready = this.got.find((event) => event.type === 'session.ready')
    return ready?.type === 'session.ready' ? ready.session_id : 'none'
  }

  get refusal(): unknown[] {
    return [this.got.map((event) => (event.type === 'session.error' ? event.code : event.type)).join(), this.closed]
  }
}

interface Place {
  readonly clock: VirtualClock
  readonly conversations: MemoryConversations
}

const place = (): Place => {
  const clock = new VirtualClock()
  return { clock, conversations: new MemoryConversations(clock) }
}

/** A server, as far as sessions go. Several may share a place, one after the other or at once. */
async function startServer(
  { clock, conversations }: Place,
  holder: string,
  agents: Record<string, StoredAgent> = {},
  { script = obliging, observers = [] }: { script?: LlmScript; observers?: readonly SessionObserver[] } = {},
) {
  const warnings: string[] = []
  const departures: string[] = []
  const keeper = new Keeper({
    clock,
    conversations,
    holder,
    log: (_level, message) => warnings.push(message),
    takenOver: (id) => sessions.takenOver(id),
  })
  const loaded = await engines(script)
  const sessions = new Sessions(
    {
      clock,
      wheel: new PacingWheel(clock),
      engines: { engines: loaded, loaded: Promise.resolve(loaded) },
      keeper,
      resumeToken: (id) => tokens.issue(id),
      log: () => () => {},
      findAgent: async (_account, id) => agents[id],
      observe: () => observers,
      opened() {},
      ended: (reason) => departures.push(reason),
    },
    {
      ...{ most: 10, mostPerAccount: 3, cap: CAP_MS, firstMessageWithin: 10_000 },
      ...{ grace: 30_000, idleAfter: undefined, defaultVoice: 'alba' },
    },
  )
  const lobby = new Lobby(40)
  const ports = { clock, sessions, known, firstMessageWithin: 10_000, lobby, refused() {}, log() {} }
  return {
    sessions,
    keeper,
    warnings,
    departures,
    caller: (visitor: Visitor = mine) => new Caller(ports, visitor),
    /** Connected, with a session that is ready and has given its greeting. */
    async begun(session: Readonly<Record<string, unknown>> = configured) {
      const caller = new Caller(ports, mine)
      caller.door?.receive({ type: 'session.update', session })
      await clock.to(clock.now() + 2000)
      return caller
    },
    async resumed(id: string, visitor: Visitor = mine) {
      const caller = new Caller(ports, visitor)
      caller.door?.receive({ type: 'session.resume', session_id: id })
      await clock.to(clock.now() + 1)
      return caller
    },
    /** Gone without a word, as after kill -9: nothing that it held does anything any more. */
    die() {
      keeper.close()
      conversations.alives.set(holder, clock.now())
    },
  }
}

const said = (caller: Caller, content: string) => {
  caller.door?.receive({ type: 'conversation.message', role: 'user', content })
}

test('what happens is stored at once, in few writes', async () => {
  const here = place()
  const { clock, conversations } = here
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  const history = () => conversations.state(caller.id)?.conversation.history.map(({ text }) => text)
  assert.deepEqual(history(), ['Hello there.'])
  said(caller, 'My name is John.')
  await clock.to(clock.now() + 1)
  assert.deepEqual(history(), ['Hello there.', 'My name is John.'])
  assert.ok(conversations.puts < 12, `${conversations.puts} writes`)
  const before = conversations.puts
  await clock.to(clock.now() + 20_000)
  assert.equal(conversations.puts, before, 'silence is not stored')
  assert.ok(conversations.alives.get('a')! >= clock.now() - 1000)
})

test('while one write runs, everything else waits for one more', async () => {
  const here = place()
  const { clock, conversations } = here
  const caller = await (await startServer(here, 'a')).begun()
  const before = conversations.puts
  conversations.delayMs = 50
  for (let count = 0; count < 100; count++) said(caller, `Number ${count}.`)
  await clock.to(clock.now() + 200)
  assert.equal(conversations.puts, before + 1)
  assert.equal(conversations.state(caller.id)?.conversation.history.at(-1)?.text, 'Number 99.')
})

test('an agent that has nothing kept: the session survives its line and not its server, and nothing of it is stored', async () => {
  const here = place()
  const server = await startServer(here, 'a', { secretive: { ...plainAgent, history: { keep: false } } })
  const caller = await server.begun({ agent_id: 'secretive' })
  assert.notEqual(caller.id, 'none')
  caller.door?.lost()
  const back = await server.resumed(caller.id)
  assert.equal(back.types[0], 'session.ready')
  assert.equal(here.conversations.rows.size, 0)
  back.door?.lost()
  await server.sessions.drain(0)
  assert.deepEqual([server.departures, here.conversations.rows.size], [['server_stopping'], 0])
})

test('a session that was ended is not found, even while its removal is still under way', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  here.conversations.delayMs = 500
  caller.door?.receive({ type: 'session.end' })
  const late = await server.resumed(caller.id)
  await here.clock.to(here.clock.now() + 2000)
  assert.deepEqual(late.refusal, ['session_not_found', '1008 session_not_found'])
  assert.equal(here.conversations.rows.size, 0)
})

test('a session that lasted as long as it may has expired, and what was said in it is forgotten', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  await here.clock.to(CAP_MS + 1000)
  assert.equal(caller.closed, '1000 max_duration')
  const late = await server.resumed(caller.id)
  assert.deepEqual(late.refusal, ['session_expired', '1008 session_expired'])
  assert.equal(here.conversations.state(caller.id), undefined)
  const foreign = await server.resumed(caller.id, { accountId: 'theirs' })
  assert.deepEqual(foreign.refusal, ['session_forbidden', '1008 session_forbidden'])
})

test('a database that is away for a while costs the conversation nothing', async () => {
  const here = place()
  const { clock, conversations } = here
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  conversations.isBroken = true
  said(caller, 'Are you there?')
  await clock.to(clock.now() + 3500)
  assert.equal(server.warnings.length, 4)
  conversations.isBroken = false
  said(caller, 'Hello?')
  await clock.to(clock.now() + 1000)
  assert.deepEqual(
    conversations.state(caller.id)?.conversation.history.map(({ text }) => text),
    ['Hello there.', 'Are you there?', 'Hello?'],
  )
})

test('after its server has died a session goes on with the next one, counted from the last sign of life', async () => {
  const here = place()
  const { clock } = here
  const first = await startServer(here, 'a')
  const caller = await first.begun()
  said(caller, 'My name is John.')
  // long silence before the end is no silence of the server
  await clock.to(clock.now() + 60_000)
  first.die()
  await clock.to(clock.now() + 25_000)
  const second = await startServer(here, 'b')
  const back = await second.resumed(caller.id)
  assert.deepEqual(back.types, ['session.ready'])
  back.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 2000)
  assert.deepEqual(
    back.got.flatMap((event) => (event.type === 'transcript.agent' ? [event.text] : [])),
    ['As you wish.'],
  )
  assert.deepEqual(
    here.conversations.state(caller.id)?.conversation.history.map(({ text }) => text),
    ['Hello there.', 'My name is John.', 'As you wish.'],
  )
})

test('an agent that cannot be read leaves nothing of a revival behind, and the next resume finds it', async () => {
  const here = place()
  const agents: Record<string, StoredAgent> = { a: plainAgent }
  const first = await startServer(here, 'a', agents)
  const caller = first.caller()
  caller.door?.receive({ type: 'session.update', session: { agent_id: 'a' } })
  await here.clock.to(1000)
  first.die()
  await here.clock.to(5000)
  const second = await startServer(here, 'b', {
    get a(): StoredAgent {
      throw new Error('The database is away.')
    },
  })
  const alarms = here.clock.pending
  const failed = await second.resumed(caller.id)
  assert.deepEqual(failed.refusal, ['internal_error', '1011 internal_error'])
  assert.equal(here.clock.pending, alarms)
  const back = await (await startServer(here, 'c', agents)).resumed(caller.id)
  assert.deepEqual(back.types, ['session.ready'])
})

test('an agent that was told meanwhile to keep nothing has its sessions revived, and nothing of them stays stored', async () => {
  const here = place()
  const agents = { a: plainAgent }
  const first = await startServer(here, 'a', agents)
  const caller = first.caller()
  caller.door?.receive({ type: 'session.update', session: { agent_id: 'a' } })
  await here.clock.to(1000)
  first.die()
  assert.ok(here.conversations.state(caller.id))
  const second = await startServer(here, 'b', { a: { ...plainAgent, history: { keep: false } } })
  const back = await second.resumed(caller.id)
  assert.deepEqual(back.types, ['session.ready'])
  assert.equal(here.conversations.state(caller.id), undefined)
})

test('words that were recognised in full outlive the server, even when their turn was not over', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const { id } = await first.begun()
  const session = await first.sessions.find(id, mine)
  if ('code' in session) return assert.fail('it is here')
  session.dispatch({ type: 'vad.started', since: here.clock.now() })
  await here.clock.to(here.clock.now() + 900)
  session.dispatch({ type: 'vad.stopped', since: here.clock.now() })
  session.dispatch({ type: 'stt.final', turn: 1, text: 'My number is five five' })
  await here.clock.to(here.clock.now() + 1)
  first.die()
  const back = await (await startServer(here, 'b')).resumed(id)
  assert.deepEqual(
    back.got.flatMap((event) => (event.type === 'transcript.user' ? [event.text] : [])),
    ['My number is five five'],
  )
})

test('the length of a session and of its sound go on being counted by the next server', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const caller = await first.begun()
  caller.door?.hear(new Uint8Array(48_000))
  said(caller, 'That was one second.')
  await here.clock.to(here.clock.now() + 1)
  first.die()
  await here.clock.to(20_000)
  const back = await (await startServer(here, 'b')).resumed(caller.id)
  back.door?.hear(new Uint8Array(24_000))
  said(back, 'And half of one.')
  await here.clock.to(30_000)
  assert.equal(here.conversations.state(caller.id)?.audioHeardMs, 1500)
  back.door?.receive({ type: 'session.end' })
  const ended = back.got.find((event) => event.type === 'session.ended')
  assert.ok(ended?.type === 'session.ended')
  assert.deepEqual([ended.session_duration_seconds, ended.audio_duration_seconds], [30, 1.5])
})

test('what may have been heard by the death of the server is not said again, and what cannot have been is not claimed', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const caller = first.caller()
  // of its sound each character takes 60 ms
  const greeting = 'One two three four five six seven eight nine ten eleven twelve.'
  caller.door?.receive({ type: 'session.update', session: { greeting } })
  await here.clock.to(1500)
  first.die()
  await here.clock.to(2400)
  await (await startServer(here, 'b')).resumed(caller.id)
  const [heard, ...more] = here.conversations.state(caller.id)?.conversation.history ?? []
  assert.deepEqual([heard?.text, heard?.interrupted, more], ['One two three four five six seven eight', true, []])
})

test('a server that stops waits until everything is stored', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  here.conversations.delayMs = 500
  said(caller, 'My last words.')
  caller.door?.lost()
  let isDone = false
  const draining = server.sessions.drain(0).then(() => {
    isDone = true
  })
  await here.clock.to(here.clock.now() + 400)
  assert.equal(isDone, false)
  await here.clock.to(here.clock.now() + 2000)
  await draining
  assert.equal(here.conversations.state(caller.id)?.conversation.history.at(-1)?.text, 'My last words.')
})

test('when the grace is over, what the dead server left is removed', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const caller = await first.begun()
  first.die()
  await here.clock.to(here.clock.now() + 32_000)
  const late = await (await startServer(here, 'b')).resumed(caller.id)
  assert.deepEqual(late.refusal, ['session_not_found', '1008 session_not_found'])
  assert.equal(here.conversations.rows.size, 0)
})

test('a session keeps its place while nobody is connected, and with the next server', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const [one, other] = [await first.begun(), await first.begun()]
  one.door?.lost()
  const third = await first.begun()
  assert.deepEqual(third.refusal, ['concurrency_exceeded', '1008 concurrency_exceeded'])
  assert.equal((await first.resumed(one.id)).id, one.id)
  first.die()
  const second = await startServer(here, 'b')
  for (const { id } of [one, other]) assert.equal((await second.resumed(id)).id, id)
  assert.deepEqual((await second.begun()).refusal, ['concurrency_exceeded', '1008 concurrency_exceeded'])
  second.sessions.takenOver(other.id)
  assert.match((await second.begun()).id, /^sess_/)
})

test('an account that is gone has no sessions, with a connection or without, and opens none', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const [connected, alone] = [await server.begun(), await server.begun()]
  const waiting = server.caller()
  alone.door?.lost()
  server.sessions.endAllOf('mine')
  assert.equal(connected.types.at(-1), 'session.ended')
  assert.equal(server.sessions.size, 0)
  waiting.door?.receive({ type: 'session.update', session: configured })
  assert.deepEqual(waiting.refusal, ['unauthorized', '1008 unauthorized'])
})

test('of many resumes of a session that is not here it is revived once, and the newest has it', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const { id } = await first.begun()
  first.die()
  const second = await startServer(here, 'b')
  const callers = Array.from({ length: 20 }, () => second.caller())
  for (const { door } of callers) door?.receive({ type: 'session.resume', session_id: id })
  await here.clock.to(here.clock.now() + 10)
  assert.deepEqual([here.conversations.claims, second.sessions.size], [1, 1])
  assert.deepEqual(
    callers.map(({ closed }) => closed),
    [...Array.from({ length: 19 }, () => '1008 resumed elsewhere'), undefined],
  )
  assert.deepEqual(callers.at(-1)?.types, ['session.ready'])
})

test('a session that another server has taken over leaves this one without a word, and is not removed', async () => {
  const here = place()
  const { clock } = here
  const first = await startServer(here, 'a')
  const caller = await first.begun()
  const second = await startServer(here, 'b')
  const elsewhere = await second.resumed(caller.id)
  assert.deepEqual(elsewhere.types, ['session.ready'])
  said(caller, 'Am I still here?')
  await clock.to(clock.now() + 100)
  assert.equal(caller.closed, '1008 resumed elsewhere')
  assert.ok(!caller.types.includes('session.ended'))
  assert.deepEqual([first.departures, first.sessions.size], [['suspended'], 0])
  said(elsewhere, 'Yes.')
  await clock.to(clock.now() + 100)
  assert.deepEqual(
    here.conversations.state(caller.id)?.conversation.history.map(({ text }) => text),
    ['Hello there.', 'Yes.'],
  )
})

test('what a version with another format has stored is not gone on with', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const { id } = await first.begun()
  first.die()
  const row = here.conversations.rows.get(id)!
  here.conversations.rows.set(id, { ...row, state: row.state!.replace(`"format":${STATE_FORMAT}`, '"format":0') })
  const late = await (await startServer(here, 'b')).resumed(id)
  assert.deepEqual(late.refusal, ['session_not_found', '1008 session_not_found'])
})

test('a server that stops leaves what nobody is connected to for the next one, and ends the rest in good order', async () => {
  const here = place()
  const first = await startServer(here, 'a')
  const lost = await first.begun()
  const present = await first.begun()
  lost.door?.lost()
  const draining = first.sessions.drain(5000)
  const newcomer = first.caller()
  newcomer.door?.receive({ type: 'session.update', session: {} })
  assert.deepEqual(newcomer.refusal, ['at_capacity', '1008 at_capacity'])
  await here.clock.to(here.clock.now() + 5001)
  await draining
  assert.deepEqual([present.types.at(-1), present.closed], ['session.ended', '1000 server_stopping'])
  assert.deepEqual(first.departures.toSorted(), ['server_stopping', 'suspended'])
  first.keeper.close()
  assert.equal(here.clock.pending, 0)
  const back = await (await startServer(here, 'b')).resumed(lost.id)
  assert.deepEqual(back.types, ['session.ready'])
})

test('a connection that says nothing is sent away, one that leaves first costs no timer', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const silent = server.caller()
  const hasty = server.caller()
  hasty.door?.lost()
  await here.clock.to(10_000)
  assert.deepEqual(silent.refusal, ['invalid_value', '1008 invalid_value'])
  assert.deepEqual([hasty.got, here.clock.pending], [[], 0])
})

test('connections that have not said yet what they want are many, but not without end', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const { id } = await server.begun()
  const waiting = Array.from({ length: 40 }, () => server.caller())
  assert.deepEqual(server.caller().refusal, ['at_capacity', '1008 at_capacity'])
  waiting[0]?.door?.lost()
  assert.deepEqual((await server.resumed(id)).types, ['session.ready'])
  assert.deepEqual((await server.resumed(`sess_${'0'.repeat(32)}`)).refusal[0], 'session_not_found')
  await here.clock.to(here.clock.now() + 10_000)
  assert.ok(waiting.slice(1).every(({ closed }) => closed === '1008 invalid_value'))
  const again = Array.from({ length: 40 }, () => server.caller())
  assert.ok(again.every(({ closed }) => closed === undefined))
})

test('a grace that ran out unnoticed is over all the same', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const { id, door } = await server.begun()
  door?.lost()
  const late = server.caller()
  // the event loop was held up: the resume is handled before the alarm
  const now = here.clock.now()
  here.clock.now = () => now + 31_000
  late.door?.receive({ type: 'session.resume', session_id: id })
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(late.refusal, ['session_not_found', '1008 session_not_found'])
})

test('a lookup that takes too long is answered, and what is sent meanwhile is told to wait', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  here.conversations.delayMs = 60_000
  caller.door?.receive({ type: 'session.end' })
  const waiting = await server.resumed(caller.id)
  waiting.door?.receive({ type: 'reply.create' })
  await here.clock.to(here.clock.now() + 5001)
  assert.deepEqual(waiting.refusal, ['invalid_value,internal_error', '1011 internal_error'])
})

test('a server that stops waits for no write that is still to be tried again', async () => {
  const here = place()
  const server = await startServer(here, 'a')
  const caller = await server.begun()
  here.conversations.isBroken = true
  said(caller, 'My last words.')
  await here.clock.to(here.clock.now() + 10)
  const found = server.keeper.find(caller.id)
  server.keeper.close()
  assert.equal((await found)?.accountId, 'mine')
  here.conversations.isBroken = false
  said(caller, 'Nobody stores this.')
  await here.clock.to(here.clock.now() + 5000)
  assert.deepEqual(
    here.conversations.state(caller.id)?.conversation.history.map(({ text }) => text),
    ['Hello there.'],
  )
})

test('what an agent let anybody keep holds for a session that outlives it', async () => {
  const here = place()
  const history = { keep: true, record_audio: false, retention_days: 3 }
  const first = await startServer(here, 'a', { discreet: { ...plainAgent, history } })
  const caller = await first.begun({ agent_id: 'discreet' })
  first.die()
  const told: unknown[] = []
  const prepared = (_config: unknown, _agent: unknown, asked: unknown) => void told.push(asked)
  for (const holder of ['b', 'c']) {
    const next = await startServer(here, holder, {}, { observers: [{ prepared }] })
    assert.deepEqual((await next.resumed(caller.id)).types, ['session.ready'])
    next.die()
  }
  assert.deepEqual(told, [history, history])
})

/** Calls a tool as it is asked for the first time, and says what came of it. */
const calls: LlmScript = ({ messages }) =>
  messages.some(({ role }) => role === 'tool')
    ? 'It is done.'
    : [{ type: 'called', callId: 'c1', name: 'book', arguments: '{}' }]
const book: Tool = completeTool({
  name: 'book',
  description: 'Books the table.',
  parameters: { type: 'object', properties: {} },
})
const booking = { ...configured, tools: [book] }

test('a call of a tool leaves once it is stored that it was made, and nothing overtakes it', async () => {
  const here = place()
  const { clock, conversations } = here
  const server = await startServer(here, 'a', {}, { script: calls })
  const caller = await server.begun(booking)
  conversations.delayMs = 100
  const from = caller.got.length
  caller.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 90)
  const before = caller.types.slice(from)
  assert.ok(!before.includes('tool.call') && !before.includes('reply.done'), before.join(' '))
  await clock.to(clock.now() + 200)
  const after = caller.types.slice(from)
  assert.ok(after.indexOf('tool.call') < after.indexOf('reply.done'), after.join(' '))
  assert.match(conversations.rows.get(caller.id)?.state ?? '', /"callId":"c1"/)
})

test('a server that dies before it is stored that a call was made has not made it: the next one does, once', async () => {
  const here = place()
  const { clock, conversations } = here
  const runs: string[] = []
  const tools = (holder: string): ServerTools => ({
    names: ['book'],
    run: async () => {
      runs.push(holder)
      return { result: 'Booked.', isError: false }
    },
    close: async () => {},
  })
  const agentOf = (holder: string) => ({
    maitre: { config: { ...plainAgent.config, tools: [book] }, tools: tools(holder) },
  })
  const first = await startServer(here, 'a', agentOf('a'), { script: calls })
  const caller = await first.begun({ agent_id: 'maitre' })
  said(caller, 'A table for two.')
  await clock.to(clock.now() + 10)
  conversations.isBroken = true
  caller.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 20)
  const session = await first.sessions.find(caller.id, mine)
  // as far as this process is concerned: gone at once, with all that it held
  if (!('code' in session)) session.suspend()
  first.die()
  conversations.isBroken = false
  await clock.to(clock.now() + 1000)
  assert.deepEqual([runs, caller.types.filter((type) => type === 'tool.call')], [[], []])
  const second = await startServer(here, 'b', agentOf('b'), { script: calls })
  const back = await second.resumed(caller.id)
  back.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 2000)
  assert.deepEqual(runs, ['b'])
})

test('a database that is away holds a call up for a quarter of a second', async () => {
  const here = place()
  const { clock, conversations } = here
  const server = await startServer(here, 'a', {}, { script: calls })
  const caller = await server.begun(booking)
  conversations.isBroken = true
  caller.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 240)
  assert.ok(!caller.types.includes('tool.call'))
  await clock.to(clock.now() + 20)
  assert.ok(caller.types.includes('tool.call'))
})

test('a call that was held back is not made by a server that another has taken the session from', async () => {
  const here = place()
  const { clock, conversations } = here
  const first = await startServer(here, 'a', {}, { script: calls })
  const caller = await first.begun(booking)
  await conversations.claim(caller.id, 'b')
  caller.door?.receive({ type: 'reply.create' })
  await clock.to(clock.now() + 1000)
  assert.equal(caller.closed, '1008 resumed elsewhere')
  assert.ok(!caller.types.includes('tool.call'))
})

const plainAgent: StoredAgent = {
  config: {
    ...defaultConfig,
    system_prompt: 'Be brief.',
  },
}
