// The ways in which single things are spoiled.
import type { Answer, Corruption, Frame, Outgoing } from './proxy.js'

export interface Wrong extends Corruption {
  readonly name: string
  /** Items that must fail with it, and pass without it. */
  readonly items: readonly number[]
}

/** Changes single frames of one type. */
export const changing = (type: string, change: (frame: Frame) => Outgoing): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => [frame.type === type ? change(frame) : text],
})

export const everyFrame = (change: (frame: Frame) => Outgoing): Pick<Corruption, 'frames'> => ({
  frames: () => (frame) => [change(frame)],
})

/** Changes `config` wherever it is echoed. */
export const echo = (change: (config: Fields) => Fields): Pick<Corruption, 'frames'> =>
  everyFrame((frame) => ('config' in frame ? { ...frame, config: change(fields(frame.config)) } : frame))

export const errors = (change: (frame: Frame) => Frame): Pick<Corruption, 'frames'> => changing('session.error', change)

/** Changes the answers to one kind of request. */
export const answering = (
  method: string,
  path: RegExp,
  change: (answer: Answer) => Partial<Answer>,
): Pick<Corruption, 'rest'> => ({
  rest: (answer) => (answer.method === method && path.test(answer.path) ? { ...answer, ...change(answer) } : answer),
})

export type Fields = Readonly<Record<string, unknown>>
// True for what these corruptions are applied to: parts of good answers that are objects.
export const fields = (value: unknown): Fields => value as Fields
export const without = (value: unknown, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields(value)).filter(([name]) => !names.includes(name)))
export const bytesOf = ({ data }: Frame): Buffer => Buffer.from(String(data), 'base64')
export const withBytes = (frame: Frame, bytes: Buffer): Frame => ({ ...frame, data: bytes.toString('base64') })

/** Keeps frames of a type back until one of another type has passed. */
export const delaying = (held: string, until: string): Pick<Corruption, 'frames'> => ({
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

export const twice = (type: string): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => (frame.type === type ? [text, text] : [text]),
})
export const missing = (type: string): Pick<Corruption, 'frames'> => ({
  frames: () => (frame, text) => (frame.type === type ? [] : [text]),
})
