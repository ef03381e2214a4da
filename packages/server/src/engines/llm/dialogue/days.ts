// Days of the week that a sentence speaks of.

const NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const ALL = [0, 1, 2, 3, 4, 5, 6]

export const nameOfDay = (day: number): string => {
  const name = NAMES[day] ?? ''
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const dayOf = (word: string): number => NAMES.findIndex((name) => name === word || `${name}s` === word)

/** From 0 for Monday; of "Monday to Friday" all five. Empty when no day is named. */
export function daysIn(spoken: readonly string[]): Set<number> {
  const days = new Set<number>()
  spoken.forEach((word, at) => {
    if (word === 'daily' || (word === 'week' && /\b(7 days a|all) week\b/.test(spoken.join(' '))))
      for (const day of ALL) days.add(day)
    if ((word === 'day' || word === 'days') && spoken[at - 1] === 'every') for (const day of ALL) days.add(day)
    if (word === 'weekday' || word === 'weekdays') for (const day of ALL.slice(0, 5)) days.add(day)
    if (word === 'weekend' || word === 'weekends') for (const day of ALL.slice(5)) days.add(day)
    const first = dayOf(word)
    if (first < 0) return
    days.add(first)
    const isRange = ['to', 'through', 'till', 'until', 'thru'].includes(spoken[at + 1] ?? '')
    const last = isRange ? dayOf(spoken[at + 2] ?? '') : -1
    // Friday to Monday goes round the end of the week
    for (let day = first; last >= 0 && day !== last; ) {
      day = (day + 1) % 7
      days.add(day)
    }
  })
  return days
}

/** The days on which it is closed, and those on which it is open, by what the sentence says. */
export function openDays(spoken: readonly string[]): { readonly open: Set<number>; readonly closed: Set<number> } {
  const text = spoken.join(' ')
  const cut = text.search(/\b(closed|not open|except|excluding|apart from)\b/)
  const before = daysIn(cut < 0 ? spoken : text.slice(0, cut).split(' '))
  // "closed Sundays, open the rest" or "on Sundays it is closed": what follows "closed" is closed, else what leads to it
  const after = daysIn(
    cut < 0
      ? []
      : text
          .slice(cut)
          .split(/ open /)[0]!
          .split(' '),
  )
  if (cut >= 0 && after.size === 0) return { open: new Set(), closed: before }
  for (const day of after) before.delete(day)
  return { open: before, closed: after }
}
