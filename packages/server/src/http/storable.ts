// Text that PostgreSQL cannot keep: the character NUL, and halves of characters.

/** The path to the first text in `value`, among its keys too, that cannot be stored; undefined when all can. */
export function unstorablePath(
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly (string | number)[] | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path
  if (Array.isArray(value)) return firstOf(value, (item, index) => unstorablePath(item, [...path, index]))
  if (typeof value !== 'object' || value === null) return undefined
  return firstOf(Object.entries(value), ([key, item]) =>
    isStorable(key) ? unstorablePath(item, [...path, key]) : path,
  )
}

const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text)

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item, index: number) => Found | undefined) {
  for (const [index, item] of items.entries()) {
    const found = find(item, index)
    if (found !== undefined) return found
  }
  return undefined
}
