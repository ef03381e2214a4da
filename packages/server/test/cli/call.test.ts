// Whole calls in virtual time: a real session object, an agent that follows a script, recordings for the user.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '@parley/client'
import { type Encoding, sampleRateHz, type TimedServerEvent } from '@parley/protocol'
import { silence } from '../../dist/audio/pcm.js'
import { type CallOptions, call, type Turn, type TurnReport } from '../../dist/cli/talk/call.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { FakeAgent, type FakeAgentScript } from './fake-agent.js'
import { sequence, tone } from './sounds.js'

interface Setting {
  readonly script?: FakeAgentScript
  readonly greeting?: string
  readonly encoding?: Encoding
  readonly options?: Partial<CallOptions>
}

/** A call and the events of it with their times; `end` lets it run out. */
function placed(turns: readonly Turn[], { script, greeting, encoding = 'audio/pcm', options }: Setting = {}) {
  const clock = new VirtualClock()
  const told: (TimedServerEvent | TurnReport)[] = []
  const times: { readonly type: string; readonly at: number }[] = []
  let agent: FakeAgent | undefined
  let disconnect = () => {}

  class Line extends EventTarget {
    readyState = 0
    readonly bufferedAmount = 0

    constructor() {
      super()
      agent = new FakeAgent(
        clock,
        (event) => this.#deliver(event),
        (code) => this.close(code),
        script,
      )
      disconnect = () => this.close(1006)
      queueMicrotask(() => {
        this.readyState = 1
        this.dispatchEvent(new Event('open'))
      })
    }

    send(text: string): void {
      agent!.receive(text)
    }

    close(code = 1000): void {
      if (this.readyState === 3) return
      this.readyState = 3
      agent!.stop()
      queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' })))
    }

    #deliver(event: object): void {
      this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(event) }))
    }
  }

  const format = { encoding, sample_rate: sampleRateHz[encoding] }
  const session = connect({
    url: 'http://127.0.0.1:1',
    // a listener of an EventTarget is told of an Event, which has here the fields that the client reads
    WebSocket: Line as never,
    // as of `parley talk`
    resume: false,
    session: { ...(greeting === undefined ? {} : { greeting }), input: { format }, output: { format } },
  })
  const stop = new AbortController()
  const calling = call(session, turns, {
    bargeIn: false,
    patienceMs: 10_000,
    clock,
    signal: stop.signal,
    tell(event) {
      told.push(event)
      times.push({ type: event.type, at: clock.now() })
    },
    ...options,
  })
  const end = async () => {
    let isOver = false
    calling.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    for (let time = clock.now(); !isOver && time < 120_000; time += 500) await clock.to(time)
    return calling
  }
  const at = (type: string) => times.filter((event) => event.type === type).map((event) => event.at)
  return { clock, told, at, end, stop, disconnect: () => disconnect(), agent: () => agent! }
}

const recording = (name: string, make: (rateHz: number) => Int16Array): Turn => ({ is: 'recording', name, sound: make })
/** 200 ms of silence, 600 ms of voice, 400 ms of silence. */
const question = (name = 'question.wav') =>
  recording(name, (rateHz) => sequence(silence(200, rateHz), tone(600, rateHz), silence(400, rateHz)))

test('the latency of a turn runs from the end of the speech to the first sound of the answer', async () => {
  const { end } = placed([question()], { script: { silenceMs: 300, thinkMs: 250 } })
  const { reports, failure } = await end()
  assert.equal(failure, undefined)
  assert.equal(reports.length, 1)
  const [{ speech_end_ms, latency_ms, answered }] = reports as [TurnReport]
  assert.deepEqual([answered, speech_end_ms], [true, 800])
  // the frame that ends with the last voice leaves 20 ms after it began, and the agent counts from there
  assert.ok(latency_ms! >= 550 && latency_ms! <= 590, `${latency_ms} ms`)
})

test('the user waits for the greeting to be heard to its end', async () => {
  const { end, at } = placed([question()], { greeting: 'Good day!', script: { answerMs: 1500 } })
  await end()
  assert.deepEqual(at('reply.started').length, 2)
  assert.ok(at('input.speech.started')[0]! >= at('reply.done')[0]! + 380)
})

test('whoever barges in speaks while the agent is still greeting', async () => {
  const { end, at, told } = placed([question()], {
    greeting: 'Good day, and a long greeting!',
    script: { answerMs: 5000 },
    options: { bargeIn: true },
  })
  const { reports } = await end()
  assert.ok(at('input.speech.started')[0]! < 2000)
  const cut = told.find((event) => event.type === 'reply.done')
  assert.equal(cut?.type === 'reply.done' && cut.status, 'interrupted')
  assert.equal(reports[0]?.answered, true)
})

test('a reply that was cut short is not in the recording beyond the cut', async () => {
  const { end, at } = placed([question()], {
    greeting: 'A long greeting',
    script: { answerMs: 5000 },
    options: { bargeIn: true },
  })
  const { heard } = await end()
  const [cut] = at('reply.done')
  const [answer] = at('reply.audio').filter((time) => time > cut!)
  const between = heard.samples.subarray(Math.ceil(cut! * 24) + 1, Math.floor(answer! * 24) - 1)
  assert.ok(between.length > 1000 && between.every((sample) => sample === 0))
})

