// What holds for the frames of any connection whatever it is about: one function for each rule, read off a trace.
import { must, show } from '../expect.js'
import { bytesPerMs, soundOf } from './sound.js'
import { type Frame, framesOf, outputEncoding, type Reply, repliesOf, type Trace } from './trace.js'

const MOST_LEAD_MS = 200
/** The first frame is what the others are counted from: on a busy machine it may have left late itself. */
const JITTER_MS = 600

const codes = new Set<unknown>([
  ...['unauthorized', 'agent_not_found', 'agent_id_not_first', 'invalid_value', 'invalid_config', 'invalid_format'],
  ...['invalid_audio', 'audio_rate_violation', 'immutable_field', 'invalid_webhook', 'session_not_found'],
  ...['session_forbidden', 'session_expired', 'concurrency_exceeded', 'at_capacity', 'internal_error'],
])
const aboutTheMessage = new Set<unknown>(['invalid_format', 'invalid_audio', 'audio_rate_violation'])

const errors = (trace: Trace) => framesOf(trace).filter(({ type }) => type === 'session.error')

/** 30 */
export function sessionIds(trace: Trace): void {
  for (const { type, session_id, config } of framesOf(trace)) {
    if (type !== 'session.ready') continue
    must(/^sess_[0-9a-f]{32}$/.test(String(session_id)), `a session_id of the form ${show(session_id)}`)
    const id = typeof config === 'object' && config !== null && 'id' in config ? config.id : undefined
    must(id === session_id, `config.id ${show(id)} beside session_id ${show(session_id)}`)
  }
}

/** 64 */
export function errorsOfMessages(trace: Trace): void {
  for (const frame of errors(trace)) {
    const isBare = !('param' in frame) && !('session_id' in frame)
    if (aboutTheMessage.has(frame.code)) must(isBare, `${show(frame)}, with param or session_id`)
    else must('param' in frame && 'session_id' in frame, `${show(frame)}, without param or session_id`)
  }
}

/** 65 */
export function timestamps({ received }: Trace): void {
  for (const { text, frame } of received) {
    const written = /"timestamp":\s*(\d{10}\.\d+)\s*[,}]/.exec(text)?.[1]
    must(
      written !== undefined && Number(written) === frame.timestamp,
      `${frame.type} with a timestamp of ${show(frame.timestamp)}`,
    )
  }
}

/** 66 */
export function textFrames({ received }: Trace): void {
  for (const { isBinary, text, frame } of received) {
    must(!isBinary, `a binary frame of ${text.length} bytes`)
    must(frame.type !== '', `a frame that is no JSON object with a type: ${show(text)}`)
  }
}

/** 69 */
export function errorCodes(trace: Trace): void {
  for (const { code } of errors(trace)) must(codes.has(code), `the code ${show(code)}`)
}

/** 74, 76, 97: whatever belongs to a reply comes between its `reply.started` and its `reply.done`. */
export function replyFrames(trace: Trace): void {
  const replies = repliesOf(trace)
  must(new Set(replies.map(({ id }) => id)).size === replies.length, 'a reply_id that was begun twice')
  for (const { id, frames } of replies) {
    const items = frames.flatMap(({ frame }) => ('item_id' in frame ? [frame.item_id] : []))
    must(new Set(items).size <= 1, `several item_ids in the reply ${show(id)}`)
  }
}

/** 75 */
export function ids(trace: Trace): void {
  for (const { type, reply_id, item_id } of framesOf(trace)) {
    must(
      reply_id === undefined || /^resp_[0-9a-f]{32}$/.test(String(reply_id)),
      `${type} with reply_id ${show(reply_id)}`,
    )
    must(item_id === undefined || /^msg_[0-9a-f]{32}$/.test(String(item_id)), `${type} with item_id ${show(item_id)}`)
  }
}

/** 76 */
export function oneReplyAtATime(trace: Trace): void {
  let open: unknown
  for (const { type, reply_id } of framesOf(trace)) {
    if (type === 'reply.started') {
      must(open === undefined, 'reply.started while another reply is open')
      open = reply_id
    }
    if (type === 'reply.done' && reply_id === open) open = undefined
  }
}

/** 77 */
export function soundFields(trace: Trace): void {
  for (const frame of framesOf(trace))
    if (frame.type === 'reply.audio')
      must(
        typeof frame.data === 'string' && !('audio' in frame),
        `reply.audio with the fields ${Object.keys(frame).join(', ')}`,
      )
}

/** 78: sound, then the text, then the end. */
export function textAfterSound(trace: Trace): void {
  for (const { frames } of repliesOf(trace)) {
    const types = frames.map(({ frame }) => frame.type)
    const text = types.indexOf('transcript.agent')
    must(text === -1 || !types.includes('reply.audio', text), 'reply.audio after the transcript.agent of its reply')
    must(types.filter((type) => type === 'transcript.agent').length <= 1, 'transcript.agent twice in a reply')
  }
}

/** 79 */
export function statuses(trace: Trace): void {
  for (const { type, status } of framesOf(trace))
    if (type === 'reply.done')
      must(status === 'completed' || status === 'interrupted', `reply.done with the status ${show(status)}`)
}

/** 80 */
export function interruptedAgrees(trace: Trace): void {
  for (const { frames, done } of repliesOf(trace)) {
    const text = frames.find(({ frame }) => frame.type === 'transcript.agent')?.frame
    if (!text || !done) continue
    must(
      text.interrupted === (done.frame.status === 'interrupted'),
      `interrupted ${show(text.interrupted)} in a reply whose status is ${show(done.frame.status)}`,
    )
  }
}

