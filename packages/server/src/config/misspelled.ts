// Variables of the environment that look like settings and are none.

/** What to say of variables that begin like settings and are none: a sentence each. `names`: of the settings. */
export function misspelled(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('PARLEY_') && !names.includes(name))
    .map((name) => {
      const [nearest] = names
        .map((known) => ({ known, distance: editDistance(name, known) }))
        .sort((a, b) => a.distance - b.distance)
      return `${name} is no setting of Parley and has no effect. Did you mean ${nearest?.known}?`
    })
}

/** How many letters must be put in, left out or changed to make `a` of `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const letter of a) {
    let diagonal = row[0]!
    const next = [diagonal + 1]
    for (let column = 1; column <= b.length; column++) {
      const above = row[column]!
      next.push(Math.min(above + 1, next[column - 1]! + 1, diagonal + (letter === b[column - 1] ? 0 : 1)))
      diagonal = above
    }
    row = next
  }
  return row[b.length]!
}
