// Which tool a caller wants, by the words alone: those of the utterance against name, description and arguments.
import { contentStems, stem, words } from '../words.js'
import { inWords, type ToolForm } from './slots.js'

export interface ToolMatch {
  readonly form: ToolForm
  /** How much of what was said is about the tool; at least `ENOUGH`. */
  readonly score: number
}

/** The tool that fits best; undefined where none fits well. */
export function chosenTool(utterance: string, forms: readonly ToolForm[]): ToolMatch | undefined {
  const said = stemsSaid(utterance)
  // "I would like to order a pizza" is no wish to look an order up
  const eligible = ORDERS.test(utterance) ? forms.filter(({ name }) => !LOOKS_UP.test(inWords(name))) : forms
  // what would be called at once is not called by chance
  const needed = ({ slots }: ToolForm): number =>
    slots.some(({ isRequired }) => isRequired) || isWish(utterance) ? ENOUGH : IN_NAME
  const matches = eligible
    .map((form) => ({ form, score: scoreOf(said, form) }))
    .filter(({ form, score }) => score >= needed(form))
  return matches.reduce<ToolMatch | undefined>(
    (best, match) => (best === undefined || match.score > best.score ? match : best),
    undefined,
  )
}

/** A wish, an order, or something of one's own; how something is done is a question. */
export const isWish = (utterance: string): boolean =>
  WISH.test(utterance) && !/\bhow (?:do|can|could|should) (?:i|you|we)\b/i.test(utterance)

const WISH =
  /\b(?:i (?:want|need|would|wish|have to)|i'd|let me|get me|connect me|give me|tell me|my|please|can you|could you|would you)\b|^(?:book|order|cancel|transfer|send|check|track|find|search|look|call|set|add|make|change|schedule|reserve|connect|speak|talk)\b|\b(?:speak|talk) (?:to|with)\b/i

const ORDERS = /\b(?:to order|order (?:a|an|some|one|another|more))\b/i
const LOOKS_UP = /\border\b.*\b(?:status|details|info)\b|\b(?:get|check|track|cancel|find|lookup|return)\b.*\border\b/

const ENOUGH = 2
/** Words of the description alone are chance unless several come together. */
const ENOUGH_WITHOUT_NAME = 3
/** What a word is worth that stands in the name of the tool, is akin to one, or stands in what is said of it. */
const IN_NAME = 3
const AKIN = 2
const IN_DESCRIPTION = 1
const IN_ARGUMENTS = 0.5

function scoreOf(said: ReadonlySet<string>, form: ToolForm): number {
  const name = new Set(
    words(inWords(form.name))
      .map(stem)
      .filter((word) => !COMMON.has(word)),
  )
  const description = new Set(contentStems(words(form.description)))
  const told = form.slots.map(({ label, description, choices }) => `${label} ${description} ${choices.join(' ')}`)
  const inArguments = new Set(contentStems(words(told.join(' ').replaceAll('_', ' '))))
  const worth = (word: string): number => {
    if (name.has(word)) return IN_NAME
    if (akin(word).some((other) => name.has(other))) return AKIN
    if (description.has(word)) return COMMON.has(word) ? IN_ARGUMENTS : IN_DESCRIPTION
    if (akin(word).some((other) => description.has(other))) return IN_DESCRIPTION
    return inArguments.has(word) ? IN_ARGUMENTS : 0
  }
  const scores = [...said].map(worth)
  const sum = scores.reduce((total, score) => total + score, 0)
  return scores.some((score) => score >= AKIN) || sum >= ENOUGH_WITHOUT_NAME ? sum : 0
}

const stemsSaid = (utterance: string): ReadonlySet<string> => {
  const spoken = words(utterance)
  // "where", "much" and "send" tell what is wanted, though they are too common to find facts by
  return new Set([...contentStems(spoken), ...spoken.filter((word) => TELLING.has(word)).map(stem)])
}

const akin = (word: string): readonly string[] => FAMILIES.filter((family) => family.includes(word)).flat()

/** Words of one line may stand for each other. */
const FAMILIES: readonly (readonly string[])[] = [
  'weather forecast temperature rain rainy sunny snow cold warm hot umbrella degrees windy',
  'order parcel package purchase',
  'status where track tracking progress arrive arrived',
  'book reserve reservation appointment schedule arrange slot visit',
  'cancel drop',
  'reschedule move change postpone',
  'transfer send pay wire move',
  'balance money',
  'human person agent representative operator someone',
  'price cost much quote',
  'product item article',
  'available availability free openings',
  'time clock hour',
  'message email note text',
  'search lookup find',
  'reminder remind',
].map((line) => line.split(' ').map(stem))

const TELLING = new Set('where much money send track someone find openings'.split(' '))

/** Too common in the names of tools to tell one from another. */
const COMMON = new Set(
  'get fetch look lookup up check find create make set list show read query retrieve update to a an the of for by current tool data info details api do run new my user customer request call money'
    .split(' ')
    .map(stem),
)
