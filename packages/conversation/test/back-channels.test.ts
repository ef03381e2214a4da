// What weight words have that are said while the agent speaks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Weight, weightOf } from '../dist/back-channels.js'

const check = (weight: Weight, texts: readonly string[]): void => {
  for (const text of texts) assert.equal(weightOf(text), weight, text)
}

test('sounds and tags are nothing', () => check('nothing', ['', '...', '[laughter]', '(laughs)', '*coughs*', ' , ']))

test('a word of attention does not take the floor', () =>
  check('back-channel', [
    'Mm-hm.',
    'mm hmm',
    'Uh-huh.',
    'Yeah.',
    'Yeah, yeah.',
    'Okay.',
    'Right.',
    'I see.',
    'Oh, I see, okay.',
    'Got it.',
    'That makes sense.',
    'Yeah [laughter] right.',
    'Oh no.',
    'Hmm...',
  ]))

test('a word that asks for the floor is told from other words', () =>
  check('stop', [
    'Wait.',
    'Stop it',
    'No.',
    'No, no.',
    'Hold on a second',
    'Excuse me',
    'But wait',
    'okay hang on',
    'Actually, no',
  ]))

test('other words have content', () =>
  check('content', [
    'Tomorrow.',
    'yes please',
    'my name',
    'okay but why',
    'I see the point',
    'the',
    'yeah my name is John',
  ]))
