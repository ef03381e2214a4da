// Ways in which replies, turns, sound and the end of a session can be wrong, with the items that must notice.
import { bytesOf, changing, delaying, everyFrame, missing, twice, type Wrong, withBytes } from './corrupting.js'
import type { Frame } from './proxy.js'

export const ofReplies: readonly Wrong[] = [
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
]
