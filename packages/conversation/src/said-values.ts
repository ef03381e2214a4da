// Values that nobody said: arguments of a tool call that the model made up (protocol.md 7.1).
import type { Arguments } from './model.js'
import { isDateSaid } from './said-dates.js'
import { isNumberSaid } from './said-numbers.js'
import { isTextSaid } from './said-text.js'
import { type Spoken, spokenIn } from './spoken-sources.js'

/**
 * The dotted paths of arguments whose values occur in none of the `sources`: what users said and what tools answered, not
 * the prompt. `schema`: the tool's parameters; what is malformed in it is passed over.
 *
 * Choices (`enum`, `const`, `default`, true and false) are the model's to make. Numbers, names, addresses, dates and
 * codes must have been said in one form or another; texts such as a summary may be put in other words. An empty text is
 * made up. In doubt a value counts as said: refusing what was said is worse for the caller than letting one through.
 */
export function unsaidValues(
  args: Arguments,
  schema: Readonly<Record<string, unknown>>,
  sources: readonly string[],
): readonly string[] {
  const unsaid: string[] = []
  const look: Look = { root: schema, spoken: spokenIn(sources), unsaid }
  lookInto(args, [schema], '', '', look, 0)
  return unsaid
}

type Schema = Readonly<Record<string, unknown>>

interface Look {
  readonly root: Schema
  readonly spoken: Spoken
  readonly unsaid: string[]
}

/** `about`: the name and the description of what is looked into. */
function lookInto(
  value: unknown,
  schemas: readonly Schema[],
  about: string,
  path: string,
  look: Look,
  depth: number,
): void {
  if (depth > DEEPEST || look.unsaid.length >= MOST_UNSAID) return
  const all = schemas.flatMap((schema) => withBranches(schema, look.root, 0))
  if (Array.isArray(value)) {
    const items = all.flatMap(({ items: one, prefixItems: more }) => [one, ...(Array.isArray(more) ? more : [])])
    for (const [index, entry] of value.entries())
      lookInto(entry, items.filter(isSchema), `${about} ${described(all)}`, `${path}[${index}]`, look, depth + 1)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, entry] of Object.entries(value)) {
      const schema = all.map(({ properties }) => property(properties, name)).filter(isSchema)
      const inner = path === '' ? name : `${path}.${name}`
      lookInto(entry, schema, wordsOfName(name), inner, look, depth + 1)
    }
  } else if (!isChoice(value, all) && !isSaid(value, `${about} ${described(all)}`.toLowerCase(), look.spoken))
    look.unsaid.push(path)
}

function isSaid(value: unknown, about: string, spoken: Spoken): boolean {
  if (typeof value === 'number') return isNumberSaid(value, about, spoken)
  if (typeof value !== 'string') return true
  const text = value.trim()
  if (text === '') return false
  return isDateSaid(text, spoken) ?? isTextSaid(text, about, spoken)
}

const isChoice = (value: unknown, schemas: readonly Schema[]): boolean =>
  schemas.some(
    (schema) =>
      (Array.isArray(schema.enum) && schema.enum.includes(value)) ||
      (Object.hasOwn(schema, 'const') && schema.const === value) ||
      (Object.hasOwn(schema, 'default') && schema.default === value && value !== ''),
  )

/** The schema with those that it is combined of, and what it refers to. */
function withBranches(schema: Schema, root: Schema, depth: number): readonly Schema[] {
  if (depth > DEEPEST_BRANCHES) return []
  const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list.slice(0, MOST_BRANCHES) : [],
  )
  const target = typeof schema.$ref === 'string' ? resolved(schema.$ref, root) : undefined
  return [schema, ...[...branches, target].filter(isSchema).flatMap((branch) => withBranches(branch, root, depth + 1))]
}

/** `#/$defs/address`. */
const resolved = (reference: string, root: Schema): unknown =>
  reference.startsWith('#/')
    ? reference
        .slice(2)
        .split('/')
        .reduce<unknown>((target, key) => property(target, key), root)
    : undefined

const property = (value: unknown, name: string): unknown =>
  isSchema(value) && Object.hasOwn(value, name) ? value[name] : undefined

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const described = (schemas: readonly Schema[]): string =>
  schemas.map(({ description }) => (typeof description === 'string' ? description : '')).join(' ')

/** "orderId", "order_id" and "order-id" are "order id". */
const wordsOfName = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_\W]+/g, ' ')

const DEEPEST = 32
const DEEPEST_BRANCHES = 4
const MOST_BRANCHES = 16
const MOST_UNSAID = 20
