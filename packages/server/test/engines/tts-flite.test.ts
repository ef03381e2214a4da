import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rms } from '../../dist/audio/pcm.js'
import { EngineError, type Tts, type TtsOutput } from '../../dist/engines/engine.js'
import { FliteTts, fliteTts, startFlite } from '../../dist/engines/tts/flite/flite.js'
import { UtteranceCache } from '../../dist/engines/tts/flite/utterance-cache.js'
import { voiceNamed } from '../../dist/engines/tts/flite/voices.js'
import type { Answer, Job } from '../../dist/engines/tts/flite/worker.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { pitchOf } from '../audio/tone.js'

const context = { dataDir: '', log: () => undefined }
let tts: Tts
before(async () => {
  tts = await fliteTts.create(fliteTts.options.parse({}), context)
})
after(() => tts.close())

const never = new AbortController().signal
async function* given(...clauses: string[]) {
  yield* clauses
}
async function outputsOf(engine: Tts, voice: string, ...clauses: string[]): Promise<TtsOutput[]> {
  const outputs: TtsOutput[] = []
  for await (const output of engine.open(given(...clauses), { voice }, never)) outputs.push(output)
  return outputs
}
const soundOf = (outputs: readonly TtsOutput[]) =>
  Int16Array.from(outputs.flatMap((output) => (output.type === 'audio' ? [...output.samples] : [])))
const say = async (voice: string, text: string) => soundOf(await outputsOf(tts, voice, text))
const ms = (time: number) => Math.round(time * 16)
const sentence = 'I can help you with that right away.'

test('a voice has the pitch that it was given', async () => {
  for (const name of ['alba', 'martha', 'mia', 'hana', 'charles', 'luca', 'tyler', 'kal16']) {
    const wanted = voiceNamed(name)?.timbre.pitchHz ?? 0
    const pitch = pitchOf(await say(name, sentence), 16_000)
    assert.ok(Math.abs(pitch / wanted - 1) < 0.08, `${name}: ${pitch.toFixed(0)} Hz, not ${wanted}`)
  }
})

test('brightness makes the voice of rms higher, and leaves its length', async () => {
  const [plain, bright] = [await say('rms', sentence), await say('pierre', sentence)]
  assert.ok(Math.abs(pitchOf(bright, 16_000) / pitchOf(plain, 16_000) - 1.05) < 0.025)
  assert.ok(Math.abs(bright.length / plain.length - 1) < 0.03)
})

test('tempo makes a voice quicker', async () => {
  const lengths = [await say('rms', sentence), await say('david', sentence)].map((sound) => sound.length)
  const ratio = lengths[0]! / lengths[1]!
  assert.ok(ratio > 1.14 && ratio < 1.3, `${ratio}`)
})

test('no two voices say a sentence with the same sound', async () => {
  const sounds = new Set<string>()
  for (const { id } of tts.voices) sounds.add(Buffer.from((await say(id, 'Good evening.')).buffer).toString('base64'))
  assert.equal(sounds.size, tts.voices.length)
})

test('every speaker begins within 40 ms, ends with a short pause, and is about as loud as the others', async () => {
  for (const name of ['slt', 'rms', 'awb', 'kal16'])
    for (const text of ['Sure.', sentence, 'Six.']) {
      const sound = await say(name, text)
      assert.ok(rms(sound.subarray(ms(20), ms(40))) > 0.0015, `${name}: '${text}' begins late`)
      const tail = sound.findLastIndex((sample) => Math.abs(sample) > 300)
      const tailMs = (sound.length - tail) / 16
      assert.ok(tailMs < 260, `${name}: '${text}' ends ${tailMs} ms late`)
      const level = rms(sound.filter((sample) => Math.abs(sample) > 200))
      assert.ok(level > 0.06 && level < 0.24, `${name}: '${text}' at ${level.toFixed(3)}`)
    }
})

test('every word is given its time: loud where it is said, quiet in the pause before the next', async () => {
  const outputs = await outputsOf(tts, 'rms', 'Yes, 20 😀 tables!')
  const last = outputs.at(-1)
  assert.ok(last?.type === 'clause' && last.words)
  assert.deepEqual(
    last.words.map((word) => word.text),
    ['Yes,', '20', '😀', 'tables!'],
  )
  const sound = soundOf(outputs)
  const level = (from: number, to: number) => rms(sound.subarray(ms(from), ms(to)))
  const [yes, twenty, smile, tables] = last.words
  for (const word of [yes!, twenty!, tables!]) assert.ok(level(word.start, word.end) > 0.03, word.text)
  assert.ok(yes!.start < 40, `the first word is said at ${yes!.start} ms`)
  assert.ok(twenty!.start - yes!.end > 50)
  assert.ok(level(yes!.end + 30, twenty!.start - 10) < 0.02)
  assert.deepEqual([smile!.start, smile!.end], [twenty!.end, twenty!.end])
})

