// A system prompt compiled once into what the dialogue rules need: who speaks, what it can do, and what it knows.
import { labelOf, toldBy } from './aspects.js'
import { meaningOf } from './classify.js'
import { type Line, linesOf } from './lines.js'
import { orderSpoken } from './orders.js'
import { enumerated, inOwnVoice, plain, sentence } from './phrase.js'

export interface Fact {
  /** As it is spoken. */
  readonly text: string
  /** What else it may be asked by: its heading, its question, the condition of its rule. */
  readonly keys: string
  readonly kind: 'fact' | 'rule' | 'refusal'
  /** What a caller would call it, if it is worth offering. */
  readonly label: string | undefined
}

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

export const NOBODY: Persona = {
  name: undefined,
  organisation: undefined,
  role: undefined,
  abilities: [],
  asks: [],
  self: 'I',
  facts: [],
}

const MANNERS =
  /\b(?:friendly|helpful|professional|polite|knowledgeable|concise|warm|cheerful|enthusiastic|patient|empathetic|courteous|upbeat|calm|efficient|kind|energetic|succinct|witty|engaging)\b,?\s*(?:(?:and|but|yet)\s+)?/gi

export function compile(prompt: string): Persona {
  const lines = linesOf(prompt)
  const who = identityIn(lines)
  const self = who.organisation === undefined ? 'I' : 'we'
  const facts: Fact[] = []
  const abilities: string[] = [...who.abilities]
  const asks: string[] = []
  let question = ''
  for (const line of lines) {
    const meaning = meaningOf(line.text, line.heading)
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
  return { ...who, self, abilities, asks, facts: [...facts, ...listsOf(lines, self), ...whereabouts(who, self)] }
}

interface Identity {
  readonly name: string | undefined
  readonly organisation: string | undefined
  readonly role: string | undefined
  readonly place: string | undefined
  readonly abilities: readonly string[]
}

const PROPER = String.raw`(?:[Tt]he )?[A-Z0-9][\w'’&-]*(?:\.(?=\s[A-Z]))?(?:\s+(?:[A-Z0-9][\w'’&-]*(?:\.(?=\s[A-Z]))?|of|and|the|&|for)(?=\s|$|,|\.))*`

function identityIn(lines: readonly Line[]): Identity {
  let name: string | undefined
  let text = ''
  for (const line of lines) {
    const meaning = meaningOf(line.text, line.heading)
    if (meaning.is === 'name') name ??= meaning.name
    if (meaning.is === 'identity' && text === '') text = meaning.text.replace(/[.!]+$/, '')
  }
  const named =
    /^([A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?:,| - | – )\s*(.+)$/.exec(text) ??
    /^(.*?)\b(?:named|called)\s+([A-Z][a-z]+)\b,?\s*(.*)$/.exec(text)
  if (named) {
    name ??= named.length === 4 ? named[2] : named[1]
    text = named.length === 4 ? `${named[1]!.replace(/,\s*$/, '').trim()} ${named[3]}` : named[2]!
  }
  // what follows the role tells what it does: "…, helping customers to order", "who answers questions"
  const [, head = '', doing] =
    /^(.*?)(?:,?\s+(?:who|that|which)\s+|,\s*|\s+(?=helping|assisting|taking|answering|handling))(.*)$/.exec(text) ?? [
      undefined,
      text,
      undefined,
    ]
  const role = withArticle(plain(head).replace(MANNERS, '').replace(/\s+/g, ' ').trim())
  const organisation = new RegExp(String.raw`\b(?:of|for|at|from|by)\s+(${PROPER})`)
    .exec(head)?.[1]
    ?.replace(/\s+(?:of|and|the|for|&)$/, '')
    .trim()
  const after = organisation === undefined ? head : head.slice(head.indexOf(organisation) + organisation.length)
  const place = new RegExp(String.raw`\bin\s+(${PROPER})`).exec(
    organisation === undefined ? head : `${after}${doing?.startsWith('in ') ? ` ${doing}` : ''}`,
  )?.[1]
  const ability = doing === undefined ? undefined : gerundAbility(doing)
  return { name, organisation, role: role === '' ? undefined : role, place, abilities: ability ? [ability] : [] }
}

/** "a friendly agent" without its manners is "an agent". */
const withArticle = (role: string): string =>
  role
    .replace(/^an? (?=(\w))/i, (_all, first: string) => (/[aeiou]/i.test(first) ? 'an ' : 'a '))
    .replace(/^The /, 'the ')

function gerundAbility(doing: string): string | undefined {
  const match = /^(?:and\s+)?(help|assist|tak|answer|handl|guid|support|book|schedul)(?:ing|e?s|s)?\s+(.+)$/i.exec(
    doing.trim(),
  )
  if (!match) return undefined
  const verb = /^(?:tak|handl|guid|schedul)$/i.test(match[1]!) ? `${match[1]}e` : match[1]!
  return abilitySpoken(`${verb.toLowerCase()} ${match[2]!}`)
}

const abilitySpoken = (text: string): string =>
  plain(
    inOwnVoice(
      text.replace(
        /\b(?:the )?(?:callers?|customers?|users?|clients?|patients?|guests?|visitors?|people|them)(?!')\b/i,
        'you',
      ),
      'I',
    ).replace(/^(\w+) I\b/, '$1 you'),
  ).replace(/[.!]+$/, '')

const refusalSpoken = (text: string): string =>
  sentence(`I am sorry, I cannot ${plain(inOwnVoice(text, 'I')).replace(/[.!]+$/, '')}`)

/** "Closed on Sundays." lacks who. */
const whole = (text: string, self: 'I' | 'we'): string =>
  /^(?:open|closed|located)\b/i.test(text)
    ? `${self} ${self === 'we' ? 'are' : 'am'} ${text.charAt(0).toLowerCase()}${text.slice(1)}`
    : text

/** "How do I make an agent?" → "how to make an agent". */
function labelOfQuestion(question: string, self: 'I' | 'we'): string | undefined {
  const toCaller = (text: string): string => plain(text.replace(/\bmy\b/g, 'your').replace(/\?.*$/, ''))
  const how = /^how (?:do|can|should) (?:i|you|we) (.+)$/i.exec(question)
  if (how) return `how to ${toCaller(how[1]!)}`
  const what = /^what (?:is|are) (your|the) (.+)$/i.exec(question)
  return what ? `${what[1] === 'the' ? 'the' : self === 'we' ? 'our' : 'my'} ${toCaller(what[2]!)}` : undefined
}

/** "You can park behind the house": that is no longer the assistant. */
const addressesCaller = (text: string): boolean =>
  /^(?:if|when|once|to|before|after) |\byou (?:can|may|could|will|get|need|must|should|pay|receive|want|qualify)\b/i.test(
    text,
  ) && /\byou\b/i.test(text)

const LABELS: Readonly<Record<string, string>> = {
  phone: 'phone number',
  tel: 'phone number',
  telephone: 'phone number',
  hours: 'opening hours',
  mail: 'email address',
  email: 'email address',
  payment: 'payment methods',
}

function factsOf(text: string, { heading, isItem }: Line, question: string, self: 'I' | 'we'): Fact[] {
  const keys = [heading, question].filter(Boolean).join(' ')
  if (question !== '') return [{ ...fact(sentence(plain(text)), keys, self), label: labelOfQuestion(question, self) }]
  const entry =
    /^(?!(?:you|we|i|it|they|there|this|if|please)\b)([A-Z\d][^:.!?]{0,40}?)\s*(?::|\s[-–—]|\s=)\s+(.+)$/i.exec(text)
  if (!entry || entry[1]!.split(' ').length > 4)
    return [fact(sentence(plain(addressesCaller(text) ? text : inOwnVoice(whole(text, self), self))), keys, self)]
  const [, label = '', value = ''] = entry
  const parts = value.split(/[,;]\s+(?:and\s+)?/)
  // "Menu: Margherita $10, Pepperoni $12" is a list with a figure for each
  if (parts.length > 1 && parts.every((part) => /^\D.*\d/.test(part)) && !toldBy(label).includes('hours')) {
    return parts.map((part) => fact(itemSpoken(part.replace(/\.$/, '')), `${keys} ${label}`, self))
  }
  return [
    fact(
      entrySpoken(
        label,
        value,
        isItem && heading !== '' && !/\b(contact|about|info|information|facts|details|general)\b/i.test(heading),
        self,
      ),
      keys,
      self,
    ),
  ]
}

function entrySpoken(label: string, value: string, isPartOfList: boolean, self: 'I' | 'we'): string {
  const known = LABELS[label.toLowerCase()]
  const name = plain(known ?? label)
  const told = plain(inOwnVoice(value, self))
  if (
    /^(?:we|i|yes|no|you|the|it|they|our|all|every)\b/i.test(told) &&
    /\s(?:is|are|do|does|can|have|has|offer|accept|deliver)\b/.test(told)
  )
    return sentence(told)
  if (/^\d/.test(label)) return sentence(`${name}: ${told}`)
  const be = /s$/.test(name) && !/ss$/.test(name) ? 'are' : 'is'
  const isOwn = known !== undefined || (!isPartOfList && /^[A-Z]?[a-z]+(?: [a-z]+){0,2}$/.test(label))
  return sentence(isOwn ? `Our ${name.toLowerCase()} ${be} ${told}` : `${name} ${be} ${told}`)
}

/** "Margherita $10" → "Margherita is 10 dollars." */
function itemSpoken(item: string): string {
  const spoken = plain(item)
  const [, name, figure] = /^(\D+?)\s*(?:is|for|at|-|:)?\s*(\d.*)$/.exec(spoken) ?? []
  return name && figure ? sentence(`${name} is ${figure}`) : sentence(spoken)
}

function fact(text: string, keys: string, self: 'I' | 'we'): Fact {
  return { text, keys, kind: 'fact', label: labelFor(text, keys, self) }
}

function labelFor(text: string, keys: string, self: 'I' | 'we'): string | undefined {
  for (const aspect of toldBy(text)) {
    const label = labelOf(aspect)
    if (label !== undefined && aspect !== 'price' && (aspect !== 'place' || /\b(?:located|address)\b/i.test(text)))
      return label.replace('us', self === 'we' ? 'us' : 'me')
  }
  const subject =
    /^(?:The |A |An |Our )?((?:[A-Za-z][\w'-]*)(?: \w+){0,2}?) (?:is|are|costs?|takes?|has|lasts?|comes?|includes?|can|runs?|starts?|works?)\b/.exec(
      text,
    )?.[1]
  if (subject && !/^(?:We|I|It|Its|Their|They|You|There|This|That|Our|If|All|The|He|She|Yes|No)\b/.test(subject))
    return /^[A-Z][a-z]+(?: [a-z]+)*$/.test(subject) ? subject.toLowerCase() : subject
  return keys !== '' &&
    keys.split(' ').length <= 3 &&
    !/\b(?:facts?|info|information|about|context|company|details|general|knowledge|faq)\b/i.test(keys)
    ? keys.toLowerCase()
    : undefined
}

/** The items under one heading are also one answer: what there is. */
function listsOf(lines: readonly Line[], self: 'I' | 'we'): Fact[] {
  const lists = new Map<string, string[]>()
  for (const { text, heading, isItem } of lines) {
    const inline = /^([A-Z][a-z]+(?: [a-z]+){0,2}):\s+(.+,.+)$/.exec(text)
    const [title, items] =
      inline && !isItem ? [inline[1]!, inline[2]!.split(/[,;]\s+(?:and\s+)?/)] : isItem ? [heading, [text]] : ['', []]
    const kind = meaningOf(items[0] ?? '', title).is
    if (title === '' || (kind !== 'fact' && !inline)) continue
    const names = items
      .map((item) => plain(item.replace(/\.$/, '').split(/:| [-–—] | \(|\s?[$£€]?\d/)[0]!))
      .filter(
        (name) =>
          name !== '' &&
          name.split(' ').length <= 4 &&
          !/^(?:within|in|on|at|from|to|with|by|for)\b/.test(name) &&
          !/\b(?:costs?|is|are|takes?|has|have|can)\b/.test(name),
      )
    lists.set(title, [...(lists.get(title) ?? []), ...names])
  }
  const told: Fact[] = []
  for (const [title, names] of lists) {
    if (
      names.length < 2 ||
      toldBy(title).some((aspect) => aspect !== 'list' && aspect !== 'price' && aspect !== 'person') ||
      /\b(hours|contact|about|facts|info|information|policy|policies|faq|details|address)\b/i.test(title)
    )
      continue
    const shown = names.slice(0, 8)
    const have = self === 'we' ? 'We have' : 'I have'
    told.push({
      text: sentence(`${have} ${enumerated(shown)}${names.length > 8 ? ', among others' : ''}`),
      keys: `${title} list`,
      kind: 'fact',
      label: title.toLowerCase(),
    })
  }
  return told
}

function whereabouts({ organisation, place }: Identity, self: 'I' | 'we'): Fact[] {
  if (place === undefined) return []
  const text = self === 'we' ? `We are in ${place}.` : `I am in ${place}.`
  return [{ text, keys: `${organisation ?? ''} located`, kind: 'fact', label: undefined }]
}
