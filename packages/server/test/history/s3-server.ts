// A store that speaks S3, on loopback: it checks every signature for itself and keeps objects in memory.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export const s3Key = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

export interface S3Server {
  readonly url: string
  readonly objects: ReadonlyMap<string, { readonly body: Buffer; readonly contentType: string | undefined }>
  /** From now on it answers so. */
  answerWith(status: number | undefined): void
  /** Unix time as it sees it, in ms. */
  now: number
  close(): Promise<void>
}

export async function startS3(region = 'us-east-1'): Promise<S3Server> {
  const objects = new Map<string, { body: Buffer; contentType: string | undefined }>()
  let failing: number | undefined
  const state = { now: Date.now() }
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    const { pathname } = new URL(request.url ?? '/', 'http://host')
    const path = decodeURIComponent(pathname)
    const answer = (status: number, content: Buffer | string = '', headers = {}) =>
      void response.writeHead(status, headers).end(content)
    if (failing !== undefined) return answer(failing)
    if (!isSigned(request, region, state.now)) return answer(403, '<Error><Code>SignatureDoesNotMatch</Code></Error>')
    const object = objects.get(path)
    switch (request.method) {
      case 'PUT':
        if (Number(request.headers['content-length']) !== body.length) return answer(411)
        objects.set(path, { body, contentType: request.headers['content-type'] })
        return answer(200)
      case 'DELETE':
        objects.delete(path)
        return answer(204)
      default:
        return object ? answer(200, object.body, { 'content-type': object.contentType }) : answer(404)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    answerWith(status) {
      failing = status
    },
    get now() {
      return state.now
    },
    set now(unixMs) {
      state.now = unixMs
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Signature version 4, by the header or by the query, as Amazon documents it. */
function isSigned(request: IncomingMessage, region: string, now: number): boolean {
  const url = new URL(request.url ?? '/', 'http://host')
  const query = url.searchParams
  const isQuery = query.has('X-Amz-Signature')
  const header = /Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
    request.headers.authorization ?? '',
  )
  const [credential, names, signature] = isQuery
    ? [query.get('X-Amz-Credential'), query.get('X-Amz-SignedHeaders'), query.get('X-Amz-Signature')]
    : [header?.[1], header?.[2], header?.[3]]
  const time = isQuery ? query.get('X-Amz-Date') : request.headers['x-amz-date']
  if (!credential || !names || !signature || typeof time !== 'string') return false
  const date = time.slice(0, 8)
  const scope = `${date}/${region}/s3/aws4_request`
  if (credential !== `${s3Key.id}/${scope}`) return false
  if (isQuery && (request.headers.authorization || isOver(time, Number(query.get('X-Amz-Expires')), now))) return false
  query.delete('X-Amz-Signature')
  const canonical = [
    request.method,
    url.pathname,
    [...query]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    isQuery ? 'UNSIGNED-PAYLOAD' : request.headers['x-amz-content-sha256'],
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (parent, part) => createHmac('sha256', parent).update(part).digest(),
    `AWS4${s3Key.secret}`,
  )
  const right = createHmac('sha256', key).update(text).digest('hex')
  return right.length === signature.length && timingSafeEqual(Buffer.from(right), Buffer.from(signature))
}

const isOver = (time: string, seconds: number, now: number): boolean => {
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  return Date.parse(iso) + seconds * 1000 < now
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
