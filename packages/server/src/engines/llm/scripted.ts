// A language model whose replies are written beforehand.
import type { Failure, Millis } from '@parley/conversation'
import { EngineError, type Llm, type LlmOutput, type LlmRequest } from '../engine.js'
import { firstOf, Lifetime } from '../kit/abort.js'
import { unlessAborted } from '../kit/until-aborted.js'

export type ScriptedStep =
  | LlmOutput
  | { readonly type: 'wait'; readonly for: Millis }
  | { readonly type: 'fail'; readonly failure: Failure }
/** A text is written in one piece. */
export type ScriptedReply = string | readonly ScriptedStep[]
/** Replies in the order in which they are asked for, or a function of the request and of how many came before it. */
export type LlmScript = readonly ScriptedReply[] | ((request: LlmRequest, count: number) => ScriptedReply)

export interface ScriptedLlmOptions {
  /** How a `wait` passes; needed only by scripts that have one. */
  readonly sleep?: (ms: Millis) => Promise<void>
}

export function scriptedLlm(script: LlmScript, { sleep = noSleep }: ScriptedLlmOptions = {}): Llm {
  const lifetime = new Lifetime('scripted')
  let count = 0
  return {
    info: {
      kind: 'llm',
      name: 'scripted',
      description: 'Replies written beforehand, for tests and measurements; not a language model.',
      version: '1',
    },
    async *open(request, signal) {
      lifetime.check()
      const reply = typeof script === 'function' ? script(request, count) : script[count]
      count += 1
      if (reply === undefined) throw exhausted(count)
      if (typeof reply === 'string') {
        if (reply !== '' && !signal.aborted) yield { type: 'wrote', text: reply }
        return
      }
      const stop = firstOf(signal, lifetime.signal)
      try {
        for (const step of reply) {
          if (step.type === 'wait') await unlessAborted(sleep(step.for), stop.signal)
          if (signal.aborted) return
          lifetime.check()
          if (step.type === 'fail') throw new EngineError(step.failure)
          if (step.type !== 'wait') yield step
        }
        if (!signal.aborted) lifetime.check()
      } finally {
        stop.release()
      }
    },
    async close() {
      lifetime.end()
    },
  }
}

const noSleep = (): Promise<void> => {
  throw new EngineError({
    code: 'script_needs_sleep',
    message: 'The script has a "wait", but no "sleep" was given. Pass { sleep }, for instance of a VirtualClock.',
    retryable: false,
  })
}

const exhausted = (count: number): EngineError =>
  new EngineError({
    code: 'script_exhausted',
    message: `The script ended before reply number ${count}. Add a reply to it.`,
    retryable: false,
  })
