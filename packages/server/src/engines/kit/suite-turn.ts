// What every turn detector must do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Queue } from '../../session/queue.js'
import { EngineError, type TurnDetector, type TurnInput, type TurnOutput } from '../engine.js'

const never = () => new AbortController().signal

/** `build` makes a fresh detector. */
export function turnSuite(name: string, build: () => Promise<TurnDetector>): void {
  const check = (title: string, run: (detector: TurnDetector) => Promise<void>) =>
    test(title, { timeout: 10_000 }, async () => {
      const detector = await build()
      try {
        await run(detector)
      } finally {
        await detector.close()
      }
    })

  describe(`the turn detector "${name}"`, () => {
    check('tells what it is in words that a person can read', async ({ info }) => {
      assert.equal(info.kind, 'turn')
      assert.notEqual(info.name, '')
      assert.notEqual(info.version, '')
      assert.match(info.description, /\w+ \w+ \w+/)
    })

    check('judges each final once, in order, between 0 and 1', async (detector) => {
      const outputs = await judgements(detector, ['I would like', 'I would like a table', ''].map(said))
      assert.deepEqual(
        outputs.map(({ turn }) => turn),
        [1, 2, 3],
      )
      for (const { complete } of outputs) assert.ok(complete >= 0 && complete <= 1, `${complete} is not from 0 to 1`)
    })

    check('ends when nothing more comes', async (detector) => {
      assert.deepEqual(await judgements(detector, []), [])
    })

    check('yields nothing for a signal that has fired before', async (detector) => {
      const outputs = []
      for await (const output of detector.open(from([said('yes', 0)]), AbortSignal.abort())) outputs.push(output)
      assert.deepEqual(outputs, [])
    })

    check('ends quietly, and at once, when its signal fires while it waits', async (detector) => {
      const stop = new AbortController()
      const waiting = detector.open(new Queue<TurnInput>(), stop.signal)[Symbol.asyncIterator]().next()
      stop.abort()
      assert.equal((await waiting).done, true)
    })

    check('fails with a typed error in a stream that is open when it is closed', async (detector) => {
      const waiting = detector.open(new Queue<TurnInput>(), never())[Symbol.asyncIterator]().next()
      const outcome = assert.rejects(waiting, EngineError)
      await detector.close()
      await outcome
    })
  })
}

const said = (text: string, place: number): TurnInput => ({ turn: place + 1, text, context: 'How can I help?' })

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function judgements(detector: TurnDetector, inputs: readonly TurnInput[]): Promise<TurnOutput[]> {
  const outputs: TurnOutput[] = []
  for await (const output of detector.open(from(inputs), never())) outputs.push(output)
  return outputs
}
