// What of a session's settings is other than before, by dotted paths.
import { isDeepStrictEqual } from 'node:util'

type Settings = Readonly<Record<string, unknown>>

/** Members of objects are compared one by one, lists as a whole. */
export function changesBetween(before: Settings, after: Settings, path = ''): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]]
    if (isDeepStrictEqual(old, now)) continue
    if (isSettings(old) && isSettings(now)) Object.assign(changes, changesBetween(old, now, `${path}${key}.`))
    else changes[path + key] = now ?? null
  }
  return changes
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
