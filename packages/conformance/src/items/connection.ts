// Connection and credentials (1-25).
import type { Context } from '../context.js'
import { like, list, must, number, object, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import type { Credentials, Peer } from '../wire/peer.js'
import { type Answer, status } from '../wire/rest.js'

async function getsIn(context: Context, credentials: Credentials): Promise<Peer> {
  const peer = await context.ready(undefined, credentials)
  await peer.end()
  return peer
}

/** The one frame that somebody without valid credentials is sent, and the close code. */
async function turnedAway(context: Context, credentials: Credentials): Promise<Peer> {
  const peer = await context.open(credentials)
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  same((await peer.closing()).code, 1008, 'the close code')
  same(peer.course, ['session.error'], 'what a stranger was sent')
  same(peer.frames[0]?.code, 'unauthorized', 'the code')
  return peer
}

/** The first entry of a 422's `detail`. */
async function detail(context: Context, query: string, authorization?: null) {
  const answer = await context.rest('GET', `/v1/token${query}`, authorization === null ? { authorization } : {})
  const entries = list(status(answer, 422, `GET /v1/token${query}`).body.detail, 'detail')
  return object(entries[0], 'detail[0]')
}

async function refusedBound(
  context: Context,
  query: string,
  type: string,
  bounds: object,
  input: string,
): Promise<void> {
  const entry = await detail(context, query)
  same([entry.type, entry.ctx, entry.input], [type, bounds, input], 'type, ctx and input of detail[0]')
}

const wrongCredentials: readonly Credentials[] = [
  {},
  { authorization: 'wrong' },
  { authorization: 'Bearer wrong' },
  { token: 'wrong' },
]

const succeeded = ({ status: code }: Answer) => code >= 200 && code < 300

export const connection: Chapter = {
  heading: 'Connection and credentials',
  items: [
    {
      number: 1,
      source: 'doc',
      title: 'The WebSocket is at `/v1/ws`.',
      run: async (context) => void (await getsIn(context, { authorization: context.facts.key })),
    },
    {
      number: 2,
      source: 'doc',
      title: 'A raw API key in `Authorization` is accepted on the WebSocket.',
      run: async (context) => void (await getsIn(context, { authorization: context.facts.key })),
    },
    {
      number: 3,
      source: 'doc',
      title: '`Bearer <API key>` is accepted on the WebSocket.',
      run: async (context) => void (await getsIn(context, { authorization: `Bearer ${context.facts.key}` })),
    },
    {
      number: 4,
      source: 'doc',
      title: 'Raw and Bearer are accepted on every REST route, and no route does without.',
      async run(context) {
        const { id } = await context.agent()
        const routes = [
          ['GET', '/v1/agents'],
          ['GET', `/v1/agents/${id}`],
          ['PUT', `/v1/agents/${id}`, { name: 'Conformance' }],
          ['GET', '/v1/token?expires_in_seconds=60'],
          ['POST', '/v1/tokens'],
          ['GET', '/v1/sessions'],
          ['GET', '/v1/webhook-subscriptions'],
          ['DELETE', `/v1/agents/${id}`],
        ] as const
        for (const [method, path, body] of routes) {
          const without = await context.rest(method, path, { body, authorization: null })
          must(without.status >= 400 && without.status < 500, `${method} ${path} without a key: ${without.status}`)
          for (const authorization of method === 'DELETE'
            ? [context.facts.key]
            : [`Bearer ${context.facts.key}`, context.facts.key]) {
            const answer = await context.rest(method, path, { body, authorization })
            must(
              succeeded(answer),
              `${method} ${path} with ${authorization.startsWith('Bearer') ? 'Bearer' : 'a raw key'}: ${answer.status}`,
            )
          }
        }
      },
    },
    {
      number: 5,
      source: 'doc',
      title: '`?token=<temporary token>` is accepted on the WebSocket.',
      run: async (context) => void (await getsIn(context, { token: await context.token() })),
    },
    {
      number: 6,
      source: 'observed',
      title: '`Authorization: Bearer <temporary token>` is accepted on the WebSocket.',
      run: async (context) => void (await getsIn(context, { authorization: `Bearer ${await context.token()}` })),
    },
    {
      number: 7,
      source: 'observed',
      title: '`?token=<API key>` is accepted on the WebSocket.',
      run: async (context) => void (await getsIn(context, { token: context.facts.key })),
    },
    {
      number: 8,
      source: 'observed',
      title: 'Unknown query parameters on the WebSocket and on `/v1/token` are ignored.',
      async run(context) {
        const token = await context.token('product=voice_agent&expires_in_seconds=60&what=ever')
        await getsIn(context, { token, query: 'product=voice_agent&v=2' })
      },
    },
    {
      number: 9,
      source: 'observed',
      title: 'With bad credentials the upgrade still succeeds (101).',
      async run(context) {
        for (const credentials of wrongCredentials) await context.open(credentials)
      },
    },
    {
      number: 10,
      source: 'observed',
      title: 'The one frame for bad credentials is `unauthorized`, `Authentication failed`, with its six keys.',
      async run(context) {
        for (const credentials of wrongCredentials) {
          const { frames } = await turnedAway(context, credentials)
          const { timestamp, ...frame } = frames[0]!
          number(timestamp, 'timestamp')
          same(
            frame,
            {
              code: 'unauthorized',
              message: 'Authentication failed',
              session_id: null,
              param: null,
              type: 'session.error',
            },
            'the frame',
          )
        }
      },
    },
    {
      number: 11,
      source: 'observed',
      title: 'After it the socket closes with 1008.',
      async run(context) {
        for (const credentials of wrongCredentials) await turnedAway(context, credentials)
      },
    },
    {
      number: 12,
      source: 'observed',
      title: 'A plain GET on `/v1/ws` answers 426.',
      run: async (context) => void status(await context.rest('GET', '/v1/ws'), 426, 'GET /v1/ws'),
    },
    {
      number: 13,
      source: 'doc',
      title: '`GET /v1/token?expires_in_seconds=60` answers 200 with `token` and `expires_in_seconds` 60.',
      async run(context) {
        const { body } = status(await context.rest('GET', '/v1/token?expires_in_seconds=60'), 200, 'GET /v1/token')
        must(string(body.token, 'token') !== '', 'an empty token')
        same(body.expires_in_seconds, 60, 'expires_in_seconds')
      },
    },
    {
      number: 14,
      source: 'observed',
      title: 'Missing `expires_in_seconds` answers 422: `missing`, loc `["query","expires_in_seconds"]`.',
      async run(context) {
        const { type, loc } = await detail(context, '')
        same([type, loc], ['missing', ['query', 'expires_in_seconds']], 'type and loc of detail[0]')
      },
    },
    {
      number: 15,
      source: 'observed',
      title: '`expires_in_seconds` 601 answers 422 `less_than_equal`, `ctx.le` 600.',
      run: (context) => refusedBound(context, '?expires_in_seconds=601', 'less_than_equal', { le: 600 }, '601'),
    },
    {
      number: 16,
      source: 'doc',
      title: '`expires_in_seconds` 0 answers 422 `greater_than_equal`, `ctx.ge` 1.',
      run: (context) => refusedBound(context, '?expires_in_seconds=0', 'greater_than_equal', { ge: 1 }, '0'),
    },
    {
      number: 17,
      source: 'observed',
      title: '`max_session_duration_seconds` 59 answers 422 `ge` 60; 10801 answers 422 `le` 10800.',
      async run(context) {
        const query = '?expires_in_seconds=60&max_session_duration_seconds='
        await refusedBound(context, `${query}59`, 'greater_than_equal', { ge: 60 }, '59')
        await refusedBound(context, `${query}10801`, 'less_than_equal', { le: 10_800 }, '10801')
      },
    },
    {
      number: 18,
      source: 'observed',
      title: '`detail[].input` repeats the raw query text as a string.',
      async run(context) {
        for (const input of ['0601', 'abc', '6.5'])
          same((await detail(context, `?expires_in_seconds=${input}`)).input, input, 'input')
      },
    },
    {
      number: 19,
      source: 'observed',
      title: 'Missing `Authorization` on `/v1/token` answers 422 with loc `["header","authorization"]`.',
      async run(context) {
        const { type, loc } = await detail(context, '?expires_in_seconds=60', null)
        same([type, loc], ['missing', ['header', 'authorization']], 'type and loc of detail[0]')
      },
    },
    {
      number: 20,
      source: 'observed',
      title: 'A bad key on `/v1/token` answers non-2xx with `detail` `Invalid API key`.',
      async run(context) {
        const answer = await context.rest('GET', '/v1/token?expires_in_seconds=60', { authorization: 'wrong' })
        must(!succeeded(answer), `${answer.status} for a bad key`)
        same(answer.body.detail, 'Invalid API key', 'detail')
      },
    },
    {
      number: 21,
      source: 'doc',
      title: 'A token cannot open a second session, neither later nor at once.',
      async run(context) {
        const token = await context.token()
        const rivals = await Promise.all([context.open({ token }), context.open({ token })])
        for (const peer of rivals) peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
        await Promise.all(
          rivals.map((peer) => Promise.race([peer.first('session.ready'), peer.first('session.error')])),
        )
        const winners = rivals.filter((peer) => peer.of('session.ready').length > 0)
        same(winners.length, 1, 'the number of sessions that one token opened')
        await winners[0]!.end()
        await turnedAway(context, { token })
      },
    },
    {
      number: 22,
      source: 'doc',
      title: 'An expired token yields `unauthorized` and 1008.',
      async run(context) {
        const token = await context.token('expires_in_seconds=1')
        await pause(2500)
        await turnedAway(context, { token })
      },
    },
    {
      number: 23,
      source: 'doc',
      title: "A token's redemption window does not limit the length of its session.",
      async run(context) {
        const peer = await context.ready(undefined, { token: await context.token('expires_in_seconds=1') })
        await pause(3000)
        must(peer.isOpen, 'the session ended with its token')
        same(
          (await peer.answersTo({ type: 'session.update', session: { system_prompt: 'New.' } }))[0]?.type,
          'session.updated',
          'the answer to an update',
        )
        await peer.end()
      },
    },
    {
      number: 24,
      source: 'doc',
      title: '`max_session_duration_seconds` ends the session at the cap.',
      waits: true,
      async run(context) {
        const token = await context.token('expires_in_seconds=60&max_session_duration_seconds=60')
        const peer = await context.ready(undefined, { token })
        const began = performance.now()
        const expires = number(peer.of('session.ready')[0]?.expires_at, 'expires_at') - Date.now() / 1000
        must(expires > 50 && expires < 62, `expires_at is ${Math.round(expires)} s away, not 60`)
        context.caller(peer)
        await peer.closing(75_000)
        const lasted = (performance.now() - began) / 1000
        must(lasted > 57, `the session ended after ${lasted.toFixed(1)} s`)
        same(peer.course.at(-1), 'session.ended', 'the last frame')
      },
    },
    {
      number: 25,
      source: 'observed',
      title: '`POST /v1/tokens` without a body gives `token` and `expires_at`, a date.',
      async run(context) {
        const answer = await context.rest('POST', '/v1/tokens')
        must(succeeded(answer), `${answer.status} ${show(answer.text)}`)
        const expires = Date.parse(
          like(answer.body.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/, 'expires_at'),
        )
        must(
          Math.abs(expires - Date.now() - 60_000) < 20_000,
          `expires_at ${show(answer.body.expires_at)}, not in 60 s`,
        )
        await getsIn(context, { token: string(answer.body.token, 'token') })
      },
    },
  ],
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
