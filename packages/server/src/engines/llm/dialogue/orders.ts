// Orders that a prompt or a program gives, carried out in words: "ask for their name" becomes "May I have your name, please?".
import { CALLER_AS_YOU, inOwnVoice, plain, sentence } from './phrase.js'

const CALLER = String.raw`(?:(?:the|a|your|our)\s+)?(?:caller|customer|user|client|patient|guest|person|callers|customers|users|them|him|her)`
type Spoken = string | undefined
type Carrier = readonly [pattern: RegExp, speak: (match: RegExpExecArray, self: 'I' | 'we') => Spoken]

const order = (pattern: string): RegExp =>
  new RegExp(`^(?:please |politely |then |always |kindly |briefly |gently |first,? |warmly )*${pattern}`, 'i')

const CARRIERS: readonly Carrier[] = [
  // words to be said as they are
  [
    /^[^"“]*?\b(?:say|saying|with|reply|respond|answer|greeting|ask|asking|greet|tell)\b[^"“]*["“]([^"”]+)["”]/i,
    ([, words]) => sentence(words!.trim()),
  ],
  [order(String.raw`(?:say|announce)(?: exactly)?(?: that)?:?\s+(.+)$`), ([, words], self) => toCaller(words!, self)],
  [
    order(
      String.raw`(?:tell|inform|remind|assure|notify|let|advise)\s+${CALLER}\s+(?:know\s+)?(?:that\s+|:\s*)?((?!to |about |how |what |where |when |why |which |who ).+)$`,
    ),
    ([, words], self) => toCaller(words!, self),
  ],
  [
    order(
      String.raw`(?:mention|explain|confirm|note|state|respond|reply|answer|clarify)\s+(?:to\s+${CALLER}\s+)?that\s+(.+)$`,
    ),
    ([, words], self) => toCaller(words!, self),
  ],
  [
    order(
      String.raw`(?:ask|tell|have|get|instruct|advise|direct|encourage|invite|request|remind)\s+${CALLER}\s+to\s+(.+)$`,
    ),
    ([, deed]) => sentence(`Please ${theirsToYours(deed!)}`),
  ],
  [
    order(String.raw`ask\s+(?:${CALLER}\s+)?(?:(?:if|whether)\s+(?:they|he|she)\s+(.+))$`),
    ([, what]) => `${inverted(what!)}?`,
  ],
  [
    order(String.raw`ask\s+(?:${CALLER}\s+)?((?:what|which|when|where|how|who)\b.+)$`),
    ([, what]) => `Could you tell me ${theirsToYours(what!).replace(/[.!?]+$/, '')}?`,
  ],
  [
    order(
      String.raw`(?:ask|request|collect|get|gather|take|obtain|confirm|verify)\s+(?:${CALLER}\s+)?(?:for\s+)?((?:their|his|her|the caller's|the customer's|the user's|an?|the)\s+.+)$`,
    ),
    ([, thing]) => `May I have ${theirsToYours(thing!).replace(/[.!?]+$/, '')}, please?`,
  ],
  [
    order(String.raw`(?:suggest|recommend)\s+(.+)$`),
    ([, what], self) =>
      sentence(
        `${self === 'we' ? 'We' : 'I'} suggest ${theirsToYours(what!.replace(/^(?:that )?(?:they|the \w+) (?:should )?/, 'that you '))}`,
      ),
  ],
  [
    order(String.raw`offer\s+(?:${CALLER}\s+)?(.+)$`),
    ([, what]) => sentence(`I can offer you ${theirsToYours(what!)}`.replace(/you to\b/, 'to')),
  ],
  [
    order(String.raw`(?:apologize|apologise)(?:\s+to\s+${CALLER})?(?:\s+for\s+(.+?))?(?:\s+and\s+(.+))?$`),
    ([, what, more], self) =>
      [
        sentence(what ? `I am sorry for ${theirsToYours(what)}` : 'I am sorry about that'),
        more ? (orderSpoken(more, self) ?? '') : '',
      ]
        .join(' ')
        .trim(),
  ],
  [
    order(String.raw`thank\s+${CALLER}(?:\s+for\s+(.+))?$`),
    ([, what]) => sentence(what ? `Thank you for ${theirsToYours(what)}` : 'Thank you'),
  ],
  [
    order(String.raw`(?:transfer|escalate|connect|forward|hand)\b.*$`),
    () => 'A person would have to help you with that. I am not able to transfer you from here.',
  ],
  [
    order(String.raw`(?:do not|don't|never|decline to|refuse to|avoid)\s+(.+)$`),
    ([, what], self) => sentence(`I am sorry, I cannot ${plain(inOwnVoice(what!, self))}`),
  ],
]

/** What to say to carry the order out; undefined when it is none that can be carried out by speaking. */
export function orderSpoken(text: string, self: 'I' | 'we'): string | undefined {
  const trimmed = text.trim()
  for (const [pattern, speak] of CARRIERS) {
    const match = pattern.exec(trimmed)
    if (match) return speak(match, self)
  }
  return undefined
}

const toCaller = (words: string, self: 'I' | 'we'): string =>
  sentence(plain(inOwnVoice(theyToYou(words.replace(/^["“]|["”]$/g, '')), self)))

const theyToYou = (text: string): string =>
  text
    .replace(/\b(?:they|he|she) (?:is|are)\b/gi, `${CALLER_AS_YOU} are`)
    .replace(/\b(?:they|he|she)\b/gi, CALLER_AS_YOU)
    .replace(/\btheir\b/gi, `${CALLER_AS_YOU}r`)
    .replace(/\b(?:them|him)\b/gi, CALLER_AS_YOU)

export const theirsToYours = (text: string): string =>
  plain(
    text
      .replace(/\b(?:their|his|her|(?:the|a) (?:caller|customer|user|patient|client)'s)\b/gi, 'your')
      .replace(/\b(?:they are|he is|she is)\b/gi, 'you are')
      .replace(/\b(?:they|them|he|she|the (?:caller|customer|user|patient|client))\b/gi, 'you'),
  )

/** "need anything else" → "Do you need anything else". */
export function inverted(what: string): string {
  const spoken = theirsToYours(what).replace(/[.!?]+$/, '')
  const [, verb, rest] = /^(are|is|have|can|could|would|will|want|wants|need|needs|has)\b\s*(.*)$/i.exec(spoken) ?? []
  switch (verb?.toLowerCase()) {
    case undefined:
      return `Do you ${spoken}`
    case 'is':
    case 'are':
      return `Are you ${rest}`
    case 'has':
    case 'have':
      return `Do you have ${rest}`
    case 'wants':
    case 'want':
      return `Do you want ${rest}`
    case 'needs':
    case 'need':
      return `Do you need ${rest}`
    default:
      return `${verb!.charAt(0).toUpperCase()}${verb!.slice(1).toLowerCase()} you ${rest}`
  }
}
