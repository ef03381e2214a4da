import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeQueue } from '@parley/server/engines/host/decode-queue.js'
import { encodeFrame, FrameReader, floatSamples, sampleBytes } from '@parley/server/engines/host/frames.js'
import { untilAborted } from '@parley/server/engines/kit/until-aborted.js'
import { Windows } from '@parley/server/engines/kit/windows.js'
import { normalWords, wordErrorRate, wordErrors } from '@parley/server/engines/kit/word-errors.js'
import { SpeechEdges } from '@parley/server/engines/vad/speech-edges.js'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const wanted = new AbortController().signal

// ── Frames ──

test('frames come out as they went in, however the pipe cuts them', () => {
  const contents = [0, 1, 512, 70_000].map((length) => Buffer.alloc(length, length % 251))
  const stream = Buffer.concat(contents.map((content, i) => encodeFrame('transcribe', i * 1_000_000, content)))
  for (const size of [1, 8, 9, 10, 1000, stream.length]) {
    const reader = new FrameReader()
    const frames = []
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.read(stream.subarray(at, at + size)))
    assert.deepEqual(
      frames.map(({ kind, id, content }) => [kind, id, content.equals(contents[id / 1_000_000]!)]),
      contents.map((_, i) => ['transcribe', i * 1_000_000, true]),
    )
  }
})

test('bytes that are no frame are refused rather than waited for', () => {
  assert.throws(() => new FrameReader().read(Buffer.alloc(20, 0xff)))
  const endless = encodeFrame('done', 1)
  endless.writeUInt32LE(2 ** 30, 0)
  assert.throws(() => new FrameReader().read(endless))
  const unknownKind = encodeFrame('done', 1)
  unknownKind[4] = 99
  assert.throws(() => new FrameReader().read(unknownKind))
})

test('samples keep their value on the way to the model, whatever address they arrive at', () => {
  const bytes = Buffer.concat([Buffer.of(0), sampleBytes(Int16Array.of(16_384, -32_768, 0))])
  assert.deepEqual([...floatSamples(bytes.subarray(1))], [0.5, -1, 0])
})

// ── Decode queue ──

/** Work that goes on until it is told to end. */
function task() {
  let end = () => {}
  const work = () =>
    new Promise<string>((resolve) => {
      task.running = true
      end = () => resolve('done')
    })
  const task = { work, end: () => end(), running: false }
  return task
}

test('finals wait for a slot and are served in order', async () => {
  const queue = new DecodeQueue(1)
  const [first, second, third] = [task(), task(), task()]
  const results = [first, second, third].map(({ work }) => queue.run('final', wanted, work))
  await settle()
  assert.deepEqual([first.running, second.running], [true, false])
  assert.equal(queue.counts.waiting, 2)
  first.end()
  await settle()
  assert.deepEqual([second.running, third.running], [true, false])
  second.end()
  await settle()
  third.end()
  assert.deepEqual(await Promise.all(results), ['done', 'done', 'done'])
  assert.deepEqual(queue.counts, { finals: 3, partials: 0, shed: 0, running: 0, waiting: 0 })
})

test('a partial is shed when there is other work, and counted', async () => {
  const queue = new DecodeQueue(1)
  const final = task()
  const result = queue.run('final', wanted, final.work)
  assert.equal(await queue.run('partial', wanted, task().work), undefined)
  assert.equal(queue.counts.shed, 1)
  final.end()
  await result
  const partial = task()
  const shown = queue.run('partial', wanted, partial.work)
  partial.end()
  assert.equal(await shown, 'done')
  assert.equal(queue.counts.partials, 1)
})

test('of two slots one is always free of partials', async () => {
  const queue = new DecodeQueue(2)
  const partial = task()
  const both = [queue.run('partial', wanted, partial.work), queue.run('partial', wanted, task().work)]
  assert.equal(await both[1], undefined)
  const final = task()
  void queue.run('final', wanted, final.work)
  await settle()
  assert.equal(final.running, true)
})

test('what is no longer wanted is not begun, and leaves its place to the next', async () => {
  const queue = new DecodeQueue(1)
  const [first, second, third] = [task(), task(), task()]
  const stop = new AbortController()
  void queue.run('final', wanted, first.work)
  const given = queue.run('final', stop.signal, second.work)
  void queue.run('final', wanted, third.work)
  stop.abort()
  assert.equal(await given, undefined)
  first.end()
  await settle()
  assert.deepEqual([second.running, third.running], [false, true])
  assert.equal(await queue.run('final', AbortSignal.abort(), second.work), undefined)
})

