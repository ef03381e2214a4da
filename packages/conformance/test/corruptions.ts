// Sixty ways in which a server can be wrong, each with the items that must notice it.
import type { Answer, Corruption, Frame, Outgoing } from './proxy.js'

export interface Wrong extends Corruption {
  readonly name: string
  /** Items that must fail with it, and pass without it. */
  readonly items: readonly number[]
}

/** Changes single frames of one type. */
const changing = (type: string, change: (frame: Frame) => Outgoing): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => [frame.type === type ? change(frame) : text],
})

const everyFrame = (change: (frame: Frame) => Outgoing): Pick<Corruption, 'frames'> => ({
  frames: () => (frame) => [change(frame)],
})

/** Changes `config` wherever it is echoed. */
const echo = (change: (config: Fields) => Fields): Pick<Corruption, 'frames'> =>
  everyFrame((frame) => ('config' in frame ? { ...frame, config: change(fields(frame.config)) } : frame))

const errors = (change: (frame: Frame) => Frame): Pick<Corruption, 'frames'> => changing('session.error', change)

/** Changes the answers to one kind of request. */
const answering = (
  method: string,
  path: RegExp,
  change: (answer: Answer) => Partial<Answer>,
): Pick<Corruption, 'rest'> => ({
  rest: (answer) => (answer.method === method && path.test(answer.path) ? { ...answer, ...change(answer) } : answer),
})

type Fields = Readonly<Record<string, unknown>>
// True for what these corruptions are applied to: parts of good answers that are objects.
const fields = (value: unknown): Fields => value as Fields
const without = (value: unknown, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields(value)).filter(([name]) => !names.includes(name)))
const bytesOf = ({ data }: Frame): Buffer => Buffer.from(String(data), 'base64')
const withBytes = (frame: Frame, bytes: Buffer): Frame => ({ ...frame, data: bytes.toString('base64') })

/** Keeps frames of a type back until one of another type has passed. */
const delaying = (held: string, until: string): Pick<Corruption, 'frames'> => ({
  frames: () => {
    let kept: Frame[] = []
    return (frame) => {
      if (frame.type === held) {
        kept.push(frame)
        return []
      }
      if (frame.type !== until) return [frame]
      const released = kept
      kept = []
      return [frame, ...released]
    }
  },
})

const twice = (type: string): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => (frame.type === type ? [text, text] : [text]),
})
const missing = (type: string): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => (frame.type === type ? [] : [text]),
})

const agents = /^\/v1\/agents(\?|$)/
const anAgent = /^\/v1\/agents\/./
const tokens = /^\/v1\/token\?/