test('the times of the words go on from piece to piece of a long clause', async () => {
  const text =
    'Sure, I can help you with that, and the next free table is at 8:00, or at 3:30 pm on 12/25/2024. Which one of these would you like to have?'
  const last = (await outputsOf(tts, 'alba', text)).at(-1)
  assert.ok(last?.type === 'clause' && last.words)
  assert.equal(last.words.map((word) => word.text).join(' '), text)
  for (const [i, word] of last.words.entries()) assert.ok(word.start >= (last.words[i - 1]?.end ?? 0), word.text)
})

test('almost every sentence has its times', async () => {
  const sentences = `Good evening, you have reached Harbour House.|I'm sorry, I didn't catch that.|Your order is number 48213.
    |We are open from nine to six, Monday to Friday.|That's $42.50 in total.|Please hold the line.|It was founded in 1987.
    |The doctor can see you on the 3rd of March.|Call 555-123-4567, Dr. Smith, or mail bob@example.com!|Okay, it's cancelled.`
  const outputs = await outputsOf(tts, 'tyler', ...sentences.split('|'))
  const clauses = outputs.filter((output) => output.type === 'clause')
  assert.equal(clauses.length, 10)
  assert.ok(clauses.filter((clause) => clause.words).length >= 9)
})

test('a thread that hangs takes one clause along, and the next is spoken', async () => {
  const logged: string[] = []
  const clock = new VirtualClock()
  const log = (_level: string, message: string) => void logged.push(message)
  const frail = await startFlite(fliteTts.options.parse({ workers: 1 }), { dataDir: '', log }, clock)
  try {
    const lost = assert.rejects(outputsOf(frail, 'rms', 'This will never be said.'), (error) => {
      assert.ok(error instanceof EngineError)
      assert.equal(error.failure.retryable, true)
      return true
    })
    await new Promise<void>((resolve) => setImmediate(resolve))
    // the time that a clause may take is over before the thread can have answered
    await clock.to(clock.now() + 10_000)
    await lost
    assert.equal(logged.length, 1)
    assert.ok(soundOf(await outputsOf(frail, 'rms', 'This is.')).length > 0)
  } finally {
    await frail.close()
  }
})

/** Stands in for the threads: says a second of sound for anything, and tells what it was asked. */
function listeningPool(answer?: (job: Job) => Answer) {
  const jobs: Job[] = []
  const said: Answer = { type: 'said', utterance: { samples: new Int16Array(16_000).fill(1), phones: [] } }
  return {
    jobs,
    async run(job: Job) {
      jobs.push(job)
      return answer?.(job) ?? (job.type === 'say' ? said : { type: 'counted' as const, counts: undefined })
    },
    close: async () => undefined,
  }
}

test('a phrase that was warmed starts from memory, for its voice', async () => {
  const pool = listeningPool()
  const engine = new FliteTts(pool, new UtteranceCache(1e6))
  await engine.warm(['Welcome to Harbour House! What can I do for you today?'], 'alba')
  const asked = pool.jobs.length
  assert.equal(asked, 2)
  await outputsOf(engine, 'alba', 'Welcome to Harbour House! What can I do for you today?')
  assert.equal(pool.jobs.filter((job) => job.type === 'say').length, asked)
  await outputsOf(engine, 'michael', 'Welcome to Harbour House! What can I do for you today?')
  assert.equal(pool.jobs.filter((job) => job.type === 'say').length, 2 * asked)
})

test('a clause whose words cannot be told apart is given without times', async () => {
  const outputs = await outputsOf(new FliteTts(listeningPool(), new UtteranceCache(1e6)), 'alba', 'Hello there.')
  assert.deepEqual(outputs.at(-1), { type: 'clause' })
  assert.equal(soundOf(outputs).length, 16_000)
})

test('what Flite fails at is an error that holds nothing of the text', async () => {
  const pool = listeningPool(() => ({ type: 'failed', message: 'exit code 3' }))
  await assert.rejects(outputsOf(new FliteTts(pool, new UtteranceCache(0)), 'alba', 'My secret.'), (error) => {
    assert.ok(error instanceof EngineError)
    assert.equal(error.failure.code, 'tts_failed')
    assert.match(error.message, /exit code 3/)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
})

test('settings that make no sense are refused', () => {
  for (const options of [{ workers: 0 }, { cacheBytes: -1 }, { maxQueued: 0 }, { timeoutMs: 5 }])
    assert.equal(fliteTts.options.safeParse(options).success, false)
})
