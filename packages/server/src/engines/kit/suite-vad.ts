// What every voice activity engine must do. The test program gives its `test` function and an engine to try.
import assert from 'node:assert/strict'
import type { Samples, Vad, VadOutput } from '../engine.js'
import { EngineError } from '../engine.js'

/** `test` of node:test fits. */
export type DeclareTest = (name: string, body: () => Promise<void>) => unknown

export interface VadSubject {
  /** A fresh engine; the suite closes it. */
  make(): Promise<Vad>
  /** Sound that the engine must call speech, at its rate, beginning and ending at once. At least 500 ms. */
  readonly speech: Samples
  /** Sound between speech, in which nothing is said. At least 500 ms. */
  readonly silence: Samples
  /** How far a reported edge may be from the true one. */
  readonly toleranceMs: number
}

const settings = { threshold: 0.5 }

export function vadSuite(test: DeclareTest, subject: VadSubject): void {
  const { speech, silence } = subject
  const twice = [silence, speech, silence, speech, silence]

  async function withEngine(use: (vad: Vad) => Promise<void>): Promise<void> {
    const vad = await subject.make()
    try {
      await use(vad)
    } finally {
      await vad.close()
    }
  }

  test('a sound without any samples has neither beginning nor end of speech', () =>
    withEngine(async (vad) => {
      assert.deepEqual(await heard(vad, []), [])
      assert.deepEqual(await heard(vad, [new Int16Array(0), new Int16Array(0)]), [])
    }))

  test('silence is not speech', () =>
    withEngine(async (vad) => {
      assert.deepEqual(await heard(vad, [silence, silence, silence]), [])
    }))

  test('speech begins and ends by turns, beginning with its beginning', () =>
    withEngine(async (vad) => {
      const types = (await heard(vad, inPieces(twice, 20, vad))).map((edge) => edge.type)
      assert.ok(types.length >= 4, `two stretches of speech gave ${types.length} edges`)
      for (const [i, type] of types.entries()) assert.equal(type, i % 2 === 0 ? 'started' : 'stopped')
    }))

  test('`ago` tells where in the sound the speech began and ended', () =>
    withEngine(async (vad) => {
      const edges = await heard(vad, inPieces(twice, 20, vad))
      const perMilli = vad.sampleRateHz / 1000
      const begins = silence.length / perMilli
      const ends = begins + speech.length / perMilli
      const first = edges.find((edge) => edge.type === 'started')!
      const last = edges.findLast((edge) => edge.type === 'stopped' && edge.at < ends + begins)!
      assert.ok(Math.abs(first.at - begins) <= subject.toleranceMs, `began at ${begins} ms, reported at ${first.at} ms`)
      assert.ok(Math.abs(last.at - ends) <= subject.toleranceMs, `ended at ${ends} ms, reported at ${last.at} ms`)
    }))

  test('the length of the pieces makes no difference', () =>
    withEngine(async (vad) => {
      const places = (edges: readonly Edge[]) => edges.map(({ type, at }) => ({ type, at: Math.round(at) }))
      const usual = places(await heard(vad, inPieces(twice, 20, vad)))
      for (const milliseconds of [0.4, 7.3, 90, 400]) {
        const other = places(await heard(vad, inPieces(twice, milliseconds, vad)))
        assert.deepEqual(other, usual, `in pieces of ${milliseconds} ms`)
      }
    }))

  test('two streams know nothing of each other', () =>
    withEngine(async (vad) => {
      const alone = await heard(vad, inPieces(twice, 20, vad))
      const [spoken, silent] = await Promise.all([
        heard(vad, inPieces(twice, 20, vad)),
        heard(vad, inPieces([silence, silence, silence, silence], 20, vad)),
      ])
      assert.deepEqual(spoken, alone)
      assert.deepEqual(silent, [])
    }))

  test('an aborted stream ends at once, even when its sound has stalled', () =>
    withEngine(async (vad) => {
      const stop = new AbortController()
      const outputs = vad.open(stalled(inPieces(twice.slice(0, 2), 20, vad)), settings, stop.signal)
      const iterator = outputs[Symbol.asyncIterator]()
      assert.equal((await iterator.next()).value?.type, 'started')
      const next = iterator.next()
      stop.abort()
      assert.equal((await next).done, true)
      assert.equal((await iterator.next()).done, true)
    }))

  test('a stream that is not wanted any more when it is opened gives nothing', () =>
    withEngine(async (vad) => {
      const outputs: VadOutput[] = []
      for await (const output of vad.open(pour(twice), settings, AbortSignal.abort())) outputs.push(output)
      assert.deepEqual(outputs, [])
    }))

  test('a stream that is open when the engine is closed fails with a typed error', async () => {
    const vad = await subject.make()
    const iterator = vad
      .open(stalled(inPieces(twice.slice(0, 2), 20, vad)), settings, new AbortController().signal)
      [Symbol.asyncIterator]()
    await iterator.next()
    const next = assert.rejects(iterator.next(), EngineError)
    await vad.close()
    await next
  })

  test('an engine tells what it is', () =>
    withEngine(async ({ info, sampleRateHz }) => {
      assert.equal(info.kind, 'vad')
      for (const part of [info.name, info.version, info.description]) assert.notEqual(part, '')
      assert.ok(sampleRateHz >= 8000)
    }))
}

interface Edge {
  readonly type: 'started' | 'stopped'
  /** Milliseconds from the beginning of the sound. */
  readonly at: number
}

async function heard(vad: Vad, pieces: readonly Samples[]): Promise<readonly Edge[]> {
  let given = 0
  async function* counted() {
    for (const piece of pieces) {
      given += piece.length
      yield piece
    }
  }
  const edges: Edge[] = []
  for await (const { type, ago } of vad.open(counted(), settings, new AbortController().signal)) {
    assert.ok(ago >= 0, `${type} ${ago} ms ago`)
    edges.push({ type, at: (given * 1000) / vad.sampleRateHz - ago })
  }
  return edges
}

function inPieces(sounds: readonly Samples[], milliseconds: number, { sampleRateHz }: Vad): Samples[] {
  const size = Math.max(1, Math.round((milliseconds * sampleRateHz) / 1000))
  const whole = sounds.flatMap((sound) => Array.from(sound))
  const count = Math.ceil(whole.length / size)
  return Array.from({ length: count }, (_, i) => Int16Array.from(whole.slice(i * size, (i + 1) * size)))
}

async function* pour<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

/** What was given, and then nothing, without ever ending. */
async function* stalled<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
  await new Promise(() => {})
}
