// What every voice must do, as tests: an engine's test file calls `ttsSuite` with what makes the engine.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Queue } from '../../session/queue.js'
import { EngineError, type Samples, type Tts, type TtsOutput } from '../engine.js'

export function ttsSuite(name: string, make: () => Promise<Tts>): void {
  /** Gives `use` an engine of its own and closes it afterwards. */
  const withTts = (use: (tts: Tts, voice: string) => Promise<void>) => async () => {
    const tts = await make()
    try {
      await use(tts, tts.voices[0]!.id)
    } finally {
      await tts.close()
    }
  }

  describe(`${name}, as every voice`, () => {
    test(
      'says what it is, and which voices it has',
      withTts(async ({ info, voices, sampleRateHz }) => {
        assert.equal(info.kind, 'tts')
        for (const text of [info.name, info.version, info.description]) assert.ok(text)
        assert.ok(sampleRateHz >= 8000)
        assert.equal(new Set(voices.map((voice) => voice.id)).size, voices.length)
        for (const { id, language, description, sample } of voices) {
          assert.match(language, /^[a-z]{2}(-[A-Z]{2})?$/, id)
          assert.ok(description && sample, id)
        }
      }),
    )

    test(
      'gives for each clause its sound, then `clause`, in order',
      withTts(async (tts, voice) => {
        const outputs = await spoken(tts, voice, ['Hello there.', 'How are you?', 'Good.'])
        const kinds = outputs.map((output) => output.type).join(' ')
        assert.match(kinds, /^((audio )+clause ?){3}$/)
        assert.ok(soundOf(outputs).length > tts.sampleRateHz / 2)
        for (const piece of pieces(outputs)) assert.ok(piece.length > 0 && piece.length <= tts.sampleRateHz / 4)
      }),
    )

    test(
      'speaks a clause before the next one is there',
      withTts(async (tts, voice) => {
        const clauses = new Queue<string>()
        const outputs = tts.open(clauses, { voice }, new AbortController().signal)[Symbol.asyncIterator]()
        for (const text of ['Hello.', 'Again.']) {
          clauses.push(text)
          let heard = 0
          for (;;) {
            const { value, done } = await outputs.next()
            assert.ok(!done)
            if (value.type === 'clause') break
            heard += value.samples.length
          }
          assert.ok(heard > 0)
        }
        clauses.close()
        assert.equal((await outputs.next()).done, true)
      }),
    )

    test(
      'gives the words, where it knows them, in order and within the sound of their clause',
      withTts(async (tts, voice) => {
        const text = 'The next free table is at seven.'
        const outputs = await spoken(tts, voice, [text])
        const end = (soundOf(outputs).length / tts.sampleRateHz) * 1000
        const last = outputs.at(-1)
        assert.equal(last?.type, 'clause')
        if (last?.type !== 'clause' || !last.words) return
        assert.deepEqual(
          last.words.map((word) => word.text),
          text.split(' '),
        )
        let time = 0
        for (const word of last.words) {
          assert.ok(word.start >= time && word.end >= word.start, `${word.text}: ${word.start} to ${word.end}`)
          time = word.start
        }
        assert.ok(last.words.at(-1)!.end <= end + 1)
      }),
    )

    test(
      'ends without a word when no clause comes',
      withTts(async (tts, voice) => {
        assert.deepEqual(await spoken(tts, voice, []), [])
      }),
    )

    test(
      'survives what cannot be said, and goes on',
      withTts(async (tts, voice) => {
        const strange = [
          '',
          '   ',
          '\n',
          '.',
          '😀👍🏽',
          '日本語',
          '\0',
          'a\0b',
          '```',
          '-voice kal',
          '--help',
          '$(ls)',
          '"\'\\',
        ]
        const stranger = [
          '<speak>hi</speak>',
          '* * *',
          '\ud800',
          `${'x'.repeat(3000)}`,
          'no '.repeat(300),
          '9'.repeat(200),
        ]
        const all = [...strange, ...stranger, 'Still here.']
        const outputs = await spoken(tts, voice, all)
        assert.equal(outputs.filter((output) => output.type === 'clause').length, all.length)
        assert.equal(outputs.at(-2)?.type, 'audio')
      }),
    )

    test(
      'stops at once when aborted while it speaks, and says nothing more',
      withTts(async (tts, voice) => {
        const abort = new AbortController()
        const outputs = tts.open(endless(), { voice }, abort.signal)[Symbol.asyncIterator]()
        assert.equal((await outputs.next()).value?.type, 'audio')
        abort.abort()
        assert.equal((await outputs.next()).done, true)
        assert.equal((await outputs.next()).done, true)
      }),
    )

    test(
      'stops at once when aborted while it waits: for its voice, or for a clause',
      withTts(async (tts, voice) => {
        for (const first of [[], ['A clause that takes a little while to make, being long.']]) {
          const abort = new AbortController()
          const clauses = new Queue<string>()
          for (const text of first) clauses.push(text)
          const next = tts.open(clauses, { voice }, abort.signal)[Symbol.asyncIterator]().next()
          await Promise.resolve()
          abort.abort()
          const result = await next
          if (first.length === 0) assert.equal(result.done, true)
        }
      }),
    )

    test(
      'says nothing when it was aborted before',
      withTts(async (tts, voice) => {
        const outputs: TtsOutput[] = []
        for await (const output of tts.open(endless(), { voice }, AbortSignal.abort())) outputs.push(output)
        assert.deepEqual(outputs, [])
      }),
    )

    test(
      'lets go of its clauses when nobody listens any more',
      withTts(async (tts, voice) => {
        let isLetGo = false
        async function* clauses() {
          try {
            yield* endless()
          } finally {
            isLetGo = true
          }
        }
        for await (const output of tts.open(clauses(), { voice }, new AbortController().signal))
          if (output.type === 'clause') break
        // told at once, but not waited for
        await new Promise((resolve) => setImmediate(resolve))
        assert.ok(isLetGo)
      }),
    )

    test(
      'refuses a voice that it does not have, and names those that it has',
      withTts(async (tts) => {
        await assert.rejects(spoken(tts, 'nobody', ['Hello.']), (error) => {
          assert.ok(error instanceof EngineError)
          assert.equal(error.failure.code, 'voice_not_found')
          for (const { id } of tts.voices) assert.ok(error.message.includes(id))
          return true
        })
      }),
    )

    test(
      'passes on the error of whoever makes the clauses',
      withTts(async (tts, voice) => {
        const trouble = new Error('no more clauses')
        async function* clauses() {
          yield 'Hello.'
          throw trouble
        }
        await assert.rejects(async () => {
          for await (const _ of tts.open(clauses(), { voice }, new AbortController().signal));
        }, trouble)
      }),
    )

    test(
      'keeps streams apart that speak at the same time',
      withTts(async (tts, voice) => {
        const other = tts.voices.at(-1)!.id
        const one = ['This is the first of two.', 'It has two clauses.']
        const two = ['Here the second one speaks.']
        const alone = [soundOf(await spoken(tts, voice, one)), soundOf(await spoken(tts, other, two))]
        const together = await Promise.all([spoken(tts, voice, one), spoken(tts, other, two), spoken(tts, voice, two)])
        assert.deepEqual(soundOf(together[0]), alone[0])
        assert.deepEqual(soundOf(together[1]), alone[1])
      }),
    )

    test(
      'ends open streams with an engine error when it is closed, and opens no more',
      withTts(async (tts, voice) => {
        const next = tts
          .open(new Queue<string>(), { voice }, new AbortController().signal)
          [Symbol.asyncIterator]()
          .next()
        const refused = assert.rejects(next, EngineError)
        await tts.close()
        await refused
        await assert.rejects(spoken(tts, voice, ['Hello.']), EngineError)
      }),
    )
  })
}

/** Everything that comes of `clauses`. */
async function spoken(tts: Tts, voice: string, clauses: readonly string[]): Promise<TtsOutput[]> {
  const queue = new Queue<string>()
  for (const clause of clauses) queue.push(clause)
  queue.close()
  const outputs: TtsOutput[] = []
  for await (const output of tts.open(queue, { voice }, new AbortController().signal)) outputs.push(output)
  return outputs
}

async function* endless(): AsyncGenerator<string> {
  for (let i = 1; ; i++) yield `This is clause number ${i}, and there will be one more.`
}

const pieces = (outputs: readonly TtsOutput[]): Samples[] =>
  outputs.flatMap((output) => (output.type === 'audio' ? [output.samples] : []))

const soundOf = (outputs: readonly TtsOutput[]): number[] => pieces(outputs).flatMap((piece) => [...piece])
