// Chains of engines: what a caller hears when one of them fails (checklist 169, 170).
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../../dist/config.js'
import { namesOf } from '../../dist/engines/chain.js'
import { EngineError, type LlmOutput, type LlmRequest, type Stt, type SttInput } from '../../dist/engines/engine.js'
import { choicesOf, loadEngine } from '../../dist/engines/index.js'
import { asked, type Circuit, closedCircuit, failed, refused } from '../../dist/engines/kit/circuit.js'
import { Continuation, WholeWords } from '../../dist/engines/kit/continuation.js'
import { fallbackLlm } from '../../dist/engines/kit/fallback-llm.js'
import { fallbackStt } from '../../dist/engines/kit/fallback-stt.js'
import { fallbackTts, unsaid } from '../../dist/engines/kit/fallback-tts.js'
import { llmSuite } from '../../dist/engines/kit/suite-llm.js'
import { ttsSuite } from '../../dist/engines/kit/suite-tts.js'
import { type ScriptedReply, scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { scriptedTts } from '../../dist/engines/tts/scripted.js'
import { type Clock, systemClock, VirtualClock } from '../../dist/session/clock.js'
import { Queue } from '../../dist/session/queue.js'

const failure = { code: 'down', message: 'It is down.', retryable: true }
const down: ScriptedReply = [{ type: 'fail', failure }]
const request: LlmRequest = {
  messages: [{ role: 'user', content: 'When does it leave?' }],
  tools: [],
  sessionId: 'sess_1',
  agentId: undefined,
}
const never = () => new AbortController().signal
const ports = (clock: Clock = new VirtualClock()) => ({ clock, log: () => {} })

async function written(stream: AsyncIterable<LlmOutput>): Promise<string> {
  let text = ''
  for await (const out of stream) text += out.type === 'wrote' ? out.text : `<${out.name}>`
  return text
}

describe('a circuit', () => {
  const after = (circuit: Circuit, ...times: readonly number[]) => times.reduce(failed, circuit)

  it('opens when an engine has failed three times within a minute, and not when it failed now and then', () => {
    assert.equal(asked(after(closedCircuit, 0, 1000), 1000).allowed, true)
    assert.equal(asked(after(closedCircuit, 0, 1000, 2000), 2000).allowed, false)
    assert.equal(asked(after(closedCircuit, 0, 40_000, 80_000, 120_000), 120_000).allowed, true)
  })

  it('lets one request try the engine after a rest, and rests twice as long when that fails', () => {
    const open = after(closedCircuit, 0, 0, 0)
    assert.equal(asked(open, 14_999).allowed, false)
    const probe = asked(open, 15_000)
    assert.equal(probe.allowed, true)
    assert.equal(asked(probe.circuit, 15_001).allowed, false, 'only one')
    const again = failed(probe.circuit, 16_000)
    assert.deepEqual([asked(again, 45_999).allowed, asked(again, 46_000).allowed], [false, true])
    assert.equal(asked(probe.circuit, 45_000).allowed, true, 'a probe that nothing was heard of is tried again')
  })

  it('is not moved by a request that the engine would not take', () => {
    const twice = after(closedCircuit, 0, 0)
    assert.deepEqual(refused(twice, 0), twice)
    const probe = asked(after(closedCircuit, 0, 0, 0), 15_000).circuit
    const unsure = refused(probe, 15_100)
    assert.equal(asked(unsure, 15_100).allowed, true, 'the next request tries it')
    assert.equal(
      asked(failed(asked(unsure, 15_100).circuit, 15_200), 45_199).allowed,
      false,
      'it rests as long as ever',
    )
  })
})

describe('the text of two models', () => {
  it('is joined where the first broke off, whether the second repeats that or not', () => {
    const joined = (before: string, pieces: readonly string[]) => {
      const sieve = new Continuation(before)
      return pieces.map((piece) => sieve.take(piece)).join('') + sieve.finish()
    }
    assert.equal(joined('One two ', ['three', ' four']), 'three four')
    assert.equal(joined('One two ', ['One ', 'two thr', 'ee']), 'three')
    assert.equal(joined('One two ', ['One ', 'more']), 'One more')
    assert.equal(joined('One two ', ['One']), '')
    assert.equal(joined('', ['One ', 'two']), 'One two')
  })

  it('is given in whole words', () => {
    const words = new WholeWords()
    assert.deepEqual(
      ['One t', 'wo', ' three'].map((text) => words.take(text)),
      ['One ', '', 'two '],
    )
    assert.equal(words.finish(), 'three')
  })
})

describe('a chain of language models', () => {
  it('answers by its first as long as that works, and by the next when it fails', async () => {
    const second = scriptedLlm(['From the second.'])
    const chain = fallbackLlm([scriptedLlm(['From the first.', down]), second], ports())
    assert.equal(await written(chain.open(request, never())), 'From the first.')
    assert.equal(await written(chain.open(request, never())), 'From the second.')
    assert.deepEqual([chain.info.kind, chain.info.name], ['llm', 'scripted,scripted'])
  })

  it('goes on in the middle of a reply, telling the second how it began, and no word comes twice (169)', async () => {
    const requests: LlmRequest[] = []
    const first = scriptedLlm([[{ type: 'wrote', text: 'It leaves at nine. And it arr' }, ...down]])
    const second = scriptedLlm((asked) => {
      requests.push(asked)
      return 'It leaves at nine. And it comes at ten.'
    })
    const chain = fallbackLlm([first, second], ports())
    assert.equal(await written(chain.open(request, never())), 'It leaves at nine. And it comes at ten.')
    assert.deepEqual(
      requests[0]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'system'],
    )
    assert.equal(requests[0]?.messages[1]?.content, 'It leaves at nine. And it ')
  })

  it('turns to the second when the first writes nothing for three seconds', async () => {
    const clock = new VirtualClock()
    const slow = scriptedLlm(
      [
        [
          { type: 'wait', for: 60_000 },
          { type: 'wrote', text: 'Late.' },
        ],
      ],
      {
        sleep: (ms) => clock.sleep(ms),
      },
    )
    const chain = fallbackLlm([slow, scriptedLlm(['In time.'])], ports(clock))
    const text = written(chain.open(request, never()))
    await clock.to(2_999)
    await clock.to(3_000)
    assert.equal(await text, 'In time.')
  })

  it('makes no call twice: after one a failure is final', async () => {
    const call = { type: 'called', callId: 'c1', name: 'book', arguments: '{}' } as const
    let isSecondAsked = false
    const second = scriptedLlm(() => {
      isSecondAsked = true
      return 'Booked.'
    })
    const chain = fallbackLlm([scriptedLlm([[call, ...down]]), second], ports())
    await assert.rejects(written(chain.open(request, never())), /It is down/)
    assert.equal(isSecondAsked, false)
  })

  it('fails as its last one does when all fail, and leaves one alone that keeps failing', async () => {
    const clock = new VirtualClock()
    let count = 0
    const first = scriptedLlm(() => {
      count += 1
      return down
    })
    const chain = fallbackLlm([first, scriptedLlm(() => 'Second.')], ports(clock))
    for (let reply = 0; reply < 6; reply++) assert.equal(await written(chain.open(request, never())), 'Second.')
    assert.equal(count, 3)
    await clock.to(15_000)
    await written(chain.open(request, never()))
    assert.equal(count, 4, 'after a rest it is tried')
    const hopeless = fallbackLlm([scriptedLlm(() => down), scriptedLlm(() => down)], ports())
    for (let reply = 0; reply < 5; reply++)
      await assert.rejects(written(hopeless.open(request, never())), (error) => error instanceof EngineError)
  })

  it('does not leave a model alone that would not take a single request', async () => {
    const refusal = { code: 'llm_request_refused', message: 'Too long.', retryable: false, statusCode: 400 }
    let count = 0
    const first = scriptedLlm(() => {
      count += 1
      return count <= 6 ? [{ type: 'fail', failure: refusal }] : 'First.'
    })
    const chain = fallbackLlm([first, scriptedLlm(() => 'Second.')], ports())
    for (let reply = 0; reply < 6; reply++) assert.equal(await written(chain.open(request, never())), 'Second.')
    assert.equal(await written(chain.open(request, never())), 'First.')
  })

  it('turns to the second when the first answers with nothing', async () => {
    const chain = fallbackLlm([scriptedLlm([[{ type: 'wrote', text: ' ' }]]), scriptedLlm(['Second.'])], ports())
    assert.equal((await written(chain.open(request, never()))).trim(), 'Second.')
    const hopeless = fallbackLlm([scriptedLlm([[]]), scriptedLlm([[]])], ports())
    assert.equal(await written(hopeless.open(request, never())), '')
  })

  it('stops at once when it is stopped', async () => {
    const clock = new VirtualClock()
    const slow = () => scriptedLlm([[{ type: 'wait', for: 60_000 }]], { sleep: (ms) => clock.sleep(ms) })
    const stop = new AbortController()
    const text = written(fallbackLlm([slow(), slow()], ports(clock)).open(request, stop.signal))
    await clock.to(100)
    stop.abort()
    assert.equal(await text, '')
  })
})

