// How this user speaks, learned from the pauses in the session so far.
import type { Millis } from './model.js'
import type { Pace, Said } from './state.js'

export const firstPace: Pace = { patience: 1 }

/** A pause within a thought: somebody who pauses long will do so again. */
export function paused(pace: Pace, pause: Millis): Pace {
  const wanted = clamp(pause / USUAL_PAUSE, 1, MOST)
  return wanted <= pace.patience ? pace : towards(pace, wanted, 0.4)
}

/** A turn has ended: long speech without a pause shortens the wait, other turns let it return to the usual. */
export function finished(pace: Pace, said: Said): Pace {
  if (said.pauses > 0) return pace
  return said.speech >= FLUENT_SPEECH ? towards(pace, LEAST, 0.25) : towards(pace, 1, 0.1)
}

const USUAL_PAUSE: Millis = 500
const FLUENT_SPEECH: Millis = 4000
const LEAST = 0.8
const MOST = 1.6

const towards = ({ patience }: Pace, wanted: number, share: number): Pace => ({
  patience: patience + (wanted - patience) * share,
})

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
