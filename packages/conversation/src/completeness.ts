// How finished a text sounds: closed phrases and questions are answered soon, open ends and half-given values are waited for.
// Full stops say nothing here: recognisers end every text with one.
import { awaitedForm, type OfferedTool } from './awaited-value.js'
import { givingOf } from './dictation.js'
import { plainWords } from './words.js'

export interface Completeness {
  /** By the words alone, 0: surely unfinished, 1: surely finished. */
  readonly complete: number
  /** A number, a spelling, an e-mail or a postal address is being given and is not whole yet. */
  readonly dictating: boolean
  /** The reason, for the log. */
  readonly why: string
}

/**
 * `question`: what the agent said last. `tools`: those that it may call; the values that they need tell what is being given.
 * English only: words of other languages are judged as an ordinary sentence.
 */
export function completenessOf(text: string, question: string, tools: readonly OfferedTool[] = []): Completeness {
  const words = plainWords(text)
  const [complete, why] = judge(words, text.trim(), question)
  const giving = givingOf(words, text, question, awaitedForm(tools, question, words))
  if (giving === 'whole') return { complete: WHOLE, dictating: false, why: 'the value that was asked for is whole' }
  return { complete, dictating: giving === 'in progress', why }
}

/** As sure as after an answer to a question of yes or no. */
const WHOLE = 0.95

type Judgement = readonly [complete: number, why: string]

function judge(words: readonly string[], text: string, question: string): Judgement {
  if (words.length === 0) return [0, 'no words']
  return (
    openEnd(words, text) ??
    shortAnswer(words, question) ??
    closing(words) ??
    asksSomething(words, text) ??
    sentence(words)
  )
}

/** The last words call for more. */
function openEnd(words: readonly string[], text: string): Judgement | undefined {
  const last = words.at(-1)!
  if (/(?:\.\.\.|…|[,:;–—-])$/.test(text)) return [0.05, 'ends in the middle of a phrase']
  if (endsWith(words, FILLERS)) return [0, 'ends with a filler']
  if (endsWith(words, OPEN_PHRASES) && !isWholeQuestion(words)) return [0.05, 'ends with an opened phrase']
  if (DETERMINERS.has(last) || CONJUNCTIONS.has(last)) return [0.05, 'ends with a function word']
  if (PARTICLES.has(last) && (OBJECTS.has(words.at(-2) ?? '') || PARTICLE_VERBS.has(words.at(-2) ?? '')))
    return undefined
  if (PREPOSITIONS.has(last))
    return isQuestionForm(words) ? [0.7, 'a question that ends with a preposition'] : [0.1, 'ends with a preposition']
  if (SUBJECTS.has(last)) return [0.05, 'ends with a subject']
  if (!AUXILIARIES.has(last)) return undefined
  return SUBJECTS.has(words.at(-2) ?? '') || OBJECTS.has(words.at(-2) ?? '') || words.at(-2) === 'there'
    ? [0.6, 'a short form of a sentence']
    : [0.05, 'ends with an auxiliary']
}

/** "Yes" is whole; after a question that asks for it, even more so. */
function shortAnswer(words: readonly string[], question: string): Judgement | undefined {
  if (words.length > 4 || !ANSWERS.has(words[0]!)) return undefined
  if (asksYesOrNo(question)) return [words.length <= 3 ? 0.95 : 0.85, 'answers a yes-or-no question']
  return words.length === 1 ? [0.75, 'a short answer'] : undefined
}

function closing(words: readonly string[]): Judgement | undefined {
  return endsWith(words, CLOSINGS) ? [0.9, 'a closing phrase'] : undefined
}

function asksSomething(words: readonly string[], text: string): Judgement | undefined {
  const marked = text.endsWith('?')
  if (isQuestionForm(words)) return words.length >= 3 || marked ? [0.88, 'a question'] : [0.7, 'a short question']
  return marked ? [0.82, 'a question by its tone'] : undefined
}

function sentence(words: readonly string[]): Judgement {
  if (SUBORDINATES.has(words[0]!) && words.length < 8) return [0.35, 'begins with a subordinate clause']
  if (words.length <= 2 && GREETINGS.has(words[0]!)) return [0.55, 'only a greeting']
  if (words.length === 1) return /[@\d]/.test(words[0]!) ? [0.7, 'a value'] : [0.55, 'a single word']
  return words.length === 2 ? [0.62, 'two words'] : [0.7, 'a closed sentence']
}

