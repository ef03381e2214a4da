// What a line of a prompt is for: who the assistant is, what it can do, what it knows, what it must or must not do, how it should sound.
import type { Line } from './lines.js'

export type Meaning =
  | { readonly is: 'identity'; readonly text: string }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'ability'; readonly text: string }
  | { readonly is: 'fact'; readonly text: string }
  | { readonly is: 'question'; readonly text: string }
  | { readonly is: 'answer'; readonly text: string }
  /** When the condition is met by what the caller says, the order is carried out. */
  | { readonly is: 'rule'; readonly condition: string; readonly order: string }
  | { readonly is: 'refusal'; readonly text: string }
  /** What to do with every caller. */
  | { readonly is: 'order'; readonly text: string }
  /** How to sound, or what to do that no rule of ours can do. Never read out. */
  | { readonly is: 'style' }

export interface MeantLine extends Line {
  readonly meaning: Meaning
}

export const meant = (line: Line): MeantLine => ({ ...line, meaning: meaningOf(line.text, line.heading) })

const STYLE: Meaning = { is: 'style' }

/** Verbs with which a line orders something rather than tells something. */
const ORDERS =
  "keep be speak use answer respond reply avoid ask confirm collect greet offer make ensure remember try start begin end stay act sound talk refer format summarize summarise repeat listen wait handle follow stick maintain adopt provide give gather verify check guide walk introduce thank wish encourage limit write read spell pronounce prefer focus treat show acknowledge apologize apologise escalate transfer say speak call look get direct suggest recommend let explain mention note inform tell remind describe do once pause think assume schedule book take upsell close open identify clarify redirect decline refuse pretend consider choose include exclude respect address convey express demonstrate engage never always only politely briefly gently please first then finally next don't".split(
    ' ',
  )

const ORDER = new RegExp(`^(?:${ORDERS.join('|')})\\b(?!['\\-:])`, 'i')
const CALLER =
  "(?:the |a |any |an? )?(?:caller|customer|user|client|patient|guest|person|someone|somebody|they|anyone|people|callers|customers|users|clients|patients|guests|visitors|members)(?:'s)?"
const STYLE_HEADING =
  /\b(style|tone|personality|voice|guidelines?|format|formatting|behaviou?r|guardrails?|rules?|instructions?|speaking|communication|persona|conversation flow|flow|steps?|process|workflow|task|objective|response|responses)\b/i
const STYLE_WORDS =
  /\b(markdown|bullet|emoji|emojis|lists?|concise|brief|briefly|short|sentences?|tone|friendly|polite|jargon|words|formatting|voice|conversational|natural|robotic|filler|asterisks|code|symbols|long|verbose|repeat)\b/i
/** "You are open …" is about the business, not about who speaks. */
const BUSINESS = /^(?:open|closed|located|based|situated|available|family|a family|here|at \d|in [A-Z])\b/
const ASKING = new RegExp(
  `^${CALLER}\\s+(?:asks?|wants? to know|inquires?|mentions?|says?|wants?|needs?|requests?|reports?|describes?|experiences?|seems?|sounds?|feels?|complains?|has|have|is|are|would like|calls?|brings? up)(?:\\s+(?:about|for|to|if|whether|that|how|what|where|when|why))*\\s*`,
  'i',
)
const CONDITION_LAST = new RegExp(`^(.+?)\\s+(?:if|when|whenever)\\s+(${CALLER}\\s+.+)$`, 'i')
const TELLING = new RegExp(
  `^(?:always |please |politely )*(?:tell|inform|remind|mention|explain|note|remember|let|make sure|advise|know)\\s*(?:to\\s+)?(?:${CALLER}|them)?\\s*(?:know |knows )?(?:that|:)\\s+(.+)$`,
  'i',
)

export function meaningOf(text: string, heading: string): Meaning {
  const qa = /^(q|question|a|answer)\s*[:.]\s*(.+)$/i.exec(text)
  if (qa) return /^q/i.test(qa[1]!) ? { is: 'question', text: qa[2]! } : { is: 'answer', text: qa[2]! }
  return (
    nameOf(text) ??
    identityOf(text) ??
    abilityOf(text) ??
    ruleOf(text) ??
    toldOf(text) ??
    refusalOf(text) ??
    orderOf(text, heading) ??
    factOf(text)
  )
}

function nameOf(text: string): Meaning | undefined {
  const match = /^(?:your name is|you are called|you go by|call yourself|you are named)\s+["“]?([A-Z][\w-]*)/i.exec(
    text,
  )
  return match ? { is: 'name', name: match[1]! } : undefined
}

