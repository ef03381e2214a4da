// One reply of the dialogue rules: what is said next, given everything that was said before. Pure: the same input, the same reply.
import type { LlmMessage } from '../../engine.js'
import { type Act, actIn, nameGiven } from './acts.js'
import { type Answer, answerTo, ruleFor } from './answer.js'
import { Facts } from './facts.js'
import { instructed } from './instructions.js'
import { shortened } from './phrase.js'
import { compile, type Persona } from './prompt.js'
import { type Question, questionIn, resumed } from './question.js'
import { actOn, carryOn } from './requests.js'
import {
  abilities,
  type Forms,
  nameHeard,
  nothingHeard,
  nothingSaidYet,
  saidAgain,
  small,
  stillThere,
  type Talk,
  unknown,
  welcome,
} from './small-talk.js'

const LONGEST_REPLY_WORDS = 60
/** From here on an answer goes before a wish that something be done. */
const CERTAIN = 0.75

/** What is known of the agent before the conversation begins. */
export interface Known {
  readonly persona: Persona
  readonly facts: Facts
}

export function know(prompt: string): Known {
  const persona = compile(prompt)
  return { persona, facts: new Facts(persona.facts, aboutOf(persona)) }
}

/** `messages`: without the agent's own prompt. */
export function replyTo(messages: readonly LlmMessage[], agent: Known): string {
  const order = messages.at(-1)?.role === 'system' ? messages.at(-1) : undefined
  const history = order ? messages.slice(0, -1) : messages
  const { known, persona } = withContext(history, agent)
  const said = history.filter(isSpoken).map(({ content }) => content)
  const last = said.at(-1) ?? ''
  const talk: Talk = { persona, facts: known.all, callerName: callerName(history) }
  const pick = (forms: Forms): string => shortened(fresh(forms, last), LONGEST_REPLY_WORDS)
  const respond = (utterance: string): string => pick(response(utterance, { history, known, talk, last }))

  if (order) {
    const done = instructed(order.content, { talk, last, isAnswered: history.at(-1)?.role !== 'user' })
    if (done?.is === 'speech') return shortened(done.text, LONGEST_REPLY_WORDS)
    if (done?.is === 'utterance') return respond(done.text)
  }
  const utterance = pendingUtterance(history)
  if (utterance !== undefined) return respond(utterance)
  return pick(said.length === 0 ? welcome(talk) : stillThere)
}

/** What would be answered to what the user said last, besides anything that tools can do. */
export function kindOfReply(
  history: readonly LlmMessage[],
  agent: Known,
): 'rule' | 'fact' | 'presence' | 'talk' | 'nothing' {
  const utterance = pendingUtterance(history) ?? ''
  const { known } = withContext(history, agent)
  if (ruleFor(questionIn(utterance, known), known) !== undefined) return 'rule'
  const act = actIn(utterance)
  if (act !== undefined)
    return act === 'presence' || act === 'stop' ? 'presence' : ANSWERS.has(act) ? 'nothing' : 'talk'
  const found = answered(utterance, { history, known })
  return found !== undefined && found.coverage >= CERTAIN ? 'fact' : 'nothing'
}

/** They answer what was asked rather than begin something else. */
const ANSWERS: ReadonlySet<Act> = new Set(['silence', 'yes', 'no', 'fine', 'givesName', 'correction', 'help', 'person'])

/** A message of an assistant that only calls tools says nothing. */
const isSpoken = ({ role, content }: LlmMessage): boolean => role === 'assistant' && content !== ''

/** What the user has said since the agent spoke, or called a tool, last. */
function pendingUtterance(history: readonly LlmMessage[]): string | undefined {
  const since = history.slice(history.findLastIndex(({ role }) => role === 'assistant') + 1)
  const users = since.filter(({ role }) => role === 'user')
  return users.length === 0 ? undefined : users.map(({ content }) => content).join(' ')
}

interface Situation {
  readonly history: readonly LlmMessage[]
  readonly known: Facts
  readonly talk: Talk
  readonly last: string
}