export const corruptions: readonly Wrong[] = [
  {
    name: 'frames have no timestamp',
    items: [65],
    ...everyFrame(({ timestamp: _, ...frame }) => ({ ...frame, type: frame.type })),
  },
  {
    name: 'timestamps are dates',
    items: [65],
    ...everyFrame((frame) => ({ ...frame, timestamp: new Date().toISOString() })),
  },
  {
    name: 'timestamps are milliseconds',
    items: [65],
    ...everyFrame((frame) => ({ ...frame, timestamp: Number(frame.timestamp) * 1000 })),
  },
  { name: 'frames are binary', items: [66], frames: () => (_, text) => [Buffer.from(text)] },
  { name: 'the upgrade of a stranger is refused', items: [9, 10, 11], refusesStrangers: true },
  { name: 'a stranger is sent away with 1000', items: [11], closes: (code) => (code === 1008 ? 1000 : code) },
  {
    name: 'error codes are in capitals',
    items: [10, 69],
    ...errors((frame) => ({ ...frame, code: String(frame.code).toUpperCase() })),
  },
  { name: 'the server speaks first', items: [26], greets: { type: 'session.created', timestamp: 1_790_000_000.5 } },
  { name: 'ready comes before updated', items: [27], ...delaying('session.updated', 'session.ready') },
  {
    name: 'ready has no resume_token',
    items: [29],
    ...changing('session.ready', ({ resume_token: _, ...frame }) => ({ ...frame, type: frame.type })),
  },
  {
    name: 'expires_at is a fraction',
    items: [29],
    ...changing('session.ready', (frame) => ({ ...frame, expires_at: Number(frame.expires_at) + 0.5 })),
  },
  {
    name: 'the session has an id of another form',
    items: [30],
    ...changing('session.ready', (frame) => ({ ...frame, session_id: 'session-1' })),
  },
  { name: 'the echo has a key too many', items: [31], ...echo((config) => ({ ...config, model: 'large' })) },
  {
    name: 'the echo omits what is null',
    items: [32],
    ...echo((config) => ({ ...config, input: without(config.input, 'keyterms') })),
  },
  {
    name: 'μ-law is echoed with 24000',
    items: [33],
    ...echo((config) => ({
      ...config,
      output: { ...fields(config.output), format: { encoding: 'audio/pcmu', sample_rate: 24_000 } },
    })),
  },
  {
    name: 'the echo of a tool has another time-out',
    items: [34],
    ...echo((config) => ({
      ...config,
      tools: (config.tools as readonly Fields[]).map((tool) => ({ ...tool, timeout_seconds: 60 })),
    })),
  },
  {
    name: 'errors have another message',
    items: [36, 37, 40, 52, 60, 61, 62, 63],
    ...errors((frame) => ({ ...frame, message: 'No.' })),
  },
  {
    name: 'errors name another field',
    items: [36, 41, 52, 55, 102, 132],
    ...errors((frame) => ('param' in frame ? { ...frame, param: 'session' } : frame)),
  },
  {
    name: 'errors of a message have a param',
    items: [60, 64],
    ...errors((frame) => ({ param: null, session_id: null, ...frame })),
  },
  { name: 'errors are not told', items: [43, 59, 63], ...missing('session.error') },
  {
    name: 'an error closes the connection',
    items: [59],
    frames: (line) => (frame, text) => {
      if (frame.type === 'session.error') line.close()
      return [text]
    },
  },
  { name: 'updates are not acknowledged', items: [27, 57, 58], ...missing('session.updated') },
  {
    name: 'the greeting is trimmed',
    items: [71],
    ...changing('transcript.agent', (frame) => ({ ...frame, text: String(frame.text).trim() })),
  },
  { name: 'reply.done comes twice', items: [74], ...twice('reply.done') },
  { name: 'reply.started does not come', items: [70, 74], ...missing('reply.started') },
  { name: 'a reply begins before the one before it is done', items: [76], ...delaying('reply.done', 'reply.started') },
  {
    name: 'ids of replies have another form',
    items: [75],
    ...everyFrame((frame) =>
      'reply_id' in frame ? { ...frame, reply_id: `reply_${String(frame.reply_id).slice(-6)}` } : frame,
    ),
  },
  {
    name: 'sound is in the field audio',
    items: [77],
    ...changing('reply.audio', ({ data, ...frame }) => ({ ...frame, type: frame.type, audio: data })),
  },
  {
    name: 'the last sound comes after the text',
    items: [78],
    frames: () => {
      let last: Frame | undefined
      return (frame) => {
        const before = last
        last = frame.type === 'reply.audio' ? frame : undefined
        if (frame.type === 'reply.audio') return before ? [before] : []
        if (!before) return [frame]
        return frame.type === 'transcript.agent' ? [frame, before] : [before, frame]
      }
    },
  },
  {
    name: 'replies are cancelled',
    items: [79],
    ...changing('reply.done', (frame) => ({
      ...frame,
      status: frame.status === 'interrupted' ? 'cancelled' : frame.status,
    })),
  },
  {
    name: 'interrupted is always false',
    items: [80],
    ...changing('transcript.agent', (frame) => ({ ...frame, interrupted: false })),
  },
  {
    name: 'a delta has two words',
    items: [81],
    ...changing('transcript.agent.delta', (frame) => ({ ...frame, delta: `and ${frame.delta}` })),
  },
  {
    name: 'times of words are strings',
    items: [81],
    ...changing('transcript.agent.delta', (frame) => ({ ...frame, start_ms: String(frame.start_ms) })),
  },
  { name: 'deltas come after the text', items: [82], ...delaying('transcript.agent.delta', 'transcript.agent') },
  {
    name: 'deltas have no spaces',
    items: [83],
    ...changing('transcript.agent.delta', (frame) => ({ ...frame, delta: String(frame.delta).trim() })),
  },
  {
    name: 'a reply that is asked for is slow to start',
    items: [84],
    frames: (line) => (frame, text) => {
      if (frame.type !== 'reply.started' && !('reply_id' in frame)) return [text]
      line.later(text, 400)
      return []
    },
  },
  {
    name: 'a message is answered',
    items: [89],
    frames: (line) => (frame, text) => {
      if (frame.type === 'session.ready')
        line.later({ type: 'reply.started', reply_id: `resp_${'0'.repeat(32)}`, timestamp: 1_790_000_000.5 }, 500)
      return [text]
    },
  },
  {
    name: 'deltas of the user hold only what is new',
    items: [91],
    ...changing('transcript.user.delta', (frame) => ({ ...frame, text: String(frame.text).split(' ').at(-1) })),
  },
  { name: 'the text of a turn comes twice', items: [92], ...twice('transcript.user') },
  {
    name: 'the text of a turn has an item of its own',
    items: [92],
    ...changing('transcript.user', (frame) => ({ ...frame, item_id: `msg_${'0'.repeat(32)}` })),
  },
  {
    name: 'the end of a turn comes after its text',
    items: [93],
    ...delaying('input.speech.stopped', 'transcript.user'),
  },
  { name: 'the interruption is told late', items: [96], ...delaying('input.speech.started', 'reply.done') },
  {
    name: 'sound goes on after the interruption',
    items: [97],
    frames: () => {
      let sound: Frame | undefined
      return (frame) => {
        if (frame.type === 'reply.audio') sound = frame
        return frame.type === 'reply.done' && sound ? [frame, sound] : [frame]
      }
    },
  },
  {
    name: 'an interrupted text is not trimmed',
    items: [98],
    ...changing('transcript.agent', (frame) => ({ ...frame, text: `${frame.text} and all the rest of it` })),
  },
  {
    name: 'samples are big-endian',
    items: [104],
    ...changing('reply.audio', (frame) => withBytes(frame, bytesOf(frame).swap16())),
  },
  {
    name: 'sound has half samples',
    items: [104],
    ...changing('reply.audio', (frame) => withBytes(frame, bytesOf(frame).subarray(1))),
  },
  {
    name: 'sound begins with a header',
    items: [105],
    frames: () => {
      let isFirst = true
      return (frame) => {
        if (frame.type !== 'reply.audio' || !isFirst) return [frame]
        isFirst = false
        return [withBytes(frame, Buffer.concat([Buffer.from('RIFF0000WAVE'), bytesOf(frame)]))]
      }
    },
  },
  {
    name: 'sound is sent as fast as it is made',
    items: [108],
    frames: () => {
      let began: number | undefined
      return (frame) => {
        if (frame.type !== 'reply.audio') return [frame]
        began ??= Number(frame.timestamp)
        return [{ ...frame, timestamp: began + (Number(frame.timestamp) - began) / 4 + 0.0001 }]
      }
    },
  },
  {
    name: 'volume 0 is not silent',
    items: [111],
    ...changing('reply.audio', (frame) =>
      withBytes(frame, bytesOf(frame).map((byte, index) => (index % 2 === 0 ? byte ^ 4 : byte)) as Buffer),
    ),
  },
  { name: 'the end is closed with 1001', items: [112], closes: (code) => (code === 1000 ? 1001 : code) },
  { name: 'session.ended does not come', items: [112], ...missing('session.ended') },
  {
    name: 'the duration is a whole number',
    items: [113],
    ...changing('session.ended', (frame) => ({ ...frame, session_duration_seconds: 1 })),
  },
  {
    name: 'the length of the sound is always null',
    items: [114],
    ...changing('session.ended', (frame) => ({ ...frame, audio_duration_seconds: null })),
  },
  {
    name: 'the socket is not found by a plain GET',
    items: [12],
    ...answering('GET', /^\/v1\/ws/, () => ({ status: 404 })),
  },
  {
    name: 'a token does not say how long it lives',
    items: [13],
    ...answering('GET', tokens, ({ body }) => ({ body: without(body, 'expires_in_seconds') })),
  },
  {
    name: 'bad queries are answered with 400',
    items: [14, 15, 16, 17],
    ...answering('GET', /^\/v1\/token/, ({ status }) => ({ status: status === 422 ? 400 : status })),
  },
  {
    name: 'refused input is repeated as a number',
    items: [15, 18],
    rest: (answer) => ({
      ...answer,
      body: JSON.parse(
        JSON.stringify(answer.body ?? '').replace(/"input":"([0-9.]+)"/g, (_, digits) => `"input":${Number(digits)}`),
      ),
    }),
  },
  {
    name: 'agents are made with 200',
    items: [143],
    ...answering('POST', agents, ({ status }) => ({ status: status === 201 ? 200 : status })),
  },
  {
    name: 'ids of agents are UUIDs',
    items: [146],
    ...answering('POST', agents, ({ body, status }) =>
      status === 201 ? { body: { ...fields(body), id: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' } } : {},
    ),
  },
  {
    name: 'times have a zone',
    items: [148],
    ...answering('POST', agents, ({ body }) => ({
      body: { ...fields(body), created_at: `${fields(body).created_at}Z` },
    })),
  },
  {
    name: 'the list is bare',
    items: [149, 150],
    ...answering('GET', agents, ({ body }) => ({ body: fields(body).agents })),
  },
  {
    name: 'a PUT forgets the greeting',
    items: [151, 154],
    ...answering('PUT', anAgent, ({ body }) => ({ body: { ...fields(body), greeting: null } })),
  },
  {
    name: 'keys of models are shown',
    items: [157],
    ...answering('GET', anAgent, ({ body }) => ({
      body: { ...fields(body), llm: [{ base_url: 'x', model: 'tiny', api_key: 'sk' }] },
    })),
  },
  {
    name: 'values of headers are shown',
    items: [141],
    ...answering('GET', anAgent, ({ body }) => ({
      body: { ...fields(body), shown: 'Bearer secret-of-the-suite-0123456789abcdef' },
    })),
  },
  {
    name: 'DELETE answers with 200',
    items: [158],
    ...answering('DELETE', anAgent, ({ status }) => ({ status: status === 204 ? 200 : status })),
  },
  {
    name: 'errors have no request id in their headers',
    items: [160],
    rest: (answer) => ({
      ...answer,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'x-request-id')),
    }),
  },
]
