// Which of the offered tools a user's words call for: by the words of its name and description, without a model.
import type { LlmTool } from '../../engine.js'
import { actIn } from './acts.js'
import { wordsOfName } from './slots.js'
import { contentStems, stem, words } from './words.js'

export interface Choice {
  readonly tool: LlmTool
  /** Whether the words are surely about the tool; otherwise a fact that answers them goes first. */
  readonly isSure: boolean
}

export function toolFor(utterance: string, tools: readonly LlmTool[]): Choice | undefined {
  const act = actIn(utterance)
  if (act === 'person') return sure(tools.find((tool) => describes(tool, HANDS_OVER)))
  if (act === 'goodbye') return sure(endingCall(tools))
  if (act !== undefined && act !== 'clock') return undefined
  const spoken = words(utterance)
  const said = new Set(contentStems(spoken).flatMap((word) => [word, ...(SYNONYMS.get(word) ?? [])]))
  const wishes = WISH.test(spoken.join(' '))
  const vocabularies = tools.map(vocabularyOf)
  let best: (Choice & { readonly score: number }) | undefined
  for (const [at, vocabulary] of vocabularies.entries()) {
    if (describes(tools[at]!, ENDS_CALL)) continue
    const verbs = vocabulary.verbs.filter((verb) => said.has(verb))
    // a deed is done for who asks for it; "how much is an appointment?" does not
    if (vocabulary.verbs.length > 0 && verbs.length === 0 && !wishes) continue
    // what undoes something has to be named
    if (vocabulary.verbs.some((verb) => UNDOES.has(verb) && !said.has(verb))) continue
    const known = [...said].filter((word) => vocabulary.all.has(word))
    const score = known.reduce(
      (sum, word) => sum + (vocabulary.name.has(word) ? IN_NAME : IN_DESCRIPTION) / rarity(word, vocabularies),
      0,
    )
    if (score >= ENOUGH && score > (best?.score ?? 0))
      best = { tool: tools[at]!, score, isSure: score >= SURE || (vocabulary.verbs.length > 0 && wishes) }
  }
  return best
}

/** A word of many tools tells them apart less than a word of one. */
const rarity = (word: string, vocabularies: readonly Vocabulary[]): number =>
  Math.sqrt(vocabularies.filter(({ all }) => all.has(word)).length)

/** The tool that hangs up, by its description. */
export const endingCall = (tools: readonly LlmTool[]): LlmTool | undefined =>
  tools.find((tool) => describes(tool, ENDS_CALL))

const sure = (tool: LlmTool | undefined): Choice | undefined => tool && { tool, isSure: true }
const describes = ({ name, description }: LlmTool, what: RegExp): boolean =>
  what.test(`${wordsOfName(name)}. ${description}`)

const ENDS_CALL =
  /\b(?:end|ends|terminate|terminates|finish|finishes) (?:the |this )?(?:phone )?(?:call|conversation)\b|\bhangs? up\b/i
const HANDS_OVER = /\b(?:transfer|transfers|escalate|escalates|hand ?off|hand over|connect|connects)\b/i
const WISH =
  /\b(?:i (?:would like|want|need|wish)|i am (?:calling|looking|trying) to|can (?:i|we|you)|could (?:i|we|you)|may i|let me|please|help me)\b/

const IN_NAME = 3
const IN_DESCRIPTION = 1
const ENOUGH = 2
const SURE = 3

interface Vocabulary {
  readonly name: ReadonlySet<string>
  readonly all: ReadonlySet<string>
  /** Stems of the deeds in the name: "book", "cancel". */
  readonly verbs: readonly string[]
}

function vocabularyOf({ name, description }: LlmTool): Vocabulary {
  const inName = contentStems(words(wordsOfName(name))).filter((word) => !GENERIC.has(word))
  const told = contentStems(words(description.replace(/\([^)]*\)/g, ' '))).filter((word) => !GENERIC.has(word))
  return { name: new Set(inName), all: new Set([...inName, ...told]), verbs: inName.filter((word) => DEEDS.has(word)) }
}

const stems = (list: string): ReadonlySet<string> => new Set(list.split(' ').map(stem))
const DEEDS = stems(
  'book order reserve schedule reschedule cancel change transfer send pay buy register submit create place',
)
const UNDOES = stems('cancel change reschedule')
/** In the names of many tools, and telling of none. */
const GENERIC = stems(
  'fetch look lookup search query list show retrieve read run current given specific return returns data api tool based',
)
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map(
  (
    [
      ['temperature forecast rain raining sunny cold hot snow umbrella', 'weather'],
      ['package parcel shipment', 'order'],
      ['track tracking where', 'status'],
      ['table', 'book'],
      ['human person agent representative operator', 'transfer'],
      ['move postpone', 'reschedule'],
      ['mail text message', 'send'],
      ['call', 'phone'],
    ] as const
  ).flatMap(([said, meant]) => said.split(' ').map((word) => [stem(word), [stem(meant)]] as const)),
)
