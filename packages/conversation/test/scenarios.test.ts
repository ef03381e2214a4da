// Every file in `scenarios/` is a conversation that happens as it says.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compared, play } from './scenario.js'

const folder = new URL('../../../scenarios/', import.meta.url)

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(file.replace('.txt', '').replaceAll('-', ' '), () => {
    const played = play(readFileSync(new URL(file, folder), 'utf8'))
    assert.ok(played.expected.length > 0, 'a scenario expects something')
    const { wanted, found } = compared(played)
    assert.deepEqual(found, wanted)
  })
}
