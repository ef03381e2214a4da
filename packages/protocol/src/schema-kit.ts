// The building blocks that the schemas share: lists and JSON values that hostile input cannot make expensive.
import { z } from 'zod'
import { limits } from './limits.js'

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list of at most `max` items. What lies beyond is not even looked at, so a huge list costs no more than a full one. */
export const list = <Item extends z.ZodType>(item: Item, max: number, least = 0) =>
  z.preprocess(
    (value) => (Array.isArray(value) && value.length > max ? value.slice(0, max + 1) : value),
    z.array(item).min(least).max(max),
  )

/** A check of a list: no two of its items have the same `key`. */
export const unique =
  <Item extends object>(key: keyof Item & string) =>
  ({ value, issues }: z.core.ParsePayload<Item[]>): void => {
    const seen = new Set<unknown>()
    for (const [index, item] of value.entries()) {
      const input = item[key]
      if (seen.has(input)) issues.push({ code: 'custom', message: 'must be unique', path: [index, key], input })
      seen.add(input)
    }
  }

/** A JSON object that is passed on as it is. Bounded in depth, because it will be written out again recursively. */
export const jsonObject = () =>
  z.record(z.string(), z.unknown()).refine((value) => !isDeeperThan(limits.jsonDepth, value), {
    error: `must not be nested deeper than ${limits.jsonDepth} levels`,
  })

/** An `http` or `https` URL. Whether plain `http` and private hosts are allowed is for the server to say. */
export const webUrl = () =>
  z
    .url({
      protocol: /^https?$/,
      error: ({ code }) => (code === 'invalid_format' ? 'must be an https URL' : undefined),
    })
    .max(limits.urlCharacters)

/** Whether `value` has more than `depth` objects or arrays inside one another. Not recursive: the stack is not for the client to fill. */
function isDeeperThan(depth: number, value: unknown): boolean {
  let level = [value].filter(isContainer)
  for (let reached = 0; level.length > 0; reached++) {
    if (reached === depth) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
