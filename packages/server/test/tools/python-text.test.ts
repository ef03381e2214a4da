// Values in the query of an HTTP tool (protocol section 7.5).
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pythonText } from '../../dist/tools/python-text.js'
import { pythonTexts } from './python-texts.js'

it('a value is written as Python writes it', () => {
  for (const [json, text] of pythonTexts) assert.equal(pythonText(JSON.parse(json)), text, json)
})
