// Requests to the server's REST interface.
import { Failure, type Fields, object, show } from '../expect.js'

const PATIENCE_MS = 20_000

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as an object; fails where it is none. */
  readonly body: Fields
}

export interface RequestOptions {
  readonly body?: unknown
  /** `null`: without the header. */
  readonly authorization?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export async function request(url: string, method: string, key: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, authorization = key, headers = {} } = options
  const response = await fetch(url, {
    method,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: unknown) => {
    throw new Failure(`${method} ${new URL(url).pathname} failed: ${String(error)}`)
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get body() {
      return object(parsed(text), `the body of the answer to ${method} ${new URL(url).pathname}`)
    },
  }
}

/** Fails unless the status is this one. */
export function status(answer: Answer, expected: number, what: string): Answer {
  if (answer.status !== expected)
    throw new Failure(`${what} was answered with ${answer.status} ${show(answer.text)}, not ${expected}`)
  return answer
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