function identityOf(text: string): Meaning | undefined {
  const match =
    /^(?:you are|you're|act as|you will be|you will act as|you play|you work as|i want you to act as|imagine you are|your role is(?: to be)?|this is)\s+(.+)$/i.exec(
      text,
    )
  if (!match) return undefined
  const rest = match[1]!
  if (/^you are|^you're/i.test(text) && BUSINESS.test(rest)) return undefined
  if (/^(?:speaking|talking|on a|not|never|allowed|able|required|expected|now|being)\b/i.test(rest))
    return /^not (?:able|allowed)|^never/i.test(rest)
      ? { is: 'refusal', text: rest.replace(/^(?:not (?:able|allowed) to|never)\s*/i, '') }
      : STYLE
  if (/^able to\b/i.test(rest)) return { is: 'ability', text: rest.replace(/^able to\s+/i, '') }
  // "You are friendly and calm." tells how to sound; a role has an article, a name or an owner
  return /^(?:an?|the|our|my|one of)\s|^[A-Z]/.test(rest) && !/^(?:always|very)\b/i.test(rest)
    ? { is: 'identity', text: rest }
    : STYLE
}

function abilityOf(text: string): Meaning | undefined {
  const match =
    /^(?:(?:and )?(?:you|it) (?:can|are able to|will be able to)|your (?:job|task|goal|role|purpose|mission|main job|primary goal) is to|you)\s+(help|assist|answer|take|book|schedule|order|guide|support|handle|place|look up|check|find)\b(.*)$/i.exec(
      text,
    )
  if (match) return { is: 'ability', text: `${match[1]!.toLowerCase()}${match[2]!}` }
  const order =
    /^(help|assist|guide|support)\s+(?:the )?(callers?|customers?|users?|clients?|patients?|guests?|people|visitors?|them)\s+(.+)$/i.exec(
      text,
    )
  return order ? { is: 'ability', text: `${order[1]!.toLowerCase()} you ${order[3]!}` } : undefined
}

function ruleOf(text: string): Meaning | undefined {
  const match =
    /^(?:if|when|whenever|in case)\s+(.+?),\s*(?:then\s+)?(.+)$/i.exec(text) ??
    /^for\s+(.+?)(?: questions| issues| problems| requests)?,\s*(.+)$/i.exec(text)
  const [condition, order] = match ? [match[1]!, match[2]!] : (trailingCondition(text) ?? [])
  if (condition === undefined || order === undefined) return undefined
  if (!ORDER.test(withoutModal(order)) && !/^(?:you|we) (?:should|must|can|cannot|can't|need)/i.test(order))
    return undefined
  // "if they ask about refunds" is about refunds
  const about = condition.replace(ASKING, '')
  return { is: 'rule', condition: about, order: withoutModal(order) }
}

/** "Offer a discount if the caller hesitates." */
function trailingCondition(text: string): [condition: string, order: string] | undefined {
  const match = CONDITION_LAST.exec(text)
  return match && ORDER.test(match[1]!) && !/^(?:ask|do not|don't|never|keep|speak|be|tell)\b/i.test(match[1]!)
    ? [match[2]!.replace(/\.$/, ''), match[1]!]
    : undefined
}

/** "Tell callers that we are closed in August." is something to know. */
function toldOf(text: string): Meaning | undefined {
  const match = TELLING.exec(text)
  return match ? { is: 'fact', text: match[1]! } : undefined
}

function refusalOf(text: string): Meaning | undefined {
  const match =
    /^(?:you\s+)?(?:must\s+|should\s+|may\s+|can\s+)?(?:do not|don't|never|cannot|can't|must not|should not|may not|are not allowed to|not)\s+(.+)$/i.exec(
      text,
    )
  if (!match) return undefined
  return STYLE_WORDS.test(match[1]!) ? STYLE : { is: 'refusal', text: match[1]! }
}

function orderOf(text: string, heading: string): Meaning | undefined {
  const order = withoutModal(text)
  // "Call us at 555 0100." or "Free parking is available." tell more than they order
  if (/^(?:call|contact|visit|email|reach) us\b/i.test(order) || /^(?:open|closed|close)\b.*\d/i.test(order))
    return undefined
  if (/^the (?:conversation|call|output|response|reply) (?:is|will|should|must)\b/i.test(order)) return STYLE
  if (/^(?:(?:always|first|then|next|please|politely|finally) )*(?:ask|collect|get|request|gather|take)\b/i.test(order))
    return { is: 'order', text: order }
  if (order !== text || (ORDER.test(order) && !isTelling(order))) return STYLE
  return STYLE_HEADING.test(heading) && !/\d|\b(?:is|are|costs?|takes?|has|have)\b/i.test(text) ? STYLE : undefined
}

const factOf = (text: string): Meaning => (/\?$/.test(text) ? { is: 'question', text } : { is: 'fact', text })

/** "Delivery is free": a noun that is spelled like a verb. */
const isTelling = (text: string): boolean =>
  /^[\w-]+(?: [\w-]+){0,2} (?:is|are|costs?|was|were|takes?|has|starts?|opens?|closes?|include[sd]?)\b/i.test(text) &&
  !/^(?:keep|be|make|never|always|do|if|ensure|say|ask|tell|use|speak|remember)\b/i.test(text)

const withoutModal = (text: string): string =>
  text.replace(
    /^(?:you (?:should|must|need to|have to|will|shall|may|might)|your (?:answers|replies|responses|tone|style) (?:should|must|are|is)|please)\s+(?:always\s+|only\s+)?/i,
    '',
  )
