// Values of a call that nobody said are found; values that somebody said, in whatever form, are not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unsaidValues } from '../dist/said-values.js'

const schema = (properties: Record<string, unknown>) => ({ type: 'object', properties })

test('a text counts as said when one of its words was', () => {
  const said = ['A table for Mr. Smith at the Blue Door.']
  assert.deepEqual(unsaidValues({ name: 'John Smith' }, schema({}), said), [])
  assert.deepEqual(unsaidValues({ name: 'SMITH' }, schema({}), said), [])
  assert.deepEqual(unsaidValues({ name: 'Napoleon' }, schema({}), said), ['name'])
})

test('an empty text was said by nobody', () => {
  assert.deepEqual(unsaidValues({ name: '' }, schema({}), ['My name is John.']), ['name'])
})

test('digits count however they were spoken', () => {
  const said = ['My number is five five five, oh 1 2 3.']
  assert.deepEqual(unsaidValues({ phone: '555-0123' }, schema({}), said), [])
  assert.deepEqual(unsaidValues({ phone: '555-9999' }, schema({}), said), ['phone'])
})

test('a number counts when its digits, or words for a number, were said', () => {
  assert.deepEqual(unsaidValues({ people: 12 }, schema({}), ['There will be 12 of us.']), [])
  assert.deepEqual(unsaidValues({ people: 2 }, schema({}), ['A table for a couple.']), [])
  assert.deepEqual(unsaidValues({ people: 4 }, schema({}), ['Some of us will come.']), ['people'])
})

test('what the schema names, and what is worked out, need not be repeated', () => {
  const properties = {
    size: { enum: ['large', 'small'] },
    unit: { const: 'celsius' },
    count: { default: 7 },
    day: { type: 'string', format: 'date' },
  }
  const args = { size: 'large', unit: 'celsius', count: 7, day: '2026-11-23', urgent: true, note: null }
  assert.deepEqual(unsaidValues(args, schema(properties), []), [])
  assert.deepEqual(unsaidValues({ size: 'huge' }, schema(properties), []), ['size'])
})

test('values inside lists and objects are named by their path', () => {
  const args = { guests: [{ name: 'Ada' }, { name: 'Bob' }], address: { city: 'Rome' } }
  assert.deepEqual(unsaidValues(args, schema({}), ['Ada and a friend.']), ['guests.1.name', 'address.city'])
})
