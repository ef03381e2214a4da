// The package reads no clock, rolls no dice and reaches nothing outside: time and chance are given.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const folder = new URL('../src/', import.meta.url)
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))

test('no source reads a clock, rolls dice or waits', () => {
  for (const { name, text } of sources) {
    const code = text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')
    assert.doesNotMatch(
      code,
      /\bMath\.random\b|\bDate\b|\bperformance\b|\bsetTimeout\b|\bawait\b|\basync\b|\bPromise\b/,
      name,
    )
  }
})

test('other packages are imported as types only', () => {
  for (const { name, text } of sources)
    for (const [statement] of text.matchAll(/^import [\s\S]*?from '[^']+'$/gm))
      assert.ok(/from '\.\//.test(statement) || statement.startsWith('import type'), `${name}: ${statement}`)
})

test('every source says in its first line what it is, and is short', () => {
  for (const { name, text } of sources) {
    assert.match(text, /^\/\/ .{20,}/, name)
    assert.ok(text.split('\n').length < 350, `${name} is long`)
  }
})
