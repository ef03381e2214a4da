// The types of JSON Schema, and values brought to them where models write the right thing in another form.

export type JsonType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null'

export function kindOf(value: unknown): Exclude<JsonType, 'integer'> | 'other' {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'object' ? type : 'other'
}

/** What `type` allows; empty: anything. */
export function typesIn({ type, nullable }: Readonly<Record<string, unknown>>): readonly JsonType[] {
  const types = (Array.isArray(type) ? type : [type]).filter(isType)
  return nullable === true && types.length > 0 ? [...types, 'null'] : types
}

/**
 * The value as one of the types, or undefined. Besides the value itself only what means the same is taken: digits in
 * quotation marks for a number, a whole number for text, "true", and a list or an object that was written as text.
 */
export function asType(value: unknown, types: readonly JsonType[]): { readonly value: unknown } | undefined {
  if (types.length === 0 || types.some((type) => isOf(value, type))) return { value }
  if (typeof value === 'number' && types.includes('string') && Number.isSafeInteger(value))
    return { value: String(value) }
  if (typeof value !== 'string' || value.length > LONGEST_REWRITTEN) return undefined
  const text = value.trim()
  if (!/^(?:-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?|true|false|[[{].*[\]}])$/s.test(text)) return undefined
  const meant = parsed(text)
  return types.some((type) => isOf(meant, type)) ? { value: meant } : undefined
}

const TYPES: readonly unknown[] = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null']
const isType = (type: unknown): type is JsonType => TYPES.includes(type)

const isOf = (value: unknown, type: JsonType): boolean =>
  type === 'integer' ? Number.isInteger(value) : kindOf(value) === type

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const LONGEST_REWRITTEN = 10_000
