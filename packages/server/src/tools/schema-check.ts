// A value against a JSON Schema that anybody may have written: interpreted, never compiled, within a fixed amount of work.
import { isDeepStrictEqual } from 'node:util'
import type { ArgumentProblem } from '@parley/conversation'
import { asType, type JsonType, kindOf, typesIn } from './argument-types.js'
import { formatFor, hasFormat } from './formats.js'
import { isCompiled, patternFor } from './patterns.js'

export interface Checked {
  /** As the schema wants it, where that could be had without guessing; the very value that was given where nothing changed. */
  readonly value: unknown
  readonly problems: readonly ArgumentProblem[]
}

/**
 * One value, checked once. Whatever is malformed in the schema is passed over; `notes` says what could not be held to,
 * in words without values. References within the schema are followed, others never.
 */
export class SchemaCheck {
  readonly notes: string[] = []
  readonly #root: Schema
  #steps = MOST_STEPS
  #matching = MOST_MATCHING
  #compiling = MOST_COMPILED

  constructor(root: Schema) {
    this.#root = root
  }

  check(schema: unknown, value: unknown, path: string, depth = 0): Checked {
    if (!isSchema(schema) || !this.#mayGoOn(depth)) return fine(value)
    const typed = asType(value, typesIn(schema))
    if (typed === undefined) return { value, problems: [wrongType(path, typesIn(schema))] }
    const rules = [this.#reference, this.#choices, this.#text, this.#number, this.#list, this.#object, this.#combined]
    let checked = fine(typed.value)
    for (const rule of rules) {
      const next = rule.call(this, schema, checked.value, path, depth)
      checked = { value: next.value, problems: [...checked.problems, ...next.problems] }
    }
    return checked
  }

  #mayGoOn(depth: number, steps = 1): boolean {
    this.#steps -= steps
    if (this.#steps > 0 && depth < DEEPEST) return true
    this.#note('The schema takes too much work to be checked in full.')
    return false
  }

  #note(text: string): void {
    if (this.notes.length < MOST_NOTES && !this.notes.includes(text)) this.notes.push(text)
  }

  #reference(schema: Schema, value: unknown, path: string, depth: number): Checked {
    if (typeof schema.$ref !== 'string') return fine(value)
    const target = this.#resolved(schema.$ref)
    if (target === undefined) this.#note(`The reference of ${named(path)} leads nowhere within its own schema.`)
    return this.check(target, value, path, depth + 1)
  }

