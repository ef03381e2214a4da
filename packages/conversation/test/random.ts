// Conversations by chance: seeded, so that one that fails can be played again.
import type { Collected, Conversation, EngineKind, EventBody, Live, Millis, Telephony } from '@parley/conversation'
import type { SessionPatch, Tool } from '@parley/protocol'
import { configure } from '../dist/config.js'
import { makeReady, Player, plainStart } from './scenario.js'

export type Dice = () => number

/** How long nothing happens: mostly a moment, sometimes long enough for whatever waits for silence. */
export const gap = (roll: Dice): Millis => (roll() < 0.04 ? 3500 : Math.floor(roll() * roll() * 900))

/** A small generator of numbers from 0 to below 1. */
export function dice(seed: number): Dice {
  let state = Math.imul(seed, 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const pick = <T>(roll: Dice, choices: readonly T[]): T => choices[Math.floor(roll() * choices.length)]!

/** A session with settings by chance, ready at 0 ms. */
export function randomSession(roll: Dice, watch: Player['watch'] = () => {}): Player {
  const confirmsPlayout = roll() < 0.4
  const player = new Player({ ...plainStart, confirmsPlayout, ...(roll() < 0.3 && { idleAfter: 4000 }) })
  player.watch = watch
  const settings: SessionPatch = {
    greeting: pick(roll, ['', 'Hello.', 'Hello there. How can I help?', 'Do you want a table?']),
    input: {
      turn_detection: pick(roll, [
        null,
        null,
        {},
        { min_silence: 300, max_silence: 900, interruption_delay: 0 },
        { interrupt_response: false },
        { uninterruptible_turns: ['greeting' as const, 'dtmf_prompt' as const], interruption_delay: 1000 },
      ]),
      transcription_mode: pick(roll, [null, 'min_latency', 'balanced', 'max_accuracy'] as const),
    },
    ...(roll() < 0.15 && { output: { type: 'text' as const } }),
    ...(roll() < 0.7 && { parley: pick(roll, EXTENSIONS) }),
    tools: [...CLIENT_TOOLS],
  }
  if (confirmsPlayout) loadAgent(player, settings, PHONE)
  else if (roll() < 0.5) makeReady(player, settings)
  else loadAgent(player, settings)
  return player
}

/** A stored agent, some of whose tools the server runs. */
function loadAgent(player: Player, settings: SessionPatch, phone?: Telephony): void {
  const config = configure(settings, 'alba')
  const own = phone ? [SERVER_TOOL, PAYING_TOOL] : [SERVER_TOOL]
  const tools = [...config.tools, ...own]
  const serverTools = own.map(({ name }) => name)
  player.happen({ type: 'client.updated', patch: { agent_id: 'a' }, problems: [], at: 0 })
  player.happen({ type: 'agent.found', config: { ...config, tools }, serverTools, ...(phone && { phone }), at: 0 })
  player.happen({ type: 'engines.ready', at: 0 })
}

const EXTENSIONS: readonly NonNullable<SessionPatch['parley']>[] = [
  { end_call: true },
  { end_call: true, filler: { mode: 'phrases', after_ms: 300, phrases: ['Hm.'] } },
  { filler: { mode: 'model', after_ms: 400 } },
  { filler: { mode: 'off' } },
]

const parameters = { type: 'object', properties: { who: { type: 'string' } } }
const CLIENT_TOOLS = [
  { type: 'function', name: 'look', parameters, timeout_seconds: 1 },
  { type: 'function', name: 'book', parameters, response_instructions: { success: 'Be glad.', error: 'Be sorry.' } },
  { type: 'function', name: 'stay', parameters, timeout_seconds: 4, execution_mode: 'hold' },
] as const
const SERVER_TOOL: Tool = {
  type: 'function',
  name: 'fetch',
  description: '',
  parameters,
  timeout_seconds: 3,
  execution_mode: 'interactive',
  http: {
    url: 'https://example.com/fetch',
    method: 'POST',
    headers_ciphertext: '',
    headers_encrypted_data_key: '',
    headers_kms_key_id: '',
  },
  response_instructions: null,
}

/** What is entered for it is hidden from the model, and some of it from everybody. */
const PAYING_TOOL: Tool = {
  ...SERVER_TOOL,
  name: 'pay',
  parameters: {
    type: 'object',
    properties: { who: { type: 'string' }, code: { type: 'string' }, secret: { type: 'string' } },
    required: ['code', 'secret'],
  },
}

const asked = { tool: 'pay', least: 4, most: 4, terminator: '#', within: 2000, escapes: true }
const PHONE: Telephony = {
  transferTargets: [{ name: 'sales', description: 'Orders.' }],
  keypad: [
    { ...asked, argument: 'code', prompt: 'Enter your code.', sensitive: false, confirm: false },
    { ...asked, argument: 'secret', prompt: 'Enter your secret.', sensitive: true, confirm: true },
  ],
}

/** Something that could happen next: mostly what fits, sometimes what does not. `progress` from 0 to 1. */
export function randomEvent(roll: Dice, conversation: Conversation, progress: number, at: Millis): EventBody {
  const live = conversation.phase === 'live' ? conversation : undefined
  const choices = [...listening, ...listening, ...replying, ...replying, ...calling, ...others]
  if (live?.phone) choices.push(...telephoning, ...telephoning)
  if (progress > 0.9) choices.push(...endings)
  if (progress > 0.9 && live?.phone) choices.push(machine)
  return pick(roll, choices)({ roll, live, at, reply: replyFor(roll, live) })
}

interface Moment {
  readonly roll: Dice
  readonly live: Live | undefined
  readonly at: Millis
  readonly reply: string
}

type Choice = (moment: Moment) => EventBody

/** Usually the open reply, sometimes one that never was. */
const replyFor = (roll: Dice, live: Live | undefined): string =>
  live?.reply !== undefined && roll() < 0.95 ? live.reply.id : 'resp_ffffffffffffffffffffffffffffffff'

const WORDS = [
  '',
  'mm-hm',
  'yeah',
  'wait',
  'no stop',
  'my name is',
  'my name is John.',
  'What time is it?',
  'five five five',
  'I would like a table for two, please.',
  '[laughter]',
]

const turnFor = ({ roll, live }: Moment): number => Math.max(1, (live?.turn ?? 1) - (roll() < 0.1 ? 1 : 0))

const since = ({ roll, at }: Moment): Millis => Math.max(0, at - Math.floor(roll() * 300))

const listening: readonly Choice[] = [
  (moment) => ({ type: 'vad.started', since: since(moment) }),
  (moment) => ({ type: 'vad.started', since: since(moment) }),
  (moment) => ({ type: 'vad.stopped', since: since(moment) }),
  (moment) => ({ type: 'vad.stopped', since: since(moment) }),
  (moment) => ({ type: 'stt.partial', turn: turnFor(moment), text: pick(moment.roll, WORDS) }),
  (moment) => ({ type: 'stt.final', turn: turnFor(moment), text: pick(moment.roll, WORDS) }),
  (moment) => ({ type: 'stt.final', turn: turnFor(moment), text: pick(moment.roll, WORDS) }),
  (moment) => ({ type: 'turn.predicted', turn: turnFor(moment), complete: moment.roll() }),
]

const WRITTEN = [
  'Sure, ',
  'I see. ',
  'Let me ',
  'look that up for you',
  '. Dr. ',
  'No',
  '?\n',
  ' **yes** ',
  ' ',
  '3.5 ',
  '\n- one\n- two ',
]

/** The clause that the voice is at, mostly. */
const clauseFor = ({ roll, live }: Moment): number =>
  roll() < 0.05 ? Math.floor(roll() * 5) : (live?.reply?.made.length ?? 0)

const replying: readonly Choice[] = [
  ({ roll, reply }) => ({ type: 'llm.wrote', reply, text: pick(roll, WRITTEN) }),
  ({ roll, reply }) => ({ type: 'llm.wrote', reply, text: pick(roll, WRITTEN) }),
  ({ roll, reply }) => ({ type: 'llm.wrote', reply, text: pick(roll, WRITTEN) }),
  ({ reply }) => ({ type: 'llm.finished', reply }),
  (moment) => ({
    type: 'tts.spoke',
    reply: moment.reply,
    clause: clauseFor(moment),
    length: Math.floor(moment.roll() * 900),
  }),
  (moment) => ({
    type: 'tts.spoke',
    reply: moment.reply,
    clause: clauseFor(moment),
    length: Math.floor(moment.roll() * 900),
  }),
  (moment) => ({ type: 'tts.finished', reply: moment.reply, clause: clauseFor(moment) }),
  (moment) => ({ type: 'tts.finished', reply: moment.reply, clause: clauseFor(moment) }),
]

const others: readonly Choice[] = [
  ({ roll }) => ({ type: 'client.askedReply', ...(roll() < 0.5 && { instructions: 'Say the time.' }) }),
  ({ reply }) => ({ type: 'client.cancelledReply', replyId: reply }),
  ({ roll }) => ({ type: 'client.said', role: pick(roll, ['user', 'system'] as const), content: 'typed' }),
  ({ roll }) => ({
    type: 'client.updated',
    patch: pick(roll, [
      { system_prompt: 'other' },
      { greeting: 'x' },
      { input: { turn_detection: null } },
      { tools: CLIENT_TOOLS.slice(0, Math.floor(roll() * 4)) },
      { parley: { end_call: roll() < 0.5 } },
      { input: { turn_detection: { interrupt_response: roll() < 0.5 } } },
    ]),
    problems: [],
  }),
  () => ({ type: 'clock.ticked' }),
  ({ roll, reply }) => ({
    type: 'engine.failed',
    engine: pick<EngineKind>(roll, ['vad', 'stt', 'turn', 'llm', 'tts']),
    ...(roll() < 0.3 && { reply }),
    failure: { code: 'x', message: 'x', retryable: false },
    fatal: false,
  }),
]

/** Mostly a call that was made, whatever has become of it. */
const callFor = ({ roll, live }: Moment): string => {
  const running = live?.calls.filter(({ progress }) => progress.is === 'running') ?? []
  const made = roll() < 0.7 ? running : (live?.calls ?? [])
  return made.length > 0 && roll() < 0.9 ? pick(roll, made).callId : 'call_that_never_was'
}

const called: Choice = ({ roll, reply, at }) => ({
  type: 'llm.called',
  reply,
  callId: pick(roll, ['', 'call_0', 'call_1', `call_${at}`]),
  name: pick(roll, [
    'look',
    'book',
    'book',
    'book',
    'stay',
    'fetch',
    'fetch',
    'fetch',
    'pay',
    'pay',
    'nothing',
    'aai_end_call',
    'aai_transfer_call',
  ]),
  arguments: pick<Record<string, unknown>>(roll, [
    {},
    {},
    {},
    {},
    { who: 'John' },
    { who: 'Napoleon' },
    { target: 'sales', secret: 'made up' },
  ]),
  problems: roll() < 0.05 ? [{ argument: 'who', why: 'must be short' }] : [],
})

const answered: Choice = (moment) => ({
  type: 'client.answered',
  callId: callFor(moment),
  result: pick(moment.roll, ['{"found":true}', '', 'no']),
  isError: moment.roll() < 0.3,
})

const calling: readonly Choice[] = [
  called,
  called,
  called,
  answered,
  answered,
  (moment) => ({ type: 'tool.answered', callId: callFor(moment), result: 'done', isError: moment.roll() < 0.3 }),
]

const HOW: readonly Collected[] = [
  'complete',
  'complete',
  'complete',
  'complete',
  'short',
  'wrong',
  'timed out',
  'help',
]

/** Mostly for what is asked for, sometimes for what nobody asks for any more. */
const collected: Choice = ({ roll, live }) => {
  const entry = roll() < 0.9 ? live?.entry : undefined
  const how = pick(roll, HOW)
  const argument = entry?.asked.argument ?? pick(roll, ['code', 'secret'])
  const isTold = how === 'complete' && (entry?.purpose === 'confirmation' || argument === 'code')
  const digits = entry?.purpose === 'confirmation' ? pick(roll, ['1', '1', '1', '2', '7']) : '1234'
  const callId = entry?.callId ?? 'call_that_never_was'
  return { type: 'keypad.collected', callId, argument, how, length: 4, ...(isTold && { digits }) }
}

/** In any order, of any reply, and mostly not of what comes next. */
const mark: Choice = ({ roll, live, reply }) => {
  const playing = live?.reply?.playing
  const made = playing === undefined || playing.is === 'nothing' ? 500 : playing.made
  return { type: 'playout.reached', reply, offset: pick(roll, [made, made * roll(), made * 2 * roll()]) }
}

const telephoning: readonly Choice[] = [
  mark,
  mark,
  mark,
  mark,
  ({ roll }) => ({ type: 'keypad.pressed', keys: pick(roll, ['1', '0#', '1234']) }),
  ({ live }) => ({ type: 'keypad.touched', callId: live?.entry?.callId ?? 'call_that_never_was' }),
  collected,
  collected,
]

const machine: Choice = ({ roll }) => ({
  type: 'call.answeredByMachine',
  message: pick(roll, [undefined, '', 'Please call back.', 'We are closed. Please call back.']),
})

const endings: readonly Choice[] = [
  () => ({ type: 'client.ended' }),
  () => ({ type: 'connection.lost' }),
  () => ({ type: 'server.stopping' }),
  ({ roll }) => ({
    type: 'engine.failed',
    engine: pick<EngineKind>(roll, ['vad', 'stt', 'turn', 'llm', 'tts']),
    failure: { code: 'x', message: 'x', retryable: false },
    fatal: true,
  }),
]
