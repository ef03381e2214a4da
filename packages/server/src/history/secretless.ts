// Settings as they may be kept: without the values that are secret, should one ever be among them (protocol.md section 7.5).

/** A copy without keys of models and without values of headers; names of headers stay. */
export function secretless<Value>(value: Value): Value {
  // what is left out is optional wherever it stands
  return stripped(value) as Value
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      if (key === 'api_key' && typeof part === 'string') return []
      return [[key, key === 'headers' ? headers(part) : stripped(part)]]
    }),
  )
}

function headers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(header)
  // a map of names and values has nothing to keep but the names
  if (typeof value === 'object' && value !== null && Object.values(value).every((part) => typeof part === 'string'))
    return Object.keys(value).map((name) => ({ name }))
  return stripped(value)
}

function header(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  return Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'value'))
}
