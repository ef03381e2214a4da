// What came over one connection, in order.
import { Failure, type Fields } from '../expect.js'
import { bytesPerMs, type Encoding, soundOf } from './sound.js'

export interface Frame extends Fields {
  readonly type: string
}

/** A message as it came. */
export interface Received {
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number
  readonly text: string
  readonly isBinary: boolean
  readonly frame: Frame
}

export interface Trace {
  /** The item whose connection it was. */
  readonly item: number
  readonly received: readonly Received[]
}

export const framesOf = ({ received }: Trace): readonly Frame[] => received.map(({ frame }) => frame)

/** The encoding of the server's sound, as it was told at the beginning; PCM where it was not. */
export function outputEncoding(trace: Trace): Encoding {
  const text = trace.received.find(({ frame }) => frame.type === 'session.ready')?.text ?? ''
  const encoding = /"output":\{[^}]*?"encoding":"(audio\/pcm[ua]?)"/.exec(text)?.[1]
  return encoding === 'audio/pcmu' || encoding === 'audio/pcma' ? encoding : 'audio/pcm'
}

/** One reply, from `reply.started` to `reply.done`. */
export interface Reply {
  readonly id: unknown
  readonly started: Received
  readonly frames: readonly Received[]
  /** Missing while it is open, and when the connection was lost in it. */
  readonly done: Received | undefined
  readonly text: string | undefined
  readonly soundMs: number
}

/** The replies of a connection. Throws where a frame belongs to none that is open. */
export function repliesOf(trace: Trace): readonly Reply[] {
  const replies: { started: Received; frames: Received[]; done: Received | undefined }[] = []
  for (const received of trace.received) {
    const { frame } = received
    if (frame.type === 'reply.started') {
      replies.push({ started: received, frames: [received], done: undefined })
      continue
    }
    if (!('reply_id' in frame)) continue
    const reply = replies.findLast(({ started }) => started.frame.reply_id === frame.reply_id)
    if (!reply || reply.done)
      throw new Failure(`${frame.type} came ${reply ? 'after reply.done' : 'without reply.started'}`)
    reply.frames.push(received)
    if (frame.type === 'reply.done') reply.done = received
  }
  const perMs = bytesPerMs[outputEncoding(trace)]
  return replies.map(({ started, frames, done }) => ({
    id: started.frame.reply_id,
    started,
    frames,
    done,
    text: textOf(frames),
    soundMs: frames.reduce(
      (sum, { frame }) => sum + (frame.type === 'reply.audio' ? soundOf(frame).length / perMs : 0),
      0,
    ),
  }))
}

function textOf(frames: readonly Received[]): string | undefined {
  const text = frames.find(({ frame }) => frame.type === 'transcript.agent')?.frame.text
  return typeof text === 'string' ? text : undefined
}
