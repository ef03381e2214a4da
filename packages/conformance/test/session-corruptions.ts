// Ways in which the beginning, the settings and the errors of a session can be wrong, with the items that must notice.
import {
  changing,
  delaying,
  echo,
  errors,
  everyFrame,
  type Fields,
  fields,
  missing,
  type Wrong,
  without,
} from './corrupting.js'

export const ofSessions: readonly Wrong[] = [
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
]