  /** `#/$defs/address`. */
  #resolved(reference: string): unknown {
    const [before, pointer = ''] = reference.split('#', 2)
    if (before !== '') return undefined
    let target: unknown = this.#root
    for (const part of pointer.split('/').slice(1, DEEPEST)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      target =
        (isSchema(target) || Array.isArray(target)) && Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined
    }
    return target
  }

  #choices({ enum: choices, ...schema }: Schema, value: unknown, path: string): Checked {
    const allowed = Array.isArray(choices) ? choices : Object.hasOwn(schema, 'const') ? [schema.const] : undefined
    if (allowed === undefined || allowed.length === 0) return fine(value)
    this.#steps -= allowed.length
    if (allowed.some((choice) => isDeepStrictEqual(choice, value))) return fine(value)
    const meant = allowed.filter((choice) => sameWords(choice, value))
    if (meant.length === 1) return fine(meant[0])
    const listed = allowed.slice(0, MOST_LISTED).map((choice) => JSON.stringify(choice).slice(0, LONGEST_LISTED))
    const more = allowed.length > MOST_LISTED ? ', …' : ''
    return bad(value, path, allowed.length === 1 ? `be ${listed[0]}` : `be one of ${listed.join(', ')}${more}`)
  }

  #text({ minLength, maxLength, pattern, format }: Schema, given: unknown, path: string): Checked {
    if (typeof given !== 'string') return fine(given)
    const form = formatFor(format)
    const value = typeof pattern === 'string' || form ? given.trim() : given
    if (form && !hasFormat(value, form)) return bad(value, path, `be ${form.form}`)
    if (typeof pattern === 'string' && !this.#matches(value, pattern, path))
      return bad(value, path, `match the pattern ${pattern} as a whole`)
    const length = typeof minLength === 'number' || typeof maxLength === 'number' ? characters(value) : 0
    if (typeof minLength === 'number' && length < minLength)
      return bad(value, path, `have at least ${minLength} characters`)
    if (typeof maxLength === 'number' && length > maxLength)
      return bad(value, path, `have at most ${maxLength} characters`)
    return fine(value)
  }

  /** A pattern that cannot be held to holds for everything. */
  #matches(value: string, source: string, path: string): boolean {
    if (!isCompiled(source)) this.#compiling -= 1
    const pattern = this.#compiling < 0 ? undefined : patternFor(source)
    if (pattern?.is === 'not enforced') this.#note(`The pattern of ${named(path)} is not enforced: ${pattern.why}.`)
    if (pattern?.is !== 'enforced') {
      if (pattern === undefined) this.#note('The schema has too many patterns to be checked at once.')
      return true
    }
    this.#matching -= pattern.work * (value.length + 1)
    if (this.#matching >= 0) return pattern.matches(value)
    this.#note(`The value of ${named(path)} is too long for its pattern to be checked.`)
    return true
  }

  #number(schema: Schema, value: unknown, path: string): Checked {
    if (typeof value !== 'number') return fine(value)
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
    const above = exclusiveMinimum === true ? minimum : exclusiveMinimum
    const below = exclusiveMaximum === true ? maximum : exclusiveMaximum
    if (typeof minimum === 'number' && value < minimum) return bad(value, path, `be at least ${minimum}`)
    if (typeof maximum === 'number' && value > maximum) return bad(value, path, `be at most ${maximum}`)
    if (typeof above === 'number' && value <= above) return bad(value, path, `be more than ${above}`)
    if (typeof below === 'number' && value >= below) return bad(value, path, `be less than ${below}`)
    if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(value, multipleOf))
      return bad(value, path, `be a multiple of ${multipleOf}`)
    return fine(value)
  }

  #list(schema: Schema, value: unknown, path: string, depth: number): Checked {
    if (!Array.isArray(value) || !this.#mayGoOn(depth, value.length)) return fine(value)
    const { minItems, maxItems, uniqueItems, items } = schema
    if (typeof minItems === 'number' && value.length < minItems)
      return bad(value, path, `have at least ${minItems} entries`)
    if (typeof maxItems === 'number' && value.length > maxItems)
      return bad(value, path, `have at most ${maxItems} entries`)
    if (uniqueItems === true && hasScalarTwice(value)) return bad(value, path, 'have no entry twice')
    const first = Array.isArray(items) ? items : Array.isArray(schema.prefixItems) ? schema.prefixItems : []
    const rest = Array.isArray(items) ? schema.additionalItems : items
    const entries = value.map((item, index) =>
      this.check(index < first.length ? first[index] : rest, item, `${path}[${index}]`, depth + 1),
    )
    const isAsGiven = entries.every((entry, index) => entry.value === value[index])
    return {
      value: isAsGiven ? value : entries.map((entry) => entry.value),
      problems: entries.flatMap(({ problems }) => problems),
    }
  }

  #object(schema: Schema, value: unknown, path: string, depth: number): Checked {
    if (kindOf(value) !== 'object' || (!schema.properties && !schema.required && schema.additionalProperties == null))
      return fine(value)
    const properties = isSchema(schema.properties) ? schema.properties : {}
    const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []
    const problems: ArgumentProblem[] = []
    const kept: [string, unknown][] = []
    // true: its kind is object
    const given = Object.entries(value as object)
    if (!this.#mayGoOn(depth, given.length)) return fine(value)
    for (const [name, entry] of given) {
      const at = path === '' ? name : `${path}.${name}`
      const isKnown = Object.hasOwn(properties, name)
      if (!isKnown && schema.additionalProperties === false && schema.patternProperties === undefined) {
        problems.push({ argument: at, why: `The tool has no argument ${at}: leave it out.` })
        continue
      }
      const checked = this.check(isKnown ? properties[name] : schema.additionalProperties, entry, at, depth + 1)
      // null stands for "nothing" wherever it is no value of its own
      if (entry === null && checked.problems.length > 0) continue
      problems.push(...checked.problems)
      kept.push([name, checked.value])
    }
    const names = new Set(kept.map(([name]) => name))
    this.#steps -= required.length
    for (const name of required.slice(0, MOST_STEPS)) {
      const at = path === '' ? name : `${path}.${name}`
      if (!names.has(name) && !problems.some(({ argument }) => argument === at))
        problems.push({ argument: at, why: `${at} is required and was left out.` })
    }
    const isAsGiven = kept.length === given.length && kept.every(([, entry], index) => entry === given[index]![1])
    return { value: isAsGiven ? value : Object.fromEntries(kept), problems }
  }

  #combined(schema: Schema, value: unknown, path: string, depth: number): Checked {
    let checked = fine(value)
    for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) {
      const next = this.check(part, checked.value, path, depth + 1)
      checked = { value: next.value, problems: [...checked.problems, ...next.problems] }
    }
    for (const branches of [schema.anyOf, schema.oneOf]) {
      if (checked.problems.length > 0 || !Array.isArray(branches) || branches.length === 0) continue
      checked = this.#anyOf(branches, checked.value, path, depth)
    }
    if (isSchema(schema.not) && checked.problems.length === 0 && this.#isExactly(schema.not, checked.value, depth))
      return bad(value, path, 'not have this form')
    return checked
  }

  /** A branch that the value fits as it stands goes before one that it is made to fit. Of `oneOf`, several may fit. */
  #anyOf(branches: readonly unknown[], value: unknown, path: string, depth: number): Checked {
    const tried: Checked[] = []
    for (const branch of branches) {
      const next = this.check(branch, value, path, depth + 1)
      if (next.problems.length === 0 && next.value === value) return next
      tried.push(next)
    }
    const fitting = tried.find(({ problems }) => problems.length === 0)
    if (fitting) return fitting
    // what is wrong inside says more than that it is of another type
    const inside = tried.find(({ problems }) => problems.every(({ argument }) => argument !== path))
    return inside ?? tried.findLast(({ problems }) => !problems[0]!.why.endsWith('must be null.')) ?? tried[0]!
  }

  #isExactly(schema: Schema, value: unknown, depth: number): boolean {
    const checked = this.check(schema, value, '', depth + 1)
    return checked.problems.length === 0 && checked.value === value
  }
}

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema => kindOf(value) === 'object'
const fine = (value: unknown): Checked => ({ value, problems: [] })
const named = (path: string): string => (path === '' ? 'the arguments' : path)
const subject = (path: string): string => (path === '' ? 'The arguments' : path)
const bad = (value: unknown, path: string, rule: string): Checked => ({
  value,
  problems: [{ argument: path, why: `${subject(path)} must ${rule}.` }],
})

