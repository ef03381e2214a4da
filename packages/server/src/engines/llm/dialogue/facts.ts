// The facts of a conversation, found by what is asked.
import MiniSearch from 'minisearch'
import { type Aspect, aspectOfStem, toldBy } from './aspects.js'
import { openDays } from './days.js'
import type { Fact } from './entries.js'
import { contentStems, weightOf, words } from './words.js'

/** What is looked for: stems and aspects, each with its weight in the whole. */
export interface Query {
  readonly stems: readonly string[]
  readonly aspects: readonly Aspect[]
  /** Those stems that come from what was asked earlier; they weigh half. */
  readonly recalled: ReadonlySet<string>
}

export interface Found {
  readonly fact: Fact
  /** The part of what was asked that the fact speaks of, 0 to 1. */
  readonly coverage: number
  /** Of a rule, the part of its condition that was asked for. */
  readonly condition: number
  readonly score: number
  readonly days: ReturnType<typeof openDays>
}

interface Entry {
  readonly id: number
  readonly text: string
  readonly keys: string
  readonly aspects: string
}

const ASPECT_WEIGHT = 0.8
const COMMON_WEIGHT = 0.5
const LEAST_WEIGHT = 0.5
const RECALLED_SHARE = 0.5
const marked = (aspect: Aspect): string => `@${aspect}`

export class Facts {
  readonly #index = new MiniSearch<Entry>({
    fields: ['text', 'keys', 'aspects'],
    tokenize: (text) => text.split(' '),
    processTerm: (term) => term,
    searchOptions: {
      boost: { keys: 1.2, aspects: 0.6 },
      fuzzy: (term) => (term.startsWith('@') || term.length < 5 ? false : term.length < 7 ? 0.2 : 0.3),
    },
  })
  readonly #facts: readonly Fact[]
  /** Of each fact the conditions of which one must be met: "pain or trouble breathing" is two. */
  readonly #conditions: readonly (readonly (readonly string[])[])[]
  readonly #days: readonly ReturnType<typeof openDays>[]
  readonly #vocabulary = new Set<string>()
  readonly #common: ReadonlySet<string>

  readonly #before: Facts | undefined

  /** `about`: whose facts these are; its words are in the air, so they tell little. `before`: what was known already. */
  constructor(facts: readonly Fact[], about: string, before?: Facts) {
    this.#facts = facts
    this.#before = before
    this.#common = new Set(contentStems(words(about)))
    this.#days = facts.map(({ text }) => openDays(words(text)))
    this.#conditions = facts.map(({ kind, keys }) =>
      kind === 'fact' ? [] : keys.split(/,| or /i).map((condition) => contentStems(words(condition))),
    )
    this.#index.addAll(
      facts.map(({ text, keys, kind }, id) => {
        // what a rule says is an order carried out; what calls for it is its condition
        const told = kind === 'fact' ? contentStems(words(text)) : []
        const asked = contentStems(words(keys))
        for (const word of [...told, ...asked]) this.#vocabulary.add(word)
        const aspects = kind === 'fact' ? [...new Set([...toldBy(text), ...toldBy(keys)])].map(marked) : []
        return { id, text: told.join(' '), keys: asked.join(' '), aspects: aspects.join(' ') }
      }),
    )
  }

  get all(): readonly Fact[] {
    return [...(this.#before?.all ?? []), ...this.#facts]
  }

  /** Whether a stem occurs in any fact. */
  knows(word: string): boolean {
    return this.#vocabulary.has(word) || (this.#before?.knows(word) ?? false)
  }

  /** The facts that speak of what is asked, the best first. */
  find(query: Query): Found[] {
    const found = [...(this.#before?.find(query) ?? []), ...this.#own(query)]
    return found.sort((a, b) => b.coverage - a.coverage || b.score - a.score)
  }

  #own({ stems, aspects, recalled }: Query): Found[] {
    // words that fit anything find nothing
    if (aspects.length === 0 && stems.every((word) => this.#weightOf(word) < LEAST_WEIGHT)) return []
    const weight = (word: string): number => this.#weightOf(word) * (recalled.has(word) ? RECALLED_SHARE : 1)
    const total = stems.reduce((sum, word) => sum + weight(word), 0) + aspects.length * ASPECT_WEIGHT
    const named = stems.map(aspectOfStem).filter((aspect) => aspect !== undefined)
    const terms = [...new Set([...stems, ...[...aspects, ...named].map(marked)])].join(' ')
    return this.#index.search(terms).map((result) => {
      // the id is the place in the list, as it was added
      const place = result.id as number
      const has = new Set(result.queryTerms)
      const ofStems = stems.reduce((sum, word) => sum + weight(word) * stemMatch(word, has), 0)
      const ofAspects = aspects.filter((aspect) => has.has(marked(aspect))).length * ASPECT_WEIGHT
      return {
        fact: this.#facts[place]!,
        coverage: (ofStems + ofAspects) / total,
        condition: this.#conditionMet(place, stems),
        score: result.score,
        days: this.#days[place]!,
      }
    })
  }

  #conditionMet(place: number, stems: readonly string[]): number {
    const met = this.#conditions[place]!.map((condition) => {
      const total = this.#weight(condition)
      return total === 0 ? 0 : this.#weight(condition.filter((word) => stems.includes(word))) / total
    })
    return Math.max(0, ...met)
  }

  #weight(stems: readonly string[]): number {
    return stems.reduce((sum, word) => sum + this.#weightOf(word), 0)
  }

  #weightOf(word: string): number {
    if (aspectOfStem(word) !== undefined) return 1
    return this.#common.has(word) ? COMMON_WEIGHT : weightOf(word)
  }
}

/** A stem that names an aspect is nearly met by any sentence that tells it. */
function stemMatch(word: string, has: ReadonlySet<string>): number {
  if (has.has(word)) return 1
  const aspect = aspectOfStem(word)
  return aspect !== undefined && has.has(marked(aspect)) ? 0.9 : 0
}
