// The requests that a telephone company makes of the servers of its customers.
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

const WITHIN_MS = 15_000

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** Rejects when nobody answers. Redirects are not followed. */
export function ask(
  method: 'GET' | 'POST',
  url: string,
  headers: Readonly<Record<string, string>>,
  form: URLSearchParams,
): Promise<Answer> {
  const address = new URL(url)
  const body = method === 'POST' ? String(form) : ''
  if (method === 'GET') for (const [name, value] of form) address.searchParams.append(name, value)
  const type = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
  return new Promise((resolve, reject) => {
    const send = address.protocol === 'https:' ? overHttps : overHttp
    const request = send(address, {
      method,
      agent: false,
      headers: {
        ...headers,
        accept: '*/*',
        ...(method === 'POST' && { ...type, 'content-length': Buffer.byteLength(body) }),
      },
    })
    request.setTimeout(WITHIN_MS, () => request.destroy(new Error(`No answer within ${WITHIN_MS} ms.`)))
    request.once('error', reject)
    request.once('response', (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.once('error', reject)
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(pieces).toString('utf8'),
        }),
      )
    })
    request.end(body)
  })
}