/** Whether the agent's last sentence is one that yes or no answers. */
export function asksYesOrNo(question: string): boolean {
  const last =
    question
      .trim()
      .split(/(?<=[.!?])\s+/)
      .at(-1) ?? ''
  if (!/\?["'”’)]*$/.test(last)) return false
  const words = plainWords(last)
  const start = words.findIndex((word) => !LEAD_INS.has(word))
  return INVERTED.has(words[start] ?? '') || endsWith(words, TAGS)
}

/** "What is", "how many", "can you": a question by its words. "When I was young" is none. */
function isQuestionForm(words: readonly string[]): boolean {
  const start = words.findIndex((word) => !LEAD_INS.has(word))
  const [first = '', second = ''] = words.slice(Math.max(0, start), start + 2)
  if (INVERTED.has(first))
    return (
      SUBJECTS.has(second) ||
      OBJECTS.has(second) ||
      DETERMINERS.has(second) ||
      second === 'there' ||
      second === 'this' ||
      second === 'that'
    )
  if (!ASKING.has(first.replace(/'(?:s|re|d|ll)$/, ''))) return false
  return (
    first.includes("'") || AUXILIARIES.has(second) || INVERTED.has(second) || MEASURES.has(second) || first === 'why'
  )
}

/** "What time is it", "what are you looking for": the open end is where such a question ends. */
const isWholeQuestion = (words: readonly string[]): boolean =>
  isQuestionForm(words) && words.length >= 3 && !INVERTED.has(words[0]!) && endsWith(words, QUESTION_ENDS)

/** Whether the words end with one of the phrases, of 4 words at most. */
function endsWith(words: readonly string[], phrases: ReadonlySet<string>): boolean {
  for (let length = 1; length <= Math.min(4, words.length); length++)
    if (phrases.has(words.slice(-length).join(' '))) return true
  return false
}

const list = (phrases: string): ReadonlySet<string> => new Set(phrases.split(',').map((phrase) => phrase.trim()))

const FILLERS = list(`
  um, uh, uhm, er, erm, hmm, hm, mm, ah, well, like, you know, i mean, let me see, let me think, let's see, so, so yeah,
  kind of, sort of, basically, actually, hold on, one moment, one second, just a second, just a moment, how do i say
`)
const OPEN_PHRASES = list(`
  my name is, my name's, i'm, i am called, it's, that's, there's, he's, she's, we're, they're, you're, i've, i'd, i'll,
  i want, i need, i would like, i'd like, would like, i want to, want to, need to, like to, have to, going to, gonna,
  wanna, trying to, able to, i think, i guess, i believe, i was wondering, wondering if, can you, could you, would you,
  will you, do you, did you, are you, is it, is there, are there, can i, could i, may i, tell me about, because of,
  such as, as well as, the number is, the address is, i was, i have, let's, in order to, instead of, how about,
  what about, i wonder if, more than, less than, rather than, think that, said that, know that, so that, hope that, believe that, i don't, i can't, i didn't, looking for, calling about
`)
const QUESTION_ENDS = list('is it, are you, is there, are there, looking for, calling about, do you have, did you')
const PARTICLES = list('on, off, in, out, up, down, over, back, around, through')
const PARTICLE_VERBS = list(
  'log, sign, come, go, move, turn, check, fill, get, give, hold, call, going, coming, started, am, is',
)
const DETERMINERS = list('a, an, the, my, your, our, their, its, every, each, another, these, those, very, quite')
const CONJUNCTIONS = list(`
  and, but, or, nor, because, cause, cuz, if, when, while, although, though, unless, until, since, whereas, whether,
  which, who, than, plus, also, as, where, whose
`)
const PREPOSITIONS = list(`
  to, of, in, on, at, for, with, from, by, about, into, onto, under, between, during, without, against, toward,
  towards, through, near, above, below, behind, beside, via, per, like, around, after, before
`)
const SUBJECTS = list('i, we, they, he, she')
const OBJECTS = list('you, it, me, us, them, him, her, that, this')
const AUXILIARIES = list(`
  is, am, are, was, were, be, been, being, do, does, did, have, has, had, will, would, can, could, shall, should, may,
  might, must, isn't, aren't, wasn't, weren't, don't, doesn't, didn't, can't, couldn't, won't, wouldn't, shouldn't
`)
const INVERTED = list(`
  is, am, are, was, were, do, does, did, have, has, had, will, would, can, could, shall, should, may, might, isn't,
  aren't, wasn't, weren't, don't, doesn't, didn't, can't, couldn't, won't, wouldn't, shouldn't, haven't, hasn't
`)
const ASKING = list('what, who, where, when, why, how, which, whose')
const MEASURES = list(
  'many, much, long, far, old, often, big, tall, late, soon, time, kind, sort, type, day, one, else, come, color, number',
)
const ANSWERS = list(`
  yes, no, yeah, yep, yup, nope, nah, sure, okay, ok, right, correct, exactly, definitely, absolutely, certainly,
  please, maybe, perhaps, never, fine, great, perfect, both, neither
`)
const CLOSINGS = list(`
  thanks, thank you, thanks a lot, thank you very much, thank you so much, please, bye, goodbye, bye bye, good night,
  good bye, see you, see you later, that's all, that's it, that is all, that is it, that will be all, that'll be all,
  nothing else, i'm done, never mind, nevermind, that's right, that's correct, of course, no problem, stop, help
`)
const GREETINGS = list('hello, hi, hey, good, morning')
const SUBORDINATES = list(
  'if, because, when, while, although, though, unless, since, until, after, before, once, whenever',
)
const LEAD_INS = list(
  'so, well, and, but, okay, ok, um, uh, oh, hey, hi, hello, yeah, yes, no, right, please, sorry, great, now',
)
const TAGS = list(
  "right, correct, isn't it, aren't you, doesn't it, okay, ok, is that right, is that correct, yes or no",
)
