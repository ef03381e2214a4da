// Speech to text for tests and measurements: says what it was told to say, after as much sound as it was told to take.
import type { Millis, TurnNumber } from '@parley/conversation'
import { z } from 'zod'
import { defineEngine, EngineError, type SttInput, type SttOutput } from '../engine.js'
import { Lifetime } from '../kit/abort.js'
import { untilAborted } from '../kit/until-aborted.js'

export const scriptedStt = defineEngine({
  kind: 'stt',
  name: 'scripted',
  options: z.object({
    sampleRateHz: z.number().int().positive().default(16_000).describe('The rate of the sound that it takes.'),
    texts: z
      .array(z.string())
      .min(1)
      .default(['What time is it?'])
      .describe('What is heard in each utterance of a stream, in order; the last one again and again.'),
    finalAfterMs: z.number().nonnegative().default(150).describe('Sound between the end of speech and its final.'),
    partialEveryMs: z.number().positive().optional().describe('Sound between partials; none when it is left out.'),
    failAfterMs: z.number().optional().describe('How much sound is heard before it fails, when it is to fail.'),
  }),
  async create(script) {
    const lifetime = new Lifetime('scripted')
    return {
      info: {
        kind: 'stt',
        name: 'scripted',
        description: 'Says what it was told to say. For tests and measurements, not for conversations.',
        version: '1',
      },
      sampleRateHz: script.sampleRateHz,
      open: (input, _settings, signal) => recite(input, script, signal, lifetime.signal),
      async close() {
        lifetime.end()
      },
    }
  },
})

interface Script {
  readonly sampleRateHz: number
  readonly texts: readonly string[]
  readonly finalAfterMs: Millis
  readonly partialEveryMs?: Millis | undefined
  readonly failAfterMs?: Millis | undefined
}

async function* recite(
  input: AsyncIterable<SttInput>,
  script: Script,
  signal: AbortSignal,
  closed: AbortSignal,
): AsyncGenerator<SttOutput, void, undefined> {
  const reciter = new Reciter(script)
  for await (const heard of untilAborted(input, signal, closed)) {
    for (const output of reciter.hear(heard)) {
      yield output
      if (signal.aborted) return
    }
  }
  if (signal.aborted) return
  closed.throwIfAborted()
  // The sound is over: what was still to come after so much more of it comes now.
  const last = reciter.due()
  if (last) yield last
}

class Reciter {
  #turn: TurnNumber = 1
  #utterance = 0
  /** The turn's texts so far, without that of the utterance under way. */
  #said: string[] = []
  #clock: Millis = 0
  #phase: { readonly is: 'silent' | 'speaking' | 'stopped'; readonly since: Millis } = { is: 'silent', since: 0 }
  #partials = 0

  constructor(readonly script: Script) {}

  *hear(input: SttInput): Generator<SttOutput> {
    switch (input.type) {
      case 'speech.started':
        // The final that was due is overtaken; its words stay part of the turn.
        if (this.#phase.is === 'stopped') this.#finish()
        this.#enter('speaking')
        return
      case 'speech.stopped':
        this.#enter('stopped')
        if (this.script.finalAfterMs === 0) yield* this.#final()
        return
      case 'turn':
        this.#turn = input.turn
        this.#said = []
        if (this.#phase.is === 'stopped') this.#enter('silent')
        return
      case 'audio':
        yield* this.#pass((input.samples.length * 1000) / this.script.sampleRateHz)
    }
  }

  /** The final that is still to come, if one is. */
  due(): SttOutput | undefined {
    return this.#phase.is === 'stopped' ? [...this.#final()][0] : undefined
  }

  *#pass(length: Millis): Generator<SttOutput> {
    this.#clock += length
    const { finalAfterMs, partialEveryMs, failAfterMs = Number.POSITIVE_INFINITY } = this.script
    if (this.#clock > failAfterMs)
      throw new EngineError({ code: 'engine_crashed', message: 'It fails as it was told to.', retryable: true })
    const passed = this.#clock - this.#phase.since
    if (this.#phase.is === 'stopped' && passed >= finalAfterMs) yield* this.#final()
    if (this.#phase.is !== 'speaking' || partialEveryMs === undefined) return
    if (passed < (this.#partials + 1) * partialEveryMs) return
    this.#partials += 1
    const words = this.#words().split(' ').slice(0, this.#partials).join(' ')
    yield { type: 'partial', turn: this.#turn, text: [...this.#said, words].join(' ') }
  }

  *#final(): Generator<SttOutput> {
    this.#finish()
    this.#enter('silent')
    yield { type: 'final', turn: this.#turn, text: this.#said.filter((text) => text !== '').join(' ') }
  }

  #finish(): void {
    this.#said.push(this.#words())
    this.#utterance += 1
  }

  #words(): string {
    const { texts } = this.script
    return texts[Math.min(this.#utterance, texts.length - 1)]!
  }

  #enter(is: 'silent' | 'speaking' | 'stopped'): void {
    this.#phase = { is, since: this.#clock }
    this.#partials = 0
  }
}