function response(utterance: string, situation: Situation): Forms {
  const { history, known, talk, last } = situation
  const act = actIn(utterance)
  if (act !== undefined) return acted(act, utterance, situation)
  const found = answered(utterance, situation)
  const deed = (found?.coverage ?? 0) < CERTAIN ? actOn(utterance, talk, history) : undefined
  if (deed !== undefined) return deed
  if (found === undefined)
    return carryOn(talk, last, history) ?? (asksForAll(utterance, known) ? abilities(talk) : unknown(talk))
  return [found.text, ...saidAgain(found.text)]
}

function acted(act: Act, utterance: string, { talk, last }: Situation): Forms {
  switch (act) {
    case 'silence':
      return nothingHeard
    case 'repeat':
      return last === '' ? nothingSaidYet : [last]
    case 'givesName':
      return nameHeard(nameGiven(utterance) ?? '')
    default:
      return small(act, talk)
  }
}

/** From the facts; a follow-up is understood by what was asked before it. */
function answered(utterance: string, { history, known }: Pick<Situation, 'history' | 'known'>): Answer | undefined {
  const question = questionIn(utterance, known)
  const rule = ruleFor(question, known)
  if (rule !== undefined) return { text: rule, coverage: 1 }
  const earlier = question.isFollowUp || isBare(question) ? earlierQuestion(history, known) : undefined
  const whole = earlier === undefined ? undefined : answerTo(resumed(question, earlier), known)
  const alone = isBare(question) ? undefined : answerTo(question, known)
  if (whole === undefined || alone === undefined) return whole ?? alone
  // "how much is it?" means nothing by itself; "and do you deliver?" does
  const needed = question.stems.length === 0 ? 0 : CERTAIN
  return whole.coverage >= needed ? whole : alone
}

/** "what do you sell?" */
function asksForAll(utterance: string, known: Facts): boolean {
  const { stems, aspects } = questionIn(utterance, known)
  return stems.length === 0 && aspects.includes('list')
}

/** Asks for something, but not of what; or says of what, but asks for nothing: nothing can be found by it alone. */
const isBare = ({ stems, aspects }: Question): boolean => stems.length === 0 && aspects.length === 0

/** What the user asked last, before what is being answered; follow-ups are traced back to what they follow. */
function earlierQuestion(history: readonly LlmMessage[], known: Facts): Question | undefined {
  const end = history.findLastIndex(({ role }) => role === 'assistant')
  const asked = history
    .slice(0, end + 1)
    .filter(({ role }) => role === 'user')
    .slice(-4)
  let traced: Question | undefined
  for (const { content } of asked) {
    if (actIn(content) !== undefined) continue
    const question = questionIn(content, known)
    traced = traced && (question.isFollowUp || isBare(question)) ? resumed(question, traced) : question
  }
  return traced
}

/** What programs have told since the conversation began counts as known. */
function withContext(history: readonly LlmMessage[], { persona, facts }: Known): { known: Facts; persona: Persona } {
  const told = history.filter(({ role }) => role === 'system').map(({ content }) => content)
  if (told.length === 0) return { known: facts, persona }
  const more = compile(told.join('\n'))
  return { known: new Facts(more.facts, aboutOf(persona), facts), persona }
}

const aboutOf = ({ role, organisation }: Persona): string => `${role ?? ''} ${organisation ?? ''}`

const callerName = (history: readonly LlmMessage[]): string | undefined =>
  history
    .filter(({ role }) => role === 'user')
    .map(({ content }) => nameGiven(content))
    .findLast((name) => name !== undefined)

/** The first form that does not say again what was said last. */
function fresh(forms: Forms, last: string): string {
  // a mere "Yes." may come again
  const before = new Set(last.split(/(?<=[.!?])\s+/).filter((part) => part.includes(' ')))
  return (
    forms.find((form) => !form.split(/(?<=[.!?])\s+/).some((part) => before.has(part))) ??
    forms.find((form) => form !== last) ??
    forms[0]
  )
}
