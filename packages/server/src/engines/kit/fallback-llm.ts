// A language model made of several: when one fails, in the middle of a reply even, the next goes on from there.
import type { Llm, LlmOutput, LlmRequest } from '../engine.js'
import { firstOf } from './abort.js'
import { Candidates, type ChainPorts, leave, nextWithin, PATIENCE } from './candidates.js'
import { Continuation, WholeWords } from './continuation.js'

/**
 * What was written before a failure is never written again: the next model is told how the reply begins, and what it
 * repeats of that all the same is left out (checklist 169). Once a tool was called, a failure is final, so that no call
 * is made twice.
 */
export function fallbackLlm(engines: readonly Llm[], ports: ChainPorts): Llm {
  const candidates = new Candidates(engines, ports)

  async function* ask(
    engine: Llm,
    request: LlmRequest,
    progress: Progress,
    patience: number | undefined,
    caller: AbortSignal,
  ): AsyncGenerator<LlmOutput> {
    const giveUp = new AbortController()
    const stop = firstOf(caller, giveUp.signal)
    const words = new WholeWords()
    const fresh = new Continuation(progress.written)
    const wrote = (text: string): LlmOutput[] => {
      if (text === '') return []
      progress.written += text
      return [{ type: 'wrote', text }]
    }
    const iterator = engine
      .open(progress.written === '' ? request : goingOn(request, progress.written), stop.signal)
      [Symbol.asyncIterator]()
    try {
      for (;;) {
        const { value, done } = await nextWithin(iterator, patience, ports)
        if (done || caller.aborted) break
        if (value.type === 'wrote') yield* wrote(words.take(fresh.take(value.text)))
        else {
          yield* wrote(words.take(fresh.finish()) + words.finish())
          progress.hasCalled = true
          yield value
        }
      }
      yield* wrote(words.take(fresh.finish()) + words.finish())
    } finally {
      giveUp.abort()
      stop.release()
      leave(iterator)
    }
  }

  return {
    info: candidates.info(),
    async *open(request, signal) {
      const progress: Progress = { written: '', hasCalled: false }
      for (const { engine, isLast } of candidates.inOrder()) {
        try {
          yield* ask(engine, request, progress, isLast ? undefined : PATIENCE, signal)
          const isEmpty = progress.written.trim() === '' && !progress.hasCalled
          if (isEmpty && !isLast && !signal.aborted) throw new Error('The model wrote nothing and called nothing.')
          if (!signal.aborted) candidates.succeeded(engine)
          return
        } catch (error) {
          if (signal.aborted) return
          candidates.failed(engine, error)
          if (isLast || progress.hasCalled) throw error
        }
      }
    },
    close: () => candidates.close(),
  }
}

interface Progress {
  written: string
  hasCalled: boolean
}

const goingOn = (request: LlmRequest, written: string): LlmRequest => ({
  ...request,
  messages: [...request.messages, { role: 'assistant', content: written }, { role: 'system', content: GO_ON }],
})

const GO_ON =
  'Your last message broke off and has been spoken as it stands. Go on from its last word. Repeat nothing of it, and do not mention that it broke off.'
