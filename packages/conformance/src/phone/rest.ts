// The REST side: Twilio's API over HTTP on the loopback, as far as calls and numbers go
// (twilio.com/docs/voice/api/call-resource, twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { notFound, RestError, unauthorized } from './rest-errors.js'

/** A request that came, and what it was answered. */
export interface RestRequest {
  readonly method: string
  /** Below `/2010-04-01/Accounts/{sid}`, without its query; empty for the account itself. */
  readonly path: string
  readonly parameters: URLSearchParams
  readonly status: number
  readonly answer: unknown
}

/** What can be asked for below an account. `match`: what the pattern's groups hold. */
export interface Resource {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  readonly answer: (parameters: URLSearchParams, match: readonly string[]) => Promise<RestAnswer> | RestAnswer
}

export interface RestAnswer {
  readonly status: number
  readonly body: unknown
}

export interface RestSide {
  /** Without a slash at its end. */
  readonly url: string
  readonly requests: readonly RestRequest[]
  close(): Promise<void>
}

export interface RestAccount {
  readonly sid: string
  readonly authToken: string
  /** Takes the place of the account's own name and token. */
  readonly apiKey: { readonly sid: string; readonly secret: string }
}

export async function startRest(account: RestAccount, resources: readonly Resource[]): Promise<RestSide> {
  const requests: RestRequest[] = []
  const server = createServer((request, response) => {
    void handle(request, account, resources).then((handled) => {
      requests.push(handled)
      reply(response, handled)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // the server listens on TCP, so its address is not a path
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function handle(
  request: IncomingMessage,
  account: RestAccount,
  resources: readonly Resource[],
): Promise<RestRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const method = request.method ?? 'GET'
  const parameters = method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams
  const [, sid, path = sid === undefined ? url.pathname : ''] =
    /^\/2010-04-01\/Accounts\/([^/.]+)(?:\.json|(\/.*))$/.exec(url.pathname) ?? []
  const answered = { method, path, parameters }
  try {
    authenticate(request, account)
    if (sid !== account.sid) throw notFound(url.pathname)
    for (const resource of resources) {
      const match = resource.method === method && resource.path.exec(path)
      if (!match) continue
      const { status, body } = await resource.answer(parameters, match.slice(1))
      return { ...answered, status, answer: body }
    }
    throw notFound(url.pathname)
  } catch (error) {
    if (!(error instanceof RestError)) throw error
    return { ...answered, status: error.status, answer: error.body }
  }
}

function authenticate({ headers }: IncomingMessage, { sid, authToken, apiKey }: RestAccount): void {
  const accepted = [`${sid}:${authToken}`, `${apiKey.sid}:${apiKey.secret}`]
  const [scheme, credentials = ''] = (headers.authorization ?? '').split(' ')
  if (scheme !== 'Basic' || !accepted.includes(Buffer.from(credentials, 'base64').toString())) throw unauthorized()
}

function reply(response: ServerResponse, { status, answer }: RestRequest): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(answer === undefined ? '' : JSON.stringify(answer))
}
