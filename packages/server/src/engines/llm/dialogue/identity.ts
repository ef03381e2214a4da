// Who speaks, by the prompt: a name, a role, a business and where it is.
import type { MeantLine } from './classify.js'
import { CALLER_AS_YOU, inOwnVoice, plain } from './phrase.js'

export interface Identity {
  readonly name: string | undefined
  readonly organisation: string | undefined
  /** "the assistant of Blue Door Bakery in Leeds" */
  readonly role: string | undefined
  readonly place: string | undefined
  /** What the business is: "an app for files". */
  readonly business: string | undefined
  /** What the role says that it does. */
  readonly abilities: readonly string[]
}

const MANNERS =
  /\b(?:friendly|helpful|professional|polite|knowledgeable|concise|warm|cheerful|enthusiastic|patient|empathetic|courteous|upbeat|calm|efficient|kind|energetic|succinct|witty|engaging)\b,?\s*(?:(?:and|but|yet)\s+)?/gi

/** A name of one or more words with capitals. */
const PROPER = String.raw`(?:[Tt]he )?[A-Z0-9][\w'’&-]*(?:\.(?=\s[A-Z]))?(?:\s+(?:[A-Z0-9][\w'’&-]*(?:\.(?=\s[A-Z]))?|of|and|the|&|for)(?=\s|$|,|\.))*`

const ORGANISATION = new RegExp(String.raw`\b(?:of|for|at|from|by)\s+(${PROPER})`)
const PLACE = new RegExp(String.raw`\bin\s+(${PROPER})`)
/** "…, a bakery in Leeds." */
const BUSINESS = /^,\s+(an?\s[^,.]+)/
/** "Sam, an agent of …" */
const NAME_FIRST = /^([A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?:,| - | – )\s*(.+)$/
/** "an agent named Sam of …" */
const NAME_WITHIN = /^(.*?)\b(?:named|called)\s+([A-Z][a-z]+)\b,?\s*(.*)$/
/** What follows the role tells what it does: "…, helping customers to order", "who answers questions". */
const DOING = /^(.*?)(?:,?\s+(?:who|that|which)\s+|,\s*|\s+(?=helping|assisting|taking|answering|handling))(.*)$/

export function identityIn(lines: readonly MeantLine[]): Identity {
  const called = lines.find(({ meaning }) => meaning.is === 'name')?.meaning
  const described = lines.find(({ meaning }) => meaning.is === 'identity')?.meaning
  const { name, text } = nameApart(described?.is === 'identity' ? described.text.replace(/[.!]+$/, '') : '')
  const [, head = text, doing = ''] = DOING.exec(text) ?? []
  // "You take calls for Blue Door." names the business as well
  const whole = text || (lines.find(({ meaning }) => meaning.is === 'ability')?.text ?? '')
  const found = ORGANISATION.exec(text === '' ? whole : head)?.[1]
  const organisation = found?.replace(/\s+(?:of|and|the|for|&)$/, '').trim()
  const after = organisation === undefined ? head : whole.slice(whole.indexOf(organisation) + organisation.length)
  const ability = gerundAbility(doing)
  return {
    name: called?.is === 'name' ? called.name : name,
    organisation,
    role: withArticle(plain(head).replace(MANNERS, '').replace(/\s+/g, ' ').trim()) || undefined,
    place: PLACE.exec(after)?.[1],
    business: organisation === undefined ? undefined : BUSINESS.exec(after)?.[1],
    abilities: ability === undefined ? [] : [ability],
  }
}

function nameApart(text: string): { name: string | undefined; text: string } {
  const first = NAME_FIRST.exec(text)
  if (first) return { name: first[1], text: first[2]! }
  const within = NAME_WITHIN.exec(text)
  if (within) return { name: within[2], text: `${within[1]!.replace(/,\s*$/, '').trim()} ${within[3]}` }
  return { name: undefined, text }
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

/** "help callers book tables" → "help you book tables". */
export const abilitySpoken = (text: string): string =>
  plain(
    inOwnVoice(
      text.replace(
        /\b(?:the )?(?:callers?|customers?|users?|clients?|patients?|guests?|visitors?|people|them)(?!')\b/i,
        CALLER_AS_YOU,
      ),
      'I',
    ).replace(/^(\w+) I\b/, '$1 you'),
  ).replace(/[.!]+$/, '')
