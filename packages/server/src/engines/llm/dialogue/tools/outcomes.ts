// What came of a call, read from the text in the place of its result, and what the platform asks for beside the words of others.
import { schemaOf } from './slots.js'

export type Outcome =
  | { readonly is: 'waiting' }
  /** The call was not made; `why` names the arguments that are to blame. */
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'failed' | 'succeeded'; readonly text: string }

export function outcomeOf(text: string): Outcome {
  if (WAITING.test(text)) return { is: 'waiting' }
  const refused = REFUSED.exec(text)
  if (refused) return { is: 'refused', why: refused[1]! }
  return { is: isFailure(text) ? 'failed' : 'succeeded', text }
}

/** The last instructions of a reply: lines of the platform told apart from what the agent's author or a program wrote. */
export interface Orders {
  /** Tools whose results are to be told although something was said since. */
  readonly tells: readonly string[]
  /** No tool may be called any more: too many failed, or enough were called. */
  readonly stops: 'failures' | 'enough' | undefined
  /** The silence is to be filled while a tool runs. */
  readonly passesTime: boolean
  readonly rest: string
}

export function ordersIn(text: string): Orders {
  const lines = text.split('\n')
  const tells = lines.flatMap((line) => TELLS.exec(line)?.[1]?.split(' and ') ?? [])
  const stops = lines.some((line) => FAILURES.test(line))
    ? 'failures'
    : lines.some((line) => ENOUGH.test(line))
      ? 'enough'
      : undefined
  const own = [TELLS, FAILURES, ENOUGH, PASSES_TIME]
  return {
    tells,
    stops,
    passesTime: lines.some((line) => PASSES_TIME.test(line)),
    rest: lines
      .filter((line) => !own.some((pattern) => pattern.test(line)))
      .join('\n')
      .trim(),
  }
}

// The words of the conversation core (`tools.ts`, `refusals.ts`, `generation.ts`, `filler.ts`): a test runs both together.
const WAITING = /^There is no result yet\b|^The same call was made before and still runs\b/
const REFUSED = /^The call was not made: (.*?)(?: Call the tool again with| Only the user and the results|$)/s
const TELLS = /^What came of (.+) is known now; you had not told the user\b/
const FAILURES = /^Several calls in a row have failed\b/
const ENOUGH = /^Enough tools were called\b/
const PASSES_TIME = /^You still wait for the result of .+ say one short sentence\b/

function isFailure(text: string): boolean {
  const json = parsed(text)
  if (typeof json !== 'object' || json === null) return FAILED_TEXT.test(text.trim())
  const { error, errors, success, ok, status } = schemaOf(json)
  const hasError = [error, errors].some(
    (value) => value !== undefined && value !== null && value !== false && value !== '',
  )
  return (
    hasError ||
    success === false ||
    ok === false ||
    (typeof status === 'string' && /^(?:error|failed|failure)$/i.test(status))
  )
}

const FAILED_TEXT =
  /^(?:\w*error\b|failed\b|failure\b|\w*exception\b|traceback\b|timeout\b|timed out\b|HTTP [45]\d\d)|^\S+ gave no result within \d+ s\b/i

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