describe('a chain of voices', () => {
  const spoken = async (tts: ReturnType<typeof fallbackTts>, texts: readonly string[], signal = never()) => {
    const clauses = new Queue<string>()
    for (const text of texts) clauses.push(text)
    clauses.close()
    const heard: number[] = []
    let length = 0
    for await (const out of tts.open(clauses, { voice: 'alba' }, signal))
      if (out.type === 'audio') length += (out.samples.length / tts.sampleRateHz) * 1000
      else {
        heard.push(Math.round(length))
        length = 0
      }
    return { heard, left: length }
  }

  it('says the clause over which the first failed by the second, and goes on with that', async () => {
    const first = scriptedTts({ sampleRateHz: 24_000, msPerCharacter: 100, failsAt: 1 })
    const second = scriptedTts({ sampleRateHz: 24_000, msPerCharacter: 50 })
    const { heard, left } = await spoken(fallbackTts([first, second], ports()), ['Ten chars.', 'Ten chars.', 'Five.'])
    assert.deepEqual([heard, left], [[1000, 500, 250], 0])
  })

  it('gives the sound of another rate at its own', async () => {
    const first = scriptedTts({ sampleRateHz: 24_000, failsAt: 0 })
    const second = scriptedTts({ sampleRateHz: 16_000, msPerCharacter: 100 })
    const chain = fallbackTts([first, second], ports())
    assert.equal(chain.sampleRateHz, 24_000)
    const { heard } = await spoken(chain, ['Ten chars.'])
    assert.ok(Math.abs(heard[0]! - 1000) < 30, String(heard))
  })

  it('asks the second for a voice that it has', async () => {
    const first = scriptedTts({ failsAt: 0, voices: ['alba'] })
    const { heard } = await spoken(fallbackTts([first, scriptedTts({ voices: ['other'] })], ports()), ['Hello.'])
    assert.equal(heard.length, 1)
  })

  it('says the words of a clause that have not sounded yet, and none of the others', async () => {
    assert.equal(unsaid('One two three four.', 0), 'One two three four.')
    assert.equal(unsaid('One two three four.', 65 * 5), 'three four.')
    assert.equal(unsaid('One two three four.', 65 * 100), '')
    const texts: string[] = []
    const half = scriptedTts({ sampleRateHz: 24_000 })
    const breaking: typeof half = {
      ...half,
      async *open() {
        yield { type: 'audio', samples: new Int16Array(24 * 65 * 5) }
        throw new EngineError(failure)
      },
    }
    const noting: typeof half = {
      ...half,
      open: (clauses, settings, signal) =>
        half.open(
          (async function* () {
            for await (const clause of clauses) {
              texts.push(clause)
              yield clause
            }
          })(),
          settings,
          signal,
        ),
    }
    const { heard } = await spoken(fallbackTts([breaking, noting], ports()), ['One two three four.', 'Five.'])
    assert.deepEqual(texts, ['three four.', 'Five.'])
    assert.equal(heard.length, 2)
    texts.length = 0
    const whole = await spoken(fallbackTts([breaking, noting], ports()), ['One.', 'Two.'])
    assert.deepEqual([texts, whole.heard.length], [['Two.'], 2])
  })

  it('turns to the second when the first makes no sound for three seconds, and fails when all fail', async () => {
    const clock = new VirtualClock()
    const mute = scriptedTts({ firstChunkMs: 60_000, sleep: (ms) => clock.sleep(ms) })
    const result = spoken(fallbackTts([mute, scriptedTts({ msPerCharacter: 100 })], ports(clock)), ['Ten chars.'])
    await clock.to(3_000)
    assert.deepEqual((await result).heard, [1000])
    const broken = () => scriptedTts({ failsAt: 0 })
    await assert.rejects(spoken(fallbackTts([broken(), broken()], ports()), ['No.']), /The script has the voice fail/)
  })
})

