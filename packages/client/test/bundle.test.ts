// What the client brings along: its compiled modules load in a browser as they are, and import nothing from elsewhere.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

test('no compiled module imports a package, so no schema library reaches a page', () => {
  const dist = new URL('../dist/', import.meta.url)
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  assert.ok(modules.includes('index.js') && modules.includes('worklets/capture.js'))
  for (const name of modules) {
    const imports = readFileSync(new URL(name, dist), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
    for (const [, from] of imports) assert.match(from!, /^\.\.?\//, `${name} imports ${from}`)
  }
})
