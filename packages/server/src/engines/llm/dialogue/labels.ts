// What to call a fact when it is offered: "opening hours", "how to reach us".
import { labelOf, toldBy } from './aspects.js'
import { plain } from './phrase.js'

const SUBJECT =
  /^(?:The |A |An |Our )?((?:[A-Za-z][\w'-]*)(?: \w+){0,2}?) (?:is|are|costs?|takes?|has|lasts?|comes?|includes?|can|runs?|starts?|works?)\b/
const NO_SUBJECT = /^(?:We|I|It|Its|Their|They|You|There|This|That|Our|If|All|The|He|She|Yes|No)\b/
const EMPTY_HEADING = /\b(?:facts?|info|information|about|context|company|details|general|knowledge|faq)\b/i

/** By what the fact tells, what it is about, or what it stands under; undefined when none would help a caller. */
export function labelFor(text: string, keys: string, self: 'I' | 'we'): string | undefined {
  for (const aspect of toldBy(text)) {
    const label = labelOf(aspect)
    const fits = aspect === 'place' ? /\b(?:located|address)\b/i.test(text) : aspect !== 'price'
    if (label !== undefined && fits) return self === 'we' ? label : label.replace(/\bus\b/, 'me')
  }
  const subject = SUBJECT.exec(text)?.[1]
  if (subject && !NO_SUBJECT.test(subject)) {
    return /^[A-Z][a-z]+(?: [a-z]+)*$/.test(subject) ? subject.toLowerCase() : subject
  }
  const isHeading = keys !== '' && keys.split(' ').length <= 3 && !EMPTY_HEADING.test(keys)
  return isHeading ? keys.toLowerCase() : undefined
}

/** "How do I make an agent?" → "how to make an agent". */
export function labelOfQuestion(question: string, self: 'I' | 'we'): string | undefined {
  const toCaller = (text: string): string =>
    plain(text.replace(/\bmy\b/g, 'your').replace(/(?:\?|,| such as | like ).*$/, ''))
  const how = /^how (?:do|can|should) (?:i|you|we) (.+)$/i.exec(question)
  if (how) return `how to ${toCaller(how[1]!)}`
  const about = /^what about (?:your |the |my )?(\w+(?: \w+)?)/i.exec(question)
  if (about) return about[1]!.toLowerCase()
  const what = /^what (?:is|are) (your|the) (.+)$/i.exec(question)
  return what ? `${what[1] === 'the' ? 'the' : self === 'we' ? 'our' : 'my'} ${toCaller(what[2]!)}` : undefined
}
