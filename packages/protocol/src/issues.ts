// What a schema found wrong with a value, in words: where it is and what would be right.
import type { z } from 'zod'

export type Path = readonly PropertyKey[]

/** One thing that is wrong, and where. */
export interface Finding {
  readonly path: Path
  readonly issue: z.core.$ZodIssue
}

/** What `schema` makes of `value`, or all that is wrong with it, in the order of the schema's fields. */
export function examine<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { ok: true; value: z.output<Schema> } | { ok: false; findings: readonly Finding[] } {
  // without zod's own sentences, a message is there only where the schema gives one
  const result = schema.safeParse(value, { reportInput: true, error: () => '' })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, findings: firstOfEachPath(result.error.issues) }
}

/** One finding says enough of one value: whether a number is short enough for a text is of no interest. */
function firstOfEachPath(issues: readonly z.core.$ZodIssue[]): readonly Finding[] {
  const first = new Map<string, Finding>()
  for (const issue of issues) {
    const place = dotted(issue.path)
    if (!first.has(place)) first.set(place, { path: issue.path, issue })
  }
  return [...first.values()]
}

/** A finding that no schema made. `message`: a predicate of the path, or a whole sentence with a capital. */
export const finding = (path: Path, message: string, input?: unknown): Finding => ({
  path,
  issue: { code: 'custom', message, path: [...path], input },
})

/** `['tools', 0, 'name']` as `tools[0].name`. */
export const dotted = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')

/** Whether the type of what was sent is wrong, as opposed to a value of the right type that is not allowed. */
export function isShape({ issue }: Finding): boolean {
  if (issue.code === 'invalid_type' || issue.code === 'unrecognized_keys') return true
  return issue.code === 'invalid_value' && typeof issue.input !== 'string'
}

/** The finding as a sentence about `param`. */
export function sentence(found: Finding, param = dotted(found.path)): string {
  const text = predicate(found.issue)
  return isSentence(text) ? text : `'${param}' ${text}`
}

/** Whether a message stands by itself; the others say something of the parameter, as in `must be a string`. */
export const isSentence = (text: string): boolean => /^[A-Z]/.test(text)

/** Whether there is no value at all where one is due. */
export const isMissing = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' && issue.input === undefined

function predicate(issue: z.core.$ZodIssue): string {
  if (isMissing(issue)) return 'is required'
  if (issue.message !== '') return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? `a ${issue.expected}`}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of: '}${issue.values.map((value) => `'${String(value)}'`).join(', ')}`
    case 'too_small':
      return `must ${amount(issue.origin, 'at least', Number(issue.minimum))}`
    case 'too_big':
      return `must ${amount(issue.origin, 'at most', Number(issue.maximum))}`
    case 'unrecognized_keys':
      return 'has keys that are not known'
    default:
      return 'is not valid'
  }
}

function amount(origin: string, bound: string, number: number): string {
  if (origin === 'array') return `have ${bound} ${number} ${number === 1 ? 'entry' : 'entries'}`
  if (origin === 'string') return `be ${bound} ${number} ${number === 1 ? 'character' : 'characters'} long`
  return `be ${bound} ${number}`
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  object: 'an object',
  record: 'an object',
}