/** 81 */
export function oneWordADelta(trace: Trace): void {
  for (const frame of framesOf(trace)) {
    if (frame.type !== 'transcript.agent.delta') continue
    const { delta, start_ms, end_ms } = frame
    must(typeof delta === 'string' && /^\s*\S+\s*$/.test(delta), `a delta ${show(delta)}, which is not one word`)
    const areTimes = [start_ms, end_ms].every((time) => time === null || (Number.isInteger(time) && Number(time) >= 0))
    must(
      areTimes && (start_ms === null || end_ms === null || Number(start_ms) <= Number(end_ms)),
      `the times ${show([start_ms, end_ms])} of a word`,
    )
  }
}

/** 82 */
export function deltasFirst(trace: Trace): void {
  for (const { frames } of repliesOf(trace)) {
    const types = frames.map(({ frame }) => frame.type)
    const text = types.indexOf('transcript.agent')
    must(
      text === -1 || !types.includes('transcript.agent.delta', text),
      'transcript.agent.delta after the transcript.agent of its reply',
    )
  }
}

/** 83 */
export function deltasAreTheText(trace: Trace): void {
  for (const { frames, text, done } of repliesOf(trace)) {
    if (text === undefined || done?.frame.status !== 'completed') continue
    const joined = frames
      .flatMap(({ frame }) => (frame.type === 'transcript.agent.delta' ? [String(frame.delta)] : []))
      .join('')
    must(joined === text, `deltas that give ${show(joined)} for the text ${show(text)}`)
  }
}

/** 91: a delta that held only what is new would be far shorter than the text at the end. */
export function userDeltasGrow(trace: Trace): void {
  const turns = userTurns(trace)
  for (const frames of turns.values()) {
    const lengths = frames.map(({ text }) => wordsIn(text))
    const final = frames.at(-1)
    if (final?.type !== 'transcript.user' || frames.length < 3) continue
    must(
      lengths.at(-2)! * 2 >= lengths.at(-1)!,
      `a last delta ${show(frames.at(-2)?.text)} for the text ${show(final.text)}`,
    )
  }
}

/** 92 */
export function oneTextATurn(trace: Trace): void {
  for (const [item, frames] of userTurns(trace)) {
    const final = frames.findIndex(({ type }) => type === 'transcript.user')
    must(
      final === -1 || final === frames.length - 1,
      `${frames.at(-1)?.type} after the transcript.user of ${show(item)}`,
    )
  }
  const finals = framesOf(trace).filter(({ type }) => type.startsWith('transcript.user'))
  let open: unknown
  for (const { type, item_id } of finals) {
    must(open === undefined || open === item_id, `${type} of another item than the deltas before it`)
    open = type === 'transcript.user' ? undefined : item_id
  }
}

/** 93, 94: the text of a turn follows its `input.speech.stopped`, with nothing but sound of a reply in between. */
export function turnsAreClosed(trace: Trace): void {
  const frames = framesOf(trace).filter(({ type }) => type !== 'reply.audio')
  frames.forEach(({ type }, index) => {
    const before = frames[index - 1]?.type
    if (type === 'transcript.user')
      must(before === 'input.speech.stopped', `transcript.user after ${before}, not after input.speech.stopped`)
  })
}

/** 104, 105: whole samples. */
export function wholeSamples(trace: Trace): void {
  if (outputEncoding(trace) !== 'audio/pcm') return
  for (const frame of framesOf(trace))
    if (frame.type === 'reply.audio')
      must(soundOf(frame).length % 2 === 0, `reply.audio of ${soundOf(frame).length} bytes, which are no whole samples`)
}

/** 108, by the times at which the server says that it sent. */
export function paced(trace: Trace): void {
  const perMs = bytesPerMs[outputEncoding(trace)]
  for (const reply of repliesOf(trace)) {
    const sound = soundFrames(reply)
    const began = Number(sound[0]?.timestamp) * 1000
    let sent = 0
    for (const frame of sound) {
      sent += soundOf(frame).length / perMs
      const lead = sent - (Number(frame.timestamp) * 1000 - began)
      must(lead <= MOST_LEAD_MS + JITTER_MS, `sound sent ${Math.round(lead)} ms before it was due`)
    }
  }
}

/** 113 */
export function floatDuration({ received }: Trace): void {
  for (const { frame, text } of received)
    if (frame.type === 'session.ended')
      must(
        /"session_duration_seconds":\s*\d+\.\d+/.test(text),
        `session_duration_seconds ${show(frame.session_duration_seconds)}`,
      )
}

const soundFrames = ({ frames }: Reply) => frames.flatMap(({ frame }) => (frame.type === 'reply.audio' ? [frame] : []))

function userTurns(trace: Trace): ReadonlyMap<unknown, readonly Frame[]> {
  const turns = new Map<unknown, Frame[]>()
  for (const frame of framesOf(trace)) {
    if (frame.type !== 'transcript.user.delta' && frame.type !== 'transcript.user') continue
    turns.set(frame.item_id, [...(turns.get(frame.item_id) ?? []), frame])
  }
  return turns
}

const wordsIn = (text: unknown): number => String(text).split(/\s+/).filter(Boolean).length
