// Speech that does not take the floor ("mm-hm"), and speech that asks for it ("wait").
import { plainWords } from './words.js'

export type Weight = 'nothing' | 'back-channel' | 'stop' | 'content'

const BACK_CHANNELS = phrases(`
  mm, mmm, mhm, mm hm, mm hmm, mmhm, mmhmm, mm-hm, mm-hmm, mm-mm, hm, hmm, hmmm, huh, uh-huh, uh huh, uh, um, erm, er,
  ah, ahh, aha, oh, ooh, eh, ha, haha, ha-ha, heh, yeah, yea, yep, yup, yes, ya, okay, ok, kay, okey-dokey, right, sure,
  alright, all right, i see, got it, gotcha, i understand, understood, of course, exactly, true, cool, great, good, nice,
  wow, really, interesting, fine, perfect, lovely, go on, makes sense, that makes sense, sounds good, fair enough,
  no way, oh no, i know, you know, absolutely, definitely, indeed, totally
`)

const STOPS = phrases(`
  wait, stop, no, nope, hold on, hang on, excuse me, pardon, pardon me, sorry, one moment, one second, one sec,
  just a moment, just a second, just a minute, hey, listen, actually, pause, quiet, be quiet, shut up, enough,
  that's enough, cancel, never mind, nevermind, let me, but wait, can i, may i, time out, repeat that, say that again
`)

/** How much weight words have that were said while the agent speaks. Sounds in brackets, as `[laughter]`, have none. */
export function weightOf(text: string): Weight {
  const words = plainWords(text.replace(/\[[^\]]*\]|\([^)]*\)|\*[^*]*\*/g, ' '))
  if (words.length === 0) return 'nothing'
  if (consistsOf(words, BACK_CHANNELS)) return 'back-channel'
  return words.some((_, index) => phraseAt(words, index, STOPS) > 0) ? 'stop' : 'content'
}

function consistsOf(words: readonly string[], known: ReadonlySet<string>): boolean {
  for (let index = 0; index < words.length; ) {
    const length = phraseAt(words, index, known)
    if (length === 0) return false
    index += length
  }
  return true
}

/** How many words the longest known phrase at `index` has, 3 at most; 0: none begins there. */
function phraseAt(words: readonly string[], index: number, known: ReadonlySet<string>): number {
  for (let length = 3; length > 0; length--)
    if (index + length <= words.length && known.has(words.slice(index, index + length).join(' '))) return length
  return 0
}

function phrases(list: string): ReadonlySet<string> {
  return new Set(list.split(',').map((phrase) => phrase.trim()))
}
