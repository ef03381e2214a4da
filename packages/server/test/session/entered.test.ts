// Secret digits in what a tool gives back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutSecrets } from '../../dist/session/entered.js'

test('secret digits that a tool gives back are taken out of its words, in groups too', () => {
  for (const [result, told] of [
    ['{"card":41112222,"cents":250}', '{"card":[hidden],"cents":250}'],
    ['4111-2222, 4111 2222, 41.11.22.22', '[hidden], [hidden], [hidden]'],
    ['4111, then 2222', '4111, then 2222'],
  ] as const)
    assert.equal(withoutSecrets(result, ['41112222']), told)
})

test('a few digits are found in any text by chance, and are left in it', () => {
  assert.equal(withoutSecrets('It costs 123.', ['123']), 'It costs 123.')
})