test('each recording is a turn, said after the answer to the one before was heard', async () => {
  const { end, at } = placed([question('a.wav'), question('b.wav')])
  const { reports } = await end()
  assert.deepEqual(
    reports.map(({ file, answered }) => [file, answered]),
    [
      ['a.wav', true],
      ['b.wav', true],
    ],
  )
  assert.ok(at('input.speech.started')[1]! > at('reply.done')[0]!)
  assert.equal(at('session.ended').length, 1)
})

test('a pause inside a recording that the agent takes for the end does not end the turn', async () => {
  const paused = recording('paused.wav', (rateHz) =>
    sequence(tone(500, rateHz), silence(600, rateHz), tone(500, rateHz), silence(300, rateHz)),
  )
  const { end, told } = placed([paused], { script: { answerMs: 2000 } })
  const { reports } = await end()
  const statuses = told.flatMap((event) => (event.type === 'reply.done' ? [event.status] : []))
  assert.deepEqual(statuses, ['interrupted', 'completed'])
  assert.ok(reports[0]!.latency_ms! > 0 && reports[0]!.latency_ms! < 500, `${reports[0]!.latency_ms} ms`)
})

test('an answer to the first words that outlasts the last ones is not taken for the answer to them', async () => {
  const paused = recording('paused.wav', (rateHz) =>
    sequence(tone(500, rateHz), silence(1400, rateHz), tone(300, rateHz), silence(100, rateHz)),
  )
  const script = { silenceMs: 1200, answerMs: 1000, isDeafWhileSpeaking: true }
  const { end, at } = placed([paused], { script })
  const { reports } = await end()
  assert.equal(at('reply.done').length, 2)
  assert.ok(reports[0]!.latency_ms! >= 1300, `${reports[0]!.latency_ms} ms`)
})

test('an answer that never comes is told as such after the given time', async () => {
  const { end, clock } = placed([question()], { script: { isMute: true }, options: { patienceMs: 4000 } })
  const { reports } = await end()
  assert.deepEqual([reports[0]?.answered, reports[0]?.latency_ms], [false, null])
  assert.ok(clock.now() < 7000)
})

test('a recording without speech has no latency', async () => {
  const quiet = recording('quiet.wav', (rateHz) => silence(300, rateHz))
  const { end } = placed([quiet], { script: { isMute: true }, options: { patienceMs: 1000 } })
  const { reports } = await end()
  assert.deepEqual([reports[0]?.answered, reports[0]?.speech_end_ms], [false, null])
})

for (const encoding of ['audio/pcmu', 'audio/pcma'] as const) {
  test(`${encoding} goes both ways at 8 kHz`, async () => {
    const { end } = placed([question()], { encoding })
    const { heard, reports } = await end()
    assert.equal(reports[0]?.answered, true)
    assert.equal(heard.sampleRateHz, 8000)
    const loud = heard.samples.filter((sample) => Math.abs(sample) > 4000).length
    assert.ok(loud > 1000, `${loud} loud samples`)
  })
}

test('a stream is sent as it comes and ends when all is quiet', async () => {
  async function* pieces(rateHz: number) {
    for (const part of [silence(100, rateHz), tone(310, rateHz), tone(305, rateHz), silence(400, rateHz)]) yield part
  }
  const { end, at, agent } = placed([{ is: 'stream', name: '-', sound: pieces }])
  const { reports, failure } = await end()
  assert.deepEqual([failure, reports[0]?.answered, reports[0]?.latency_ms], [undefined, true, null])
  const voice = agent().heard.slice(2400, 2400 + 615 * 24)
  assert.ok(voice.every((_, index) => index < 24 || voice.slice(index - 24, index).some((sample) => sample !== 0)))
  assert.equal(at('input.speech.started').length, 1)
})

test('a line that breaks ends the call with what was heard so far', async () => {
  const { clock, end, disconnect } = placed([question()], { script: { answerMs: 5000 } })
  await clock.to(2500)
  disconnect()
  const { failure, heard } = await end()
  assert.match(failure!.message, /connection was lost/)
  assert.ok(heard.samples.some((sample) => sample !== 0))
  assert.equal(clock.pending, 0)
})

test('a stopped call says goodbye and keeps what was heard', async () => {
  const { clock, end, stop, agent } = placed([question()], { script: { answerMs: 5000 } })
  await clock.to(2500)
  stop.abort()
  const { failure, heard } = await end()
  assert.equal(failure?.message, 'Stopped.')
  assert.ok(heard.samples.length > 0)
  assert.equal(agent().received.at(-1)?.type, 'session.end')
  assert.equal(clock.pending, 0)
})

test('a tool that the terminal cannot run is answered with an error, so that the agent can go on', async () => {
  const { end, agent } = placed([question()], {
    script: { before: { type: 'tool.call', call_id: 'call_1', name: 'look_up', arguments: {} } },
  })
  await end()
  const result = agent().received.find(({ type }) => type === 'tool.result')
  assert.deepEqual([result?.call_id, result?.is_error], ['call_1', true])
})