const wrongType = (path: string, types: readonly JsonType[]): ArgumentProblem => ({
  argument: path,
  why: `${subject(path)} must be ${types.map((type) => TYPE_NAMES[type]).join(' or ')}.`,
})

const TYPE_NAMES: Readonly<Record<JsonType, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

const sameWords = (one: unknown, other: unknown): boolean =>
  (typeof one === 'string' || typeof one === 'number') &&
  (typeof other === 'string' || typeof other === 'number') &&
  String(one).trim().toLowerCase() === String(other).trim().toLowerCase()

/** Lists and objects among the entries are not compared: that would cost more than it is worth. */
const hasScalarTwice = (list: readonly unknown[]): boolean => {
  const scalars = list.filter((entry) => typeof entry !== 'object')
  return new Set(scalars).size < scalars.length
}

const characters = (text: string): number => [...text].length

const isMultiple = (value: number, step: number): boolean => {
  const times = value / step
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}

/** Schemas and entries looked at for one call; real ones need some tens. */
const MOST_STEPS = 5000
/** Instructions of the automaton times characters: at worst about 50 ms. */
const MOST_MATCHING = 120_000
/** Patterns that are new to the server, for one call. */
const MOST_COMPILED = 16
/** Beyond the depth that a schema may have itself: references lead further down. */
const DEEPEST = 100
const MOST_NOTES = 8
const MOST_LISTED = 20
const LONGEST_LISTED = 80