test('work that fails gives its slot back', async () => {
  const queue = new DecodeQueue(1)
  await assert.rejects(queue.run('final', wanted, () => Promise.reject(new Error('broken'))))
  await assert.rejects(queue.run('partial', wanted, () => Promise.reject(new Error('broken'))))
  assert.equal(await queue.run('partial', wanted, async () => 'done'), 'done')
})

// ── Windows and edges ──

test('pieces of any length become windows of one length, without a sample lost or moved', () => {
  const sound = Int16Array.from({ length: 10_000 }, (_, i) => i)
  for (const size of [1, 7, 511, 512, 513, 2000, 10_000]) {
    const windows = new Windows(512)
    const seen: number[] = []
    for (let at = 0; at < sound.length; at += size)
      for (const window of windows.cut(sound.subarray(at, at + size))) seen.push(...window)
    assert.deepEqual(seen, [...sound.subarray(0, 9728)])
    assert.equal(windows.pending, 10_000 - 9728)
  }
})

test('an edge is placed where the sound changed, not where that was noticed', () => {
  const edges = new SpeechEdges({ onset: 100, offset: 180 })
  const told = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0].map((speech) => edges.window(speech === 1, 32, 5))
  assert.deepEqual(
    told.filter((edge) => edge !== undefined),
    [
      { type: 'started', ago: 105 },
      { type: 'stopped', ago: 185 },
    ],
  )
})

test('edges never change places, nor lie before the beginning of the sound', () => {
  const edges = new SpeechEdges({ onset: 100, offset: 180 })
  assert.deepEqual(edges.window(true, 32, 0), { type: 'started', ago: 32 })
  assert.deepEqual(edges.window(false, 32, 0), { type: 'stopped', ago: 64 })
  for (let i = 0; i < 10; i++) assert.equal(edges.window(false, 32, 0), undefined)
  assert.deepEqual(edges.window(true, 32, 0), { type: 'started', ago: 100 })
  assert.deepEqual(edges.window(false, 32, 0), { type: 'stopped', ago: 132 })
})

// ── Streams that end when told ──

test('a stream that never moves ends when it is aborted, and its source is let go', async () => {
  let letGo = false
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        letGo = true
        return { done: true, value: undefined }
      },
    }),
  }
  const stop = new AbortController()
  const seen: number[] = []
  const reading = (async () => {
    for await (const item of untilAborted(source, stop.signal)) seen.push(item)
  })()
  stop.abort()
  await reading
  assert.deepEqual([seen, letGo], [[], true])
})

test('a stream passes on everything, and what its source fails with', async () => {
  async function* source() {
    yield 1
    yield 2
    throw new Error('broken')
  }
  const seen: number[] = []
  await assert.rejects(async () => {
    for await (const item of untilAborted(source(), wanted)) seen.push(item)
  }, /broken/)
  assert.deepEqual(seen, [1, 2])
})

// ── Word errors ──

test('words that are wrong, missing or too many are errors', () => {
  assert.deepEqual(wordErrors('the quick brown fox', 'the quick brown fox'), { words: 4, errors: 0 })
  assert.deepEqual(wordErrors('the quick brown fox', 'the slow fox jumps'), { words: 4, errors: 3 })
  assert.deepEqual(wordErrors('the fox', 'the red fox'), { words: 2, errors: 1 })
  assert.deepEqual(wordErrors('', 'hello'), { words: 0, errors: 1 })
  assert.deepEqual(wordErrors('hello there', ''), { words: 2, errors: 2 })
  assert.equal(wordErrorRate([wordErrors('a b', 'a'), wordErrors('c d', 'c d')]), 0.25)
})

test('case, punctuation, the spelling of numbers and "and" are not errors', () => {
  assert.deepEqual(normalWords('In 1455, $25 and 2,203 lines; 42-line Bibles.'), [
    ...['in', 'fourteen', 'fifty', 'five', 'twenty', 'five', 'dollars'],
    ...['two', 'thousand', 'two', 'hundred', 'three', 'lines', 'forty', 'two', 'line', 'bibles'],
  ])
  assert.equal(wordErrors("neighbour's house, 1905", 'Neighbours House nineteen oh five.').errors, 0)
  assert.equal(wordErrors('1900 and 7 and 100', 'nineteen hundred seven one hundred').errors, 0)
})
