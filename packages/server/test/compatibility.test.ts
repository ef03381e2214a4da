// docs/compatibility.md says of every point what the tests show, and no more.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const page = new URL('../../../docs/compatibility.md', import.meta.url)
const LAST = 179

const rows = readFileSync(page, 'utf8')
  .split('\n')
  .map((line) => /^\| (\d+) \| (.+) \| `(passes|next|differs)`(.*) \| (.*) \|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, number, , state, remark, links]) => ({
    number: Number(number),
    state,
    remark,
    files: [...links!.matchAll(/\]\((.+?)\)/g)].map(([, path]) => new URL(path!, page)),
  }))

/** The points that the names of the tests in a file give: `(7)`, `(9-11, 20)`. */
function pointsOf(file: URL): ReadonlySet<number> {
  const names = readFileSync(file, 'utf8').matchAll(/\b(?:test|it)\(\s*(['"`])(.*?)\1,/gs)
  const ranges = [...names].flatMap(([, , name]) =>
    [...name!.matchAll(/\(((?:\d+(?:-\d+)?(?:, )?)+)\)/g)].flatMap(([, list]) => list!.split(', ')),
  )
  return new Set(
    ranges.flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number)
      return Array.from({ length: to! - from! + 1 }, (_, index) => from! + index)
    }),
  )
}

test('every point has its row', () => {
  assert.deepEqual(
    rows.map(({ number }) => number),
    Array.from({ length: LAST }, (_, index) => index + 1),
  )
})

test('every test file that is named is there, and has a test of that point', () => {
  for (const { number, state, files, remark } of rows) {
    for (const file of files) {
      assert.ok(existsSync(file), `${number}: there is no ${file.pathname}`)
      if (state === 'passes') assert.ok(pointsOf(file).has(number), `${number}: no test of it in ${file.pathname}`)
    }
    if (state === 'passes') assert.ok(files.length > 0, `${number} passes without a test`)
    if (state === 'differs') assert.ok(remark !== '', `${number} differs without a reason`)
  }
})
