// What is said where no fact is asked for. Each reply has several forms, so that none comes twice in a row.
import type { Act } from './acts.js'
import type { Fact } from './entries.js'
import { enumerated } from './phrase.js'
import type { Persona } from './prompt.js'

export interface Talk {
  readonly persona: Persona
  readonly facts: readonly Fact[]
  /** The name that the caller has given. */
  readonly callerName: string | undefined
}

/** The forms of a reply, the usual one first. */
export type Forms = readonly [string, ...string[]]

const introduction = ({ name, organisation, role }: Persona): string => {
  if (name !== undefined && role !== undefined) return `I am ${name}, ${role}.`
  if (name !== undefined) return `I am ${name}${organisation ? ` from ${organisation}` : ''}.`
  if (role !== undefined) return `I am ${role}.`
  return 'I am a voice assistant.'
}

export function welcome({ persona }: Talk): Forms {
  const self = persona.name ?? (persona.organisation ? `the assistant of ${persona.organisation}` : undefined)
  return self
    ? [`Hello, this is ${self}. How can I help you?`, 'Hello! What can I do for you?']
    : ['Hello! How can I help you?', 'Hello again! What can I do for you?']
}

/** What can be asked about, as a sentence; nothing when too little is known. */
export function offer(talk: Talk): string {
  const topics = topicsOf(talk)
  return topics.length === 0 ? '' : `I can tell you about ${enumerated(topics)}.`
}

function topicsOf({ persona, facts }: Talk): string[] {
  const labels = [...new Set(facts.map(({ label }) => label).filter((label) => label !== undefined))]
  return labels
    .filter((label) => label.split(' ').length <= 8 && label !== persona.organisation?.toLowerCase())
    .slice(0, 4)
    .map((label) =>
      label === 'opening hours' ? (persona.self === 'we' ? 'our opening hours' : 'opening hours') : label,
    )
}

export function abilities(talk: Talk): Forms {
  const able = talk.persona.abilities.slice(0, 2).map((ability) => `I can ${ability}.`)
  const offered = offer(talk)
  const all = [...able, offered].filter((part) => part !== '')
  if (all.length === 0)
    return [
      'I can answer from what I have been told, but nobody has told me anything yet.',
      'I have been told nothing that I could help with yet.',
    ]
  return [all.join(' '), `${all.slice(-1)[0]} What would you like to know?`]
}

/** Somebody wants something done that nothing here can do. */
export function unableToAct(talk: Talk): Forms {
  const offered = offer(talk)
  return [
    `I am sorry, I cannot do that from here.${offered === '' ? '' : ` ${offered}`}`,
    'That is something that I am not able to arrange myself.',
  ]
}

/** All that the prompt wants to know has been asked, and there is nothing to do it with. */
export const noted: Forms = [
  'Thank you. I have noted that, but I cannot complete it from here myself.',
  'Thank you, I have that. I am only not able to arrange it myself.',
]

export function unknown(talk: Talk): Forms {
  if (talk.facts.length === 0) return toldNothing
  const offered = offer(talk)
  const more = offered === '' ? '' : ` ${offered}`
  return [
    `I am sorry, I do not have that information.${more}`,
    `I am afraid I do not know that.${offered === '' ? '' : ' Is there something else that you would like to know?'}`,
    `That is not something that I can answer.${more}`,
  ]
}

const OWN_KIND = 'I answer by built-in dialogue rules, not with a language model'

const toldNothing: Forms = [
  `I do not know that. ${OWN_KIND}, and nobody has told me anything yet.`,
  'I am sorry, I have been told nothing about that either.',
]

export function small(act: Exclude<Act, 'repeat' | 'givesName' | 'silence'>, talk: Talk): Forms {
  const { persona, callerName } = talk
  const to = callerName === undefined ? '' : `, ${callerName}`
  switch (act) {
    case 'greeting':
      return [`Hello${to}! How can I help you?`, 'Hello! What can I do for you?']
    case 'thanks':
      return [`You are welcome${to}. Is there anything else?`, 'My pleasure. What else can I do for you?']
    case 'goodbye':
      return [`Goodbye${to}, and thank you for calling.`, 'Goodbye!']
    case 'yes':
      return ['Good. What would you like to know?', 'All right. Please go on.']
    case 'no':
      return ['All right. Just ask if there is anything else.', 'Very well. I am here if you need me.']
    case 'fine':
      return ['Good. Is there anything else that I can help you with?', 'All right. What else would you like to know?']
    case 'sorry':
      return ['No problem at all. How can I help?', 'That is quite all right. Please go on.']
    case 'help':
      return [`Of course. ${offer(talk) || 'What would you like to know?'}`, 'Of course. What is it about?']
    case 'who':
      return [`${introduction(persona)} How can I help you?`, introduction(persona)]
    case 'asksAgentName':
      return persona.name
        ? [`My name is ${persona.name}.`, `I am ${persona.name}.`]
        : [`I have no name of my own. ${introduction(persona)}`, 'Nobody has given me a name.']
    case 'abilities':
      return abilities(talk)
    case 'human':
      return ['I am an automated assistant, not a person.', 'No person, just an automated assistant.']
    case 'model':
      return [`${OWN_KIND}, so I only know what I have been told.`, `${OWN_KIND}.`]
    case 'person':
      return [
        `I am not able to transfer you to a person. ${contactOf(talk) ?? 'But I will gladly answer what I can.'}`,
        'I am sorry, I cannot put anybody through from here.',
      ]
    case 'howAreYou':
      return ['I am fine, thank you for asking. How can I help you?', 'All is well here. What can I do for you?']
    case 'presence':
      return ['Yes, I am here, and I can hear you.', 'I am still here. Please go on.']
    case 'clock':
      return [
        'I have no clock or calendar to look at, so I cannot tell you.',
        'I am afraid I cannot see the time or the date from here.',
      ]
    case 'stop':
      return ['All right. I am listening.', 'Of course. Tell me when you are ready.']
    case 'correction':
      return ['I am sorry, I misunderstood. Could you put it another way?', 'My apologies. What did you mean?']
    case 'asksOwnName':
      return callerName
        ? [`Your name is ${callerName}.`, `You told me that you are ${callerName}.`]
        : ['You have not told me your name yet.', 'I do not know your name yet.']
  }
}

const contactOf = ({ facts }: Talk): string | undefined =>
  facts.find(({ text }) => /\b(?:phone|call|email|reach)\b/i.test(text) && /\d|@/.test(text))?.text

export const nothingHeard: Forms = [
  'I did not catch that. Could you say it again?',
  'I am sorry, I could not understand you. Please try once more.',
]
export const stillThere: Forms = ['Is there anything that I can help you with?', 'I am here if you have a question.']
export const nothingSaidYet: Forms = [
  'I have not said anything yet. How can I help you?',
  'There is nothing to repeat yet.',
]
export const nameHeard = (name: string): Forms => [
  `Nice to meet you, ${name}. How can I help you?`,
  `Thank you, ${name}. What can I do for you?`,
]

/** "as I said" before what was said last, so that no sentence comes twice in a row. */
export const saidAgain = (text: string): Forms => [`As I said: ${text}`, `Once more: ${text}`]
