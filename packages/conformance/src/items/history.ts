// The history of sessions, and webhooks (161-167).
import { createHmac, timingSafeEqual } from 'node:crypto'
import { OggOpusDecoder } from 'ogg-opus-decoder'
import type { Context } from '../context.js'
import { Failure, type Fields, like, list, must, number, object, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { answersWith } from '../kit/callbacks.js'
import { callsThenSays } from '../kit/model.js'
import { greeting, question, replied } from '../kit/scenes.js'
import { status } from '../wire/rest.js'

const FINISHED_WITHIN_MS = 90_000
const WEBHOOK_SECRET = 'a-secret-of-the-suite-0123456789abcdef'

interface Recorded {
  readonly id: string
  readonly agentId: string
  readonly record: Fields
  artifact(type: string): Promise<Response>
}

/** A session with a greeting, a spoken question that calls a tool, its result, and a reply that is asked for; finished. */
const recorded = (context: Context): Promise<Recorded> =>
  context.once('recorded', async (own) => {
    const speech = await own.speech(question)
    const { peer, agentId } = await own.modelled(
      callsThenSays([{ calls: 'find_hours', id: 'call_a' }], 'We open at eight in the morning.'),
      {
        greeting,
        tools: [{ name: 'find_hours', description: 'Looks up when the shop opens.' }],
      },
    )
    const id = string(peer.of('session.ready')[0]?.session_id, 'session_id')
    await peer.first('reply.done')
    const call = peer.next('tool.call', undefined, 40_000)
    void own.caller(peer).say(speech)
    const { call_id } = await call
    const spoken = peer.next('transcript.agent', undefined, 40_000)
    peer.send({ type: 'tool.result', call_id, result: '{"opens":"8:00"}' })
    const { reply_id } = await spoken
    await peer.first('reply.done', (frame) => frame.reply_id === reply_id)
    await replied(peer)
    await peer.end()
    const record = await finished(own, id)
    return { id, agentId, record, artifact: (type) => fetchArtifact(record, type) }
  })

/** The record of a session once it has its artifacts. */
async function finished(context: Context, id: string): Promise<Fields> {
  for (const end = performance.now() + FINISHED_WITHIN_MS; ; ) {
    const record = status(await context.rest('GET', `/v1/sessions/${id}`), 200, 'GET /v1/sessions/{id}').body
    if (record.status === 'completed' && list(record.artifacts, 'artifacts').length >= 3) return record
    if (performance.now() > end)
      throw new Failure(
        `${FINISHED_WITHIN_MS / 1000} s after its end the session has the status ${show(record.status)} and the artifacts ${show(record.artifacts)}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** The artifact, fetched as documented: without a key. */
async function fetchArtifact(record: Fields, type: string): Promise<Response> {
  const artifact = list(record.artifacts, 'artifacts')
    .map((value) => object(value, 'an artifact'))
    .find((each) => each.type === type)
  must(artifact, `no artifact ${type}`)
  const response = await fetch(string(artifact.url, 'url'))
  must(response.ok, `the ${type} was answered with ${response.status}`)
  return response
}

const timelineOf = async (context: Context): Promise<Fields> =>
  object(await (await (await recorded(context)).artifact('timeline')).json(), 'the timeline')

/** Arrays that are empty, by their paths. */
const emptyArrays = (value: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value))
    return value.length === 0 ? [path] : value.flatMap((each, index) => emptyArrays(each, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => emptyArrays(each, path === '' ? key : `${path}.${key}`))
}

const power = (samples: Float32Array) => samples.reduce((sum, sample) => sum + sample * sample, 0)

export const history: Chapter = {
  heading: 'REST: sessions and webhooks',
  items: [
    {
      number: 161,
      source: 'doc',
      title: 'The list of sessions accepts limit 1–200, cursor, status, agent_id.',
      async run(context) {
        const { id: agent } = await context.agent()
        const sessions: string[] = []
        for (const _ of [1, 2]) {
          const peer = await context.ready({ agent_id: agent })
          sessions.push(string(peer.of('session.ready')[0]?.session_id, 'session_id'))
          await peer.end()
          await finishedStatus(context, sessions.at(-1)!)
        }
        const [older, newer] = sessions
        const query = `/v1/sessions?agent_id=${agent}`
        same(await context.listed(query, 'sessions'), [newer, older], 'the sessions of the agent, newest first')
        same(
          await context.listed(`${query}&status=completed&limit=200`, 'sessions'),
          [newer, older],
          'its completed sessions',
        )
        const { body } = status(await context.rest('GET', `${query}&limit=1`), 200, 'GET /v1/sessions')
        const keys = ['agent_id', 'created_at', 'duration_seconds', 'ended_at', 'id', 'public_close_reason', 'status']
        const first = object(list(body.sessions, 'sessions')[0], 'sessions[0]')
        for (const key of keys) must(key in first, `no ${key} in ${show(first)}`)
        same([body.has_more, first.id], [true, newer], 'has_more, and the session of the first page')
        const cursor = string(object(body.response_metadata, 'response_metadata').next_cursor, 'next_cursor')
        same(
          await context.listed(`${query}&limit=1&cursor=${encodeURIComponent(cursor)}`, 'sessions'),
          [older],
          'the second page',
        )
        for (const limit of [0, 201])
          status(await context.rest('GET', `/v1/sessions?limit=${limit}`), 422, `limit ${limit}`)
      },
    },
    {
      number: 162,
      source: 'doc',
      title: 'A finished session has the artifacts audio, timeline and metadata, fetched without a key.',
      async run(context) {
        const { id, record, artifact } = await recorded(context)
        const found = list(record.artifacts, 'artifacts').map((each) => object(each, 'an artifact').type)
        same(found.toSorted(), ['audio', 'metadata', 'timeline'], 'the artifacts')
        for (const [type, form] of [
          ['audio', /^audio\/ogg/],
          ['timeline', /^application\/json/],
          ['metadata', /^application\/json/],
        ] as const)
          like((await artifact(type)).headers.get('content-type'), form, `the content type of ${type}`)
        const metadata = object(await (await artifact('metadata')).json(), 'the metadata')
        same([metadata.session_id, metadata.channels], [id, 2], 'session_id and channels of the metadata')
        object(record.config, 'config')
      },
    },
    {
      number: 163,
      source: 'observed',
      title: 'The triggers of timeline turns are greeting, user_speech, tool_result, reply_create.',
      async run(context) {
        const { turns, session_id, ended } = await timelineOf(context)
        const triggers = list(turns, 'turns').map((turn) => object(turn, 'a turn').trigger)
        same(triggers, ['greeting', 'user_speech', 'tool_result', 'reply_create'], 'the triggers of the turns')
        same(session_id, (await recorded(context)).id, 'session_id')
        object(ended, 'ended')
        const calls = list(turns, 'turns').flatMap((turn) => object(turn, 'a turn').tool_calls ?? [])
        const call = object(calls[0], 'the tool call')
        same(
          [calls.length, call.call_id, call.name, call.is_error, call.timed_out],
          [1, 'call_a', 'find_hours', false, false],
          'the tool calls',
        )
      },
    },
    {
      number: 164,
      source: 'doc',
      title: 'The timeline omits empty arrays.',
      run: async (context) => same(emptyArrays(await timelineOf(context)), [], 'the empty arrays of the timeline'),
    },
    {
      number: 165,
      source: 'doc',
      title: 'The audio artifact is OGG/Opus, stereo, left the user, right the agent.',
      async run(context) {
        const bytes = new Uint8Array(await (await (await recorded(context)).artifact('audio')).arrayBuffer())
        same(Buffer.from(bytes.subarray(0, 4)).toString('latin1'), 'OggS', 'the beginning of the file')
        const decoder = new OggOpusDecoder()
        await decoder.ready
        const { channelData, sampleRate } = await decoder.decodeFile(bytes)
        decoder.free()
        same(channelData.length, 2, 'the number of channels')
        const [user, agent] = channelData.map((channel) => ({
          greeting: power(channel.subarray(0, 2 * sampleRate)),
          all: power(channel),
        }))
        must(user && agent && user.all > 0 && agent.all > 0, 'a channel is silent')
        // in its first two seconds only the agent speaks
        must(agent.greeting > 20 * user.greeting, 'the greeting is not on the right channel alone')
      },
    },
    {
      number: 166,
      source: 'doc',
      title: 'The signature of a webhook verifies as HMAC-SHA256 over `{t}.{raw body}`.',
      async run(context) {
        const hook = context.endpoint(answersWith({}))
        const { id: agent_id } = await context.agent()
        const subscription = {
          url: hook.url,
          events: ['session.started', 'session.completed'],
          secret: WEBHOOK_SECRET,
          agent_id,
        }
        const made = status(
          await context.create('/v1/webhook-subscriptions', subscription),
          201,
          'POST /v1/webhook-subscriptions',
        )
        must(!made.text.includes(WEBHOOK_SECRET), 'the secret is returned')
        same([made.body.secret_version, made.body.enabled], [1, true], 'secret_version and enabled')
        const peer = await context.ready({ agent_id })
        const session = string(peer.of('session.ready')[0]?.session_id, 'session_id')
        await peer.end()
        const calls = await hook.called(2, 30_000)
        const events = calls.map(({ text, headers }) => {
          const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-aai-signature'])) ?? []
          must(t && v1, `X-AAI-Signature is ${show(headers['x-aai-signature'])}`)
          const expected = createHmac('sha256', WEBHOOK_SECRET).update(`${t}.${text}`).digest()
          must(timingSafeEqual(expected, Buffer.from(v1, 'hex')), 'the signature does not verify')
          must(Math.abs(Number(t) - Date.now() / 1000) < 300, `t is ${t}`)
          const body = object(JSON.parse(text), 'the body')
          same([body.session_id, body.agent_id], [session, agent_id], 'session_id and agent_id')
          string(body.event_id, 'event_id')
          return body.event
        })
        same(events.toSorted(), ['session.completed', 'session.started'], 'the events')
      },
    },
    {
      number: 167,
      source: 'doc',
      title: 'A webhook secret shorter than 32: 422.',
      async run(context) {
        const body = { url: context.endpoint(answersWith({})).url, events: ['session.completed'] }
        for (const secret of ['x'.repeat(31), 'x'.repeat(257), `${'x'.repeat(32)} y`]) {
          const answer = await context.create('/v1/webhook-subscriptions', { ...body, secret })
          same(
            [answer.status, answer.body.code, answer.body.param],
            [422, 'validation_error', 'secret'],
            `the answer to a secret of ${secret.length}`,
          )
        }
        status(
          await context.create('/v1/webhook-subscriptions', { ...body, secret: 'x'.repeat(32) }),
          201,
          'a secret of 32',
        )
      },
    },
  ],
}

async function finishedStatus(context: Context, id: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    // a session may be listed a moment after it has begun
    const answer = await context.rest('GET', `/v1/sessions/${id}`)
    const { body } = answer.status === 404 ? answer : status(answer, 200, 'GET /v1/sessions/{id}')
    if (body.status === 'completed') return void number(body.duration_seconds, 'duration_seconds')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Failure('the session is not completed 20 s after its end')
}