describe('a chain of recognisers', () => {
  /** Hears until it is told to fail; tells what it was given. */
  function recogniser(sampleRateHz = 16_000) {
    const given: SttInput[] = []
    let fail = (_error: Error) => {}
    const broken = new Promise<never>((_, reject) => {
      fail = reject
    })
    broken.catch(() => {})
    const stt: Stt = {
      info: { kind: 'stt', name: 'test', description: 'For tests.', version: '1' },
      sampleRateHz,
      async *open(input) {
        const iterator = input[Symbol.asyncIterator]()
        for (;;) {
          const { value, done } = await Promise.race([iterator.next(), broken])
          if (done) return
          given.push(value)
          if (value.type === 'speech.stopped') yield { type: 'final', turn: 1, text: `${given.length} pieces` }
        }
      },
      close: async () => {},
    }
    return { stt, given, fail: () => fail(new EngineError(failure)) }
  }
  const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
  const audio = (value: number, samples = 160): SttInput => ({
    type: 'audio',
    samples: new Int16Array(samples).fill(value),
  })
  const settled = () => new Promise((resolve) => setTimeout(resolve, 10))
  const marks = (given: readonly SttInput[]) =>
    given.map((piece) => (piece.type === 'audio' ? piece.samples[0] : piece.type === 'turn' ? 'turn' : piece.type))

  it('lets the second hear the turn from its beginning, and what comes after', async () => {
    const first = recogniser()
    const second = recogniser()
    const input = new Queue<SttInput>()
    const stop = new AbortController()
    const texts: string[] = []
    const run = (async () => {
      for await (const { text } of fallbackStt([first.stt, second.stt], ports()).open(input, settings, stop.signal))
        texts.push(text)
    })()
    const reused = audio(2)
    for (const piece of [audio(1), { type: 'turn', turn: 2 }, { type: 'speech.started' }, reused] as const)
      input.push(piece)
    await settled()
    if (reused.type === 'audio') reused.samples.fill(99)
    first.fail()
    await settled()
    input.push(audio(3))
    input.push({ type: 'speech.stopped' })
    await settled()
    assert.deepEqual(marks(second.given), ['turn', 'speech.started', 2, 3, 'speech.stopped'])
    assert.deepEqual(texts, ['5 pieces'])
    stop.abort()
    await run
  })

  it('lets the second hear a pause whose words the first owes for two seconds', async () => {
    const clock = new VirtualClock()
    const second = recogniser()
    const stalled: Stt = {
      ...second.stt,
      open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
    }
    const input = new Queue<SttInput>()
    const stop = new AbortController()
    const outputs = fallbackStt([stalled, second.stt], ports(clock)).open(input, settings, stop.signal)
    const next = outputs[Symbol.asyncIterator]().next()
    for (const piece of [{ type: 'speech.started' }, audio(1), { type: 'speech.stopped' }] as const) input.push(piece)
    await clock.to(1_999)
    assert.equal(second.given.length, 0)
    await clock.to(2_000)
    assert.deepEqual((await next).value, { type: 'final', turn: 1, text: '3 pieces' })
    assert.deepEqual(marks(second.given), ['speech.started', 1, 'speech.stopped'])
    stop.abort()
    input.close()
  })

  it('keeps to its last when that owes the words: whoever listens decides', async () => {
    const clock = new VirtualClock()
    let opened = 0
    const stalled = (): Stt => ({
      ...recogniser().stt,
      async *open(_input, _settings, signal) {
        opened += 1
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    })
    const input = new Queue<SttInput>()
    const stop = new AbortController()
    const outputs = fallbackStt([stalled(), stalled()], ports(clock)).open(input, settings, stop.signal)
    const next = outputs[Symbol.asyncIterator]().next()
    for (const piece of [{ type: 'speech.started' }, audio(1), { type: 'speech.stopped' }] as const) input.push(piece)
    await clock.to(60_000)
    assert.equal(opened, 2)
    stop.abort()
    assert.equal((await next).done, true)
    assert.equal(clock.pending, 0)
  })

  it('remembers the last thirty seconds of a turn, and that they begin in speech', async () => {
    const first = recogniser(1000)
    const second = recogniser(1000)
    const input = new Queue<SttInput>()
    const stop = new AbortController()
    const outputs = fallbackStt([first.stt, second.stt], ports()).open(input, settings, stop.signal)
    const next = outputs[Symbol.asyncIterator]().next()
    input.push({ type: 'speech.started' })
    for (let second = 0; second < 40; second++) input.push(audio(second, 1000))
    await settled()
    first.fail()
    await settled()
    assert.deepEqual(marks(second.given).slice(0, 2), ['speech.started', 10])
    assert.equal(second.given.length, 31)
    stop.abort()
    input.close()
    await next
  })

  it('fails as its last one does when all fail', async () => {
    const one = recogniser()
    one.fail()
    const chain = fallbackStt([one.stt, one.stt], ports())
    await assert.rejects(async () => {
      for await (const _ of chain.open(new Queue<SttInput>(), settings, never()));
    }, /It is down/)
  })
})

describe('the settings of a chain', () => {
  const config = (environment: Record<string, string>) => readConfig(environment).config
  const context = { dataDir: '.', log: () => {} }

  it('name engines in their order, with options for each', async () => {
    assert.deepEqual(namesOf('openai, dialogue'), ['openai', 'dialogue'])
    const chosen = choicesOf(
      'llm',
      config({
        PARLEY_LLM: 'openai#a,openai#b,dialogue',
        PARLEY_LLM_OPTIONS: '{"openai#a":{"model":"large"},"openai#b":{"model":"small"}}',
      }),
    )
    assert.deepEqual(chosen, [
      { name: 'openai', options: { model: 'large' } },
      { name: 'openai', options: { model: 'small' } },
      { name: 'dialogue', options: {} },
    ])
    const engine = await loadEngine(
      'llm',
      config({ PARLEY_LLM: 'scripted,dialogue', PARLEY_LLM_OPTIONS: '{"scripted":{"replies":["Hello."]}}' }),
      context,
    )
    assert.equal(engine?.info.name, 'scripted,dialogue')
    assert.equal(await written(engine!.open(request, never())), 'Hello.')
    await engine?.close()
  })

  it('are refused when they hold options of nobody, an engine that is not there, or a kind that has no chains', async () => {
    for (const [kind, environment, message] of [
      [
        'llm',
        { PARLEY_LLM: 'scripted,dialogue', PARLEY_LLM_OPTIONS: '{"replies":["Hello."]}' },
        /"replies" is not in the chain/,
      ],
      ['llm', { PARLEY_LLM: 'scripted,nobody' }, /There is no llm engine named "nobody"/],
      ['vad', { PARLEY_VAD: 'scripted,silero' }, /takes one engine/],
    ] as const)
      await assert.rejects(async () => loadEngine(kind, config(environment), context), message)
  })
})

// Whatever an engine must do, a chain must do as well: also when its first engine is of no use.
const afterOneThatFails = (replies: Parameters<typeof scriptedLlm>[0]) => ({
  llm: fallbackLlm([scriptedLlm(() => down), scriptedLlm(replies)], ports(systemClock())),
})
llmSuite(
  'scripted,scripted',
  async () =>
    afterOneThatFails(() => [
      { type: 'wrote', text: 'At seven ' },
      { type: 'wrote', text: 'in the morning.' },
    ]),
  async () =>
    afterOneThatFails(({ tools, messages }) =>
      tools.length > 0 && messages.at(-1)?.role === 'user'
        ? [{ type: 'called', callId: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }]
        : 'Sunny.',
    ),
)
ttsSuite('a chain of voices', async () =>
  fallbackTts([scriptedTts({ failsAt: 0 }), scriptedTts({ knowsWords: true })], ports(systemClock())),
)
