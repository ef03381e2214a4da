// A system prompt compiled once into what the dialogue rules need: who speaks, what it can do, and what it knows.
import { meant } from './classify.js'
import { type Fact, factsOf, listsOf } from './entries.js'
import { abilitySpoken, type Identity, identityIn } from './identity.js'
import { linesOf } from './lines.js'
import { orderSpoken } from './orders.js'
import { inOwnVoice, plain, sentence } from './phrase.js'

export interface Persona {
  readonly name: string | undefined
  readonly organisation: string | undefined
  /** "the assistant of Blue Door Bakery in Leeds" */
  readonly role: string | undefined
  /** "help you order bread" */
  readonly abilities: readonly string[]
  /** What the caller is to be asked for, as questions. */
  readonly asks: readonly string[]
  readonly self: 'I' | 'we'
  readonly facts: readonly Fact[]
}

export function compile(prompt: string): Persona {
  const lines = linesOf(prompt).map(meant)
  const who = identityIn(lines)
  const self = who.organisation === undefined ? 'I' : 'we'
  const facts: Fact[] = []
  const abilities: string[] = [...who.abilities]
  const asks: string[] = []
  let question = ''
  for (const line of lines) {
    const { meaning } = line
    const asked = question
    question = meaning.is === 'question' ? meaning.text : ''
    switch (meaning.is) {
      case 'ability':
        abilities.push(abilitySpoken(meaning.text))
        break
      case 'answer':
      case 'fact':
        facts.push(...factsOf(meaning.text, line, asked, self))
        break
      case 'rule': {
        const text = orderSpoken(meaning.order, self)
        if (text !== undefined) facts.push({ text, keys: meaning.condition, kind: 'rule', label: undefined })
        break
      }
      case 'refusal':
        facts.push({ text: refusalSpoken(meaning.text), keys: meaning.text, kind: 'refusal', label: undefined })
        break
      case 'order': {
        const text = orderSpoken(meaning.text, self)
        if (text?.endsWith('?')) asks.push(text)
        break
      }
      default:
        break
    }
  }
  return { ...who, self, abilities, asks, facts: [...facts, ...listsOf(lines, self), ...businessFacts(who, self)] }
}

const refusalSpoken = (text: string): string =>
  sentence(`I am sorry, I cannot ${plain(inOwnVoice(text, 'I')).replace(/[.!]+$/, '')}`)

/** What the description of the role tells about the business. */
function businessFacts({ organisation = '', place, business }: Identity, self: 'I' | 'we'): Fact[] {
  const told = (text: string, keys: string): Fact => ({ text, keys, kind: 'fact', label: undefined })
  const located = told(`${self === 'we' ? 'We are' : 'I am'} in ${place}.`, organisation)
  const described = told(sentence(`${organisation} is ${plain(business ?? '')}`), organisation)
  return [...(place === undefined ? [] : [located]), ...(business === undefined ? [] : [described])]
}
