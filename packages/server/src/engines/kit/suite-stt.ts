// What every speech-to-text engine must do. The test program gives its `test` function and an engine to try.
import assert from 'node:assert/strict'
import { Queue } from '../../session/queue.js'
import { EngineError, type Samples, type Stt, type SttInput, type SttOutput } from '../engine.js'
import type { DeclareTest } from './suite-vad.js'

export interface Utterance {
  readonly sound: Samples
  /** What must be found in its text. An engine whose speech is made up in the test may leave it at `/^/`. */
  readonly text: RegExp
}
export interface SttSubject {
  /** A fresh engine; the suite closes it. */
  make(): Promise<Stt>
  /** Two utterances at the engine's rate, with words of their own. */
  readonly utterances: readonly [Utterance, Utterance]
  /** At least a second in which nothing is said. */
  readonly silence: Samples
}

const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: true }

export function sttSuite(test: DeclareTest, subject: SttSubject): void {
  const { silence } = subject
  const [one, two] = subject.utterances

  async function withStream(use: (stream: Stream) => Promise<void>): Promise<void> {
    const stt = await subject.make()
    const stream = new Stream(stt)
    try {
      await use(stream)
    } finally {
      stream.stop()
      await stt.close()
    }
  }

  test('a stream without any input ends without a word', () =>
    withStream(async (stream) => {
      stream.end()
      assert.deepEqual(await stream.ended(), [])
    }))

  test('silence and empty pieces of sound give nothing', () =>
    withStream(async (stream) => {
      stream.hear(silence, new Int16Array(0), silence)
      stream.end()
      assert.deepEqual(await stream.ended(), [])
    }))

  test('after speech has stopped there is one final with the text of the turn', () =>
    withStream(async (stream) => {
      stream.say(one.sound, silence)
      const final = await stream.final()
      assert.match(final.text, one.text)
      assert.equal(final.turn, 1)
      stream.hear(silence)
      stream.end()
      assert.equal((await stream.ended()).filter((output) => output.type === 'final').length, 1)
    }))

  test('a final covers all that was said in the turn so far', () =>
    withStream(async (stream) => {
      stream.say(one.sound, silence)
      await stream.final()
      stream.say(two.sound, silence)
      const { text, turn } = await stream.final()
      assert.match(text, one.text)
      assert.match(text, two.text)
      assert.equal(turn, 1)
    }))

  test('in a new turn the text starts afresh', () =>
    withStream(async (stream) => {
      stream.say(one.sound, silence)
      const first = await stream.final()
      stream.send({ type: 'turn', turn: 2 })
      stream.say(two.sound, silence)
      const second = await stream.final()
      assert.equal(second.turn, 2)
      assert.match(second.text, two.text)
      assert.ok(first.text === '' || !second.text.includes(first.text), 'the first turn is part of the second')
    }))

  test('speech that resumes before its final is ready is told with what follows', () =>
    withStream(async (stream) => {
      stream.say(one.sound)
      stream.say(two.sound, silence)
      stream.end()
      const finals = (await stream.ended()).filter((output) => output.type === 'final')
      assert.ok(finals.length === 1 || finals.length === 2, `${finals.length} finals for two stops`)
      assert.match(finals.at(-1)!.text, one.text)
      assert.match(finals.at(-1)!.text, two.text)
    }))

  test('speech without a sound has an empty final', () =>
    withStream(async (stream) => {
      stream.say(new Int16Array(0), silence)
      stream.end()
      const outputs = await stream.ended()
      assert.equal(outputs.filter((output) => output.type === 'final').length, 1)
    }))

  test('the length of the pieces makes no difference to the final', () =>
    withStream(async (stream) => {
      stream.say(one.sound, silence)
      const { text } = await stream.final()
      for (const size of [1, 77, 4001]) {
        stream.send({ type: 'turn', turn: stream.turn + 1 })
        stream.hear(silence)
        stream.send({ type: 'speech.started' })
        for (let at = 0; at < one.sound.length; at += size) stream.hear(one.sound.subarray(at, at + size))
        stream.send({ type: 'speech.stopped' })
        stream.hear(silence)
        assert.match((await stream.final()).text, one.text, `in pieces of ${size} samples (at once: ${text})`)
      }
    }))

  test('two streams know nothing of each other', () =>
    withStream(async (stream) => {
      const other = new Stream(stream.stt)
      stream.say(one.sound)
      other.say(two.sound)
      stream.hear(silence)
      other.hear(silence)
      const [first, second] = await Promise.all([stream.final(), other.final()])
      other.stop()
      assert.match(first.text, one.text)
      assert.match(second.text, two.text)
    }))

  test('an aborted stream ends at once and gives nothing more', () =>
    withStream(async (stream) => {
      stream.say(one.sound)
      stream.stop()
      const before = stream.outputs.length
      assert.equal((await stream.ended()).length, before)
    }))

  test('a stream that is not wanted any more when it is opened gives nothing', async () => {
    const stt = await subject.make()
    const outputs: SttOutput[] = []
    for await (const output of stt.open(new Queue<SttInput>(), settings, AbortSignal.abort())) outputs.push(output)
    await stt.close()
    assert.deepEqual(outputs, [])
  })

  test('a stream that is open when the engine is closed fails with a typed error', async () => {
    const stt = await subject.make()
    const stream = new Stream(stt)
    stream.hear(silence)
    const failure = assert.rejects(stream.ended(), EngineError)
    await stt.close()
    await failure
  })

  test('an engine tells what it is', () =>
    withStream(async ({ stt: { info, sampleRateHz } }) => {
      assert.equal(info.kind, 'stt')
      for (const part of [info.name, info.version, info.description]) assert.notEqual(part, '')
      assert.ok(sampleRateHz >= 8000)
    }))
}

/** One stream of an engine, spoken into and listened to. */
class Stream {
  readonly outputs: SttOutput[] = []
  turn = 1
  readonly #input = new Queue<SttInput>()
  readonly #finals = new Queue<SttOutput>()
  readonly #unread = this.#finals[Symbol.asyncIterator]()
  readonly #stop = new AbortController()
  readonly #over: Promise<void>

  constructor(readonly stt: Stt) {
    this.#over = this.#listen()
    // Looked at by `ended` and `final`.
    this.#over.catch(() => {})
  }

  send(input: SttInput): void {
    if (input.type === 'turn') this.turn = input.turn
    this.#input.push(input)
  }

  hear(...pieces: readonly Samples[]): void {
    for (const samples of pieces) this.send({ type: 'audio', samples })
  }

  say(sound: Samples, after: Samples = new Int16Array(0)): void {
    this.send({ type: 'speech.started' })
    this.hear(sound)
    this.send({ type: 'speech.stopped' })
    this.hear(after)
  }

  end(): void {
    this.#input.close()
  }

  stop(): void {
    this.#stop.abort()
  }

  async ended(): Promise<readonly SttOutput[]> {
    await this.#over
    return this.outputs
  }

  /** The next final. */
  async final(): Promise<SttOutput> {
    const next = await this.#unread.next()
    if (!next.done) return next.value
    await this.#over
    return assert.fail('the stream ended without a final')
  }

  async #listen(): Promise<void> {
    try {
      for await (const output of this.stt.open(this.#input, settings, this.#stop.signal)) {
        assert.equal(this.#stop.signal.aborted, false, 'something was told after the stream was aborted')
        assert.ok(output.turn <= this.turn, `turn ${output.turn} has not begun`)
        this.outputs.push(output)
        if (output.type === 'final') this.#finals.push(output)
      }
    } finally {
      this.#finals.close()
    }
  }
}
