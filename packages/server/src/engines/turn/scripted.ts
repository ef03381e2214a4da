// A turn detector whose judgements are written beforehand.
import type { TurnDetector, TurnInput } from '../engine.js'
import { Lifetime } from '../kit/abort.js'
import { untilAborted } from '../kit/until-aborted.js'

/** How sure it is, 0 to 1, that the user has finished. */
export type TurnJudge = (input: TurnInput) => number

/** Judgements in the order in which they are asked for (the last one stays), or a function of what is judged. */
export function scriptedTurn(script: TurnJudge | readonly [number, ...number[]]): TurnDetector {
  const lifetime = new Lifetime('scripted')
  const judge = typeof script === 'function' ? script : inOrder(script)
  return {
    info: {
      kind: 'turn',
      name: 'scripted',
      description: 'Judgements written beforehand, for tests; it does not listen.',
      version: '1',
    },
    async *open(input, signal) {
      lifetime.check()
      for await (const said of untilAborted(input, signal, lifetime.signal))
        yield { turn: said.turn, complete: judge(said) }
      if (!signal.aborted) lifetime.check()
    },
    async close() {
      lifetime.end()
    },
  }
}

function inOrder(judgements: readonly [number, ...number[]]): TurnJudge {
  let count = 0
  return () => judgements[Math.min(count++, judgements.length - 1)] ?? judgements[0]
}
