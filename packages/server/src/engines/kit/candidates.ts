// The engines of a chain in their order, each with its circuit.
import type { Failure, Millis } from '@parley/conversation'
import type { Clock } from '../../session/clock.js'
import { type EngineContext, EngineError, type EngineInfo, failureOf } from '../engine.js'
import { asked, type Circuit, closedCircuit, failed, refused, succeeded } from './circuit.js'

export interface ChainPorts {
  readonly clock: Clock
  readonly log: EngineContext['log']
}

/** How long one engine may keep a caller waiting while there is another to turn to. */
export const PATIENCE: Millis = 3_000

interface AnyEngine {
  readonly info: EngineInfo
  close(): Promise<void>
}

export class Candidates<Engine extends AnyEngine> {
  readonly #all: { readonly engine: Engine; circuit: Circuit }[]
  readonly #ports: ChainPorts

  constructor(engines: readonly Engine[], ports: ChainPorts) {
    this.#all = engines.map((engine) => ({ engine, circuit: closedCircuit }))
    this.#ports = ports
  }

  /** The one that is asked first as long as it works. */
  get first(): Engine {
    const [first] = this.#all
    if (!first) throw new Error('A chain has at least one engine.')
    return first.engine
  }

  /** The engines worth asking, in order; all of them when none is. `isLast`: there is none to turn to after it. */
  *inOrder(): Generator<{ readonly engine: Engine; readonly isLast: boolean }> {
    const now = this.#ports.clock.now()
    const willing = this.#all.filter(({ circuit }) => asked(circuit, now).allowed)
    const order = willing.length > 0 ? willing : this.#all
    for (const [index, candidate] of order.entries()) {
      candidate.circuit = asked(candidate.circuit, now).circuit
      yield { engine: candidate.engine, isLast: index === order.length - 1 }
    }
  }

  succeeded(engine: Engine): void {
    this.#of(engine).circuit = succeeded()
  }

  failed(engine: Engine, error: unknown): void {
    const candidate = this.#of(engine)
    const failure = failureOf(error)
    const { code, message } = failure
    const judge = isOfThisRequest(failure) ? refused : failed
    candidate.circuit = judge(candidate.circuit, this.#ports.clock.now())
    const { kind, name } = engine.info
    this.#ports.log('warn', 'An engine of a chain failed.', {
      ...{ kind, engine: name, code, reason: message, circuit: candidate.circuit.is },
    })
  }

  /** What the chain tells of itself. */
  info(): EngineInfo {
    const infos = this.#all.map(({ engine }) => engine.info)
    return {
      kind: this.first.info.kind,
      name: infos.map(({ name }) => name).join(','),
      description: infos.map(({ description }) => description).join(' If it fails: '),
      version: infos.map(({ version }) => version).join(','),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ engine }) => engine.close()))
  }

  #of(engine: Engine) {
    const found = this.#all.find((candidate) => candidate.engine === engine)
    if (!found) throw new Error('The engine is none of this chain.')
    return found
  }
}

/** The engine works; what it was given it would not take: too long, or of a form that it does not know. */
const isOfThisRequest = ({ statusCode, retryable }: Failure): boolean =>
  !retryable && statusCode !== undefined && REFUSALS.has(statusCode)

const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422])

/** The next of a stream, or an `EngineError` when it does not come within `patience`; undefined: however long it takes. */
export function nextWithin<T>(
  iterator: AsyncIterator<T>,
  patience: Millis | undefined,
  { clock }: Pick<ChainPorts, 'clock'>,
): Promise<IteratorResult<T>> {
  const next = iterator.next()
  if (patience === undefined) return next
  return new Promise((resolve, reject) => {
    const cancel = clock.wake(clock.now() + patience, () => reject(tooSlow(patience)))
    next.then(resolve, reject).finally(cancel)
  })
}

/** Lets go of a stream that is not read on. Not waited for: one that is stuck would not return before it moves. */
export function leave(iterator: AsyncIterator<unknown>): void {
  Promise.resolve(iterator.return?.()).catch(() => {})
}

const tooSlow = (patience: Millis): EngineError =>
  new EngineError({
    code: 'engine_slow',
    message: `The engine gave nothing for ${patience / 1000} s.`,
    retryable: true,
  })
