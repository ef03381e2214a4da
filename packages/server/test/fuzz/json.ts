// JSON that is nearly right, or not at all: values at the edges, and documents with a few things changed in them.
import fc from 'fast-check'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const nested = (depth: number): Json => {
  let value: Json = []
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

const edges: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  5e-324,
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  '\u{1f600}'.repeat(30),
  '\u202e\u0301\ufeff',
  'x'.repeat(5000),
  'x'.repeat(70_000),
  '1e9',
  'null',
  '__proto__',
  'constructor',
  "'; drop table agents; --",
  '../../etc/passwd',
  'http://169.254.169.254/',
  'https://[::1]:1/',
  'https://user:secret@example.com/%00',
  'audio/pcm',
  'alba',
  [],
  {},
  [[]],
  [null],
  { length: -1 },
  { toString: 'x' },
  nested(70),
  nested(1000),
  Array<Json>(300).fill('x'),
]

export const value: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.constantFrom(...edges), weight: 4 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }).map((found) => found as Json), weight: 2 }, // true: that is what it makes
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
  { arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }), weight: 1 },
)

const key = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'type', 'id', 'extra', 'a\0', 'parley'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

type Change =
  | { readonly does: 'replace'; readonly at: readonly number[]; readonly value: Json }
  | { readonly does: 'remove' | 'wrap' | 'double'; readonly at: readonly number[] }
  | { readonly does: 'add'; readonly at: readonly number[]; readonly key: string; readonly value: Json }

const at = fc.array(fc.nat({ max: 30 }), { maxLength: 5 })
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ does: fc.constant('replace' as const), at, value }),
  fc.record({ does: fc.constantFrom('remove' as const, 'wrap' as const, 'double' as const), at }),
  fc.record({ does: fc.constant('add' as const), at, key, value }),
)

/** `original` with up to three changes anywhere in it; often as it is. */
export const nearly = (original: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(original, fc.array(change, { maxLength: 3 })).map(([document, changes]) => changes.reduce(applied, document))

/** The steps of `at` lead down as far as there is a way; what a step finds is chosen by its remainder. */
function applied(document: Json, made: Change, depth = 0): Json {
  const step = made.at[depth]
  const entries = isContainer(document) ? Object.entries(document) : []
  const chosen = step === undefined ? undefined : entries[step % Math.max(1, entries.length)]
  if (chosen === undefined) return here(document, made)
  const [name, inner] = chosen
  if (made.does === 'remove' && depth === made.at.length - 1) return without(document, name)
  const next = applied(inner, made, depth + 1)
  if (Array.isArray(document)) return document.map((item, index) => (String(index) === name ? next : item))
  return { ...(document as object), [name]: next }
}

function here(document: Json, made: Change): Json {
  switch (made.does) {
    case 'replace':
      return made.value
    case 'remove':
      return null
    case 'wrap':
      return [document]
    case 'double':
      return Array.isArray(document) ? [...document, ...document] : { again: document }
    case 'add':
      if (Array.isArray(document)) return [...document, made.value]
      return isContainer(document)
        ? Object.fromEntries([...Object.entries(document), [made.key, made.value]])
        : { [made.key]: made.value }
  }
}

const isContainer = (document: Json): document is readonly Json[] | { readonly [key: string]: Json } =>
  typeof document === 'object' && document !== null

function without(document: Json, name: string): Json {
  if (Array.isArray(document)) return document.filter((_, index) => String(index) !== name)
  return Object.fromEntries(Object.entries(document as object).filter(([key]) => key !== name))
}

/** Text that is sent where JSON is due. */
export const brokenText = fc.oneof(
  fc.constantFrom(
    '{',
    '{"type":',
    '[]',
    '"text"',
    'NaN',
    '{"type":"session.update","session":{"greeting":"a","greeting":null}}',
    '{"__proto__":{"type":"session.end"}}',
    '{"type":"session.update","session":{"__proto__":{"greeting":"a"}}}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    '\ufeff{"type":"session.end"}',
    '{"type":"session\\u002eend"}\0',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.tuple(fc.jsonValue(), fc.nat()).map(([found, cut]) => {
    const text = JSON.stringify(found)
    return text.slice(0, cut % (text.length + 1))
  }),
)
