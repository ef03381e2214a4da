// docs/engines.md is what the engines and the examples say of themselves.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { definitions } from '../../dist/engines/index.js'
import { enginesPage } from '../../dist/engines/page.js'

const file = fileURLToPath(new URL('../../../../docs/engines.md', import.meta.url))
const page = await enginesPage()

test('docs/engines.md is current; otherwise run `npm run build && npm run docs`', () => {
  assert.equal(readFileSync(file, 'utf8'), page)
})

test('every engine has a row that tells what it is, and its options have their section', () => {
  for (const { kind, name } of definitions) {
    assert.match(page, new RegExp(`^\\| \`${kind}\` \\| \`${name}\` \\| .+ \\| .*\\w+ \\w+.* \\|$`, 'm'))
    assert.ok(page.includes(`### \`${name}\` (${kind})`))
  }
})

test('the texts of licences are where the page says', () => {
  const places = [...page.matchAll(/`(node_modules\/[^`]+)`/g)].map(([, place]) => place!)
  assert.ok(places.length >= 3)
  for (const place of places)
    assert.ok(readFileSync(fileURLToPath(new URL(`../../../../${place}`, import.meta.url)), 'utf8').length > 500, place)
})
