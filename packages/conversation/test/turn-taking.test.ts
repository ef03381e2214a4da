// The judgement calls, with their figures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionPatch } from '@parley/protocol'
import { configure } from '../dist/config.js'
import { finished, paused } from '../dist/pace.js'
import type { Interjection, Said } from '../dist/state.js'
import { interruptionDelay, judge, silenceToWait } from '../dist/turn-taking.js'
import { nothingSaid } from '../dist/user-turn.js'

const settings = (input: NonNullable<SessionPatch['input']> = {}) => configure({ input }, 'alba')
const usual = { patience: 1 }
const said = (text: string, over: Partial<Said> = {}): Said => ({ ...nothingSaid, text, known: 'final', ...over })

test('each mode has its shortest and longest silence (protocol.md 5.3)', () => {
  const wait = (mode: 'min_latency' | 'balanced' | 'max_accuracy' | null, of: Said) =>
    silenceToWait(settings({ transcription_mode: mode }), of, '', usual).ms
  const unknown = said('', { known: 'not yet' })
  assert.deepEqual(
    [wait('min_latency', unknown), wait('balanced', unknown), wait(null, unknown), wait('max_accuracy', unknown)],
    [640, 1280, 1280, 2560],
  )
  const sure = said('', { predicted: 1, text: 'Thank you.' })
  assert.ok(wait('min_latency', sure) < 160 && wait('balanced', sure) < 180 && wait('max_accuracy', sure) < 620)
})

test('the figures for a question, a sentence, an open end and a value, in the balanced mode', () => {
  const wait = (text: string) => Math.round(silenceToWait(settings(), said(text), '', usual).ms)
  assert.deepEqual(
    ['What time is it?', 'I live in Paris.', 'I live in the.', 'I live um.', 'My number is five five.'].map(wait),
    [266, 474, 1222, 1280, 1920],
  )
})

test('a patient wait stays within the bounds of the mode', () => {
  const wait = (text: string, patience: number) =>
    Math.round(silenceToWait(settings(), said(text), '', { patience }).ms)
  assert.equal(wait('I live in Paris.', 1.5), 710)
  assert.equal(wait('I live in the.', 1.5), 1280)
  assert.equal(wait('I live in Paris.', 0.8), 379)
})

test('explicit bounds know neither the pace of the speaker nor values in progress (protocol.md 5.2)', () => {
  const wait = (text: string, patience = 1) =>
    silenceToWait(settings({ turn_detection: { min_silence: 500, max_silence: 2000 } }), said(text), '', { patience })
      .ms
  assert.equal(wait('I live in Paris.', 1.6), 500)
  assert.equal(wait('What time is it?'), 500)
  assert.equal(wait('I live in the.'), 2000)
  assert.equal(wait('My number is five five.'), 500)
  assert.equal(Math.round(wait('Tomorrow.')), 2000 - 1500 * 0.75)
})

test('the turn detector has the greater part in the judgement', () => {
  const wait = (predicted: number) =>
    Math.round(silenceToWait(settings(), said('I live in Paris.', { predicted }), '', usual).ms)
  assert.deepEqual([wait(1), wait(0)], [266, 957])
})

test('the interruption delay is that of the object, or else that of the mode', () => {
  assert.equal(interruptionDelay(settings()), 500)
  assert.equal(interruptionDelay(settings({ transcription_mode: 'min_latency' })), 0)
  assert.equal(interruptionDelay(settings({ transcription_mode: 'max_accuracy' })), 500)
  assert.equal(interruptionDelay(settings({ turn_detection: {} })), 500)
  assert.equal(interruptionDelay(settings({ turn_detection: { interruption_delay: 0 } })), 0)
  assert.equal(interruptionDelay(settings({ turn_detection: { interruption_delay: 900 } })), 900)
})

test('speech over a reply, while it goes on', () => {
  const until = (
    text: string,
    turnDetection: NonNullable<SessionPatch['input']>['turn_detection'] = null,
    answering = false,
  ) => {
    const speech: Interjection = { is: 'going on' }
    const config = settings({ turn_detection: turnDetection })
    const verdict = judge(config, { since: 1000, speech, said: said(text, { known: 'not yet' }), answering }, 1000)
    return verdict.is === 'open' ? verdict.until : verdict.is
  }
  assert.equal(until(''), 2200)
  assert.equal(until('mm-hm'), 3000)
  assert.equal(until('mm-hm', null, true), 1500)
  assert.equal(until('my name is'), 1500)
  assert.equal(until('wait'), 'interruption')
  assert.equal(until('', { interruption_delay: 300 }), 1300)
  assert.equal(until('mm-hm', { interruption_delay: 300 }), 3000)
  assert.equal(until('', { interruption_delay: 0 }), 'interruption')
})

test('speech over a reply, once it has stopped', () => {
  const verdict = (text: string, known: Said['known'], at: number) => {
    const speech: Interjection = { is: 'stopped', since: 1200, at: 1300 }
    const judged = judge(settings(), { since: 1000, speech, said: said(text, { known }), answering: false }, at)
    return judged.is === 'open' ? judged.until : judged.is
  }
  assert.equal(verdict('', 'not yet', 1400), 2100)
  assert.equal(verdict('tomorrow', 'not yet', 1400), 2100)
  assert.equal(verdict('', 'not yet', 2100), 'passing')
  assert.equal(verdict('tomorrow', 'not yet', 2100), 'interruption')
  assert.equal(verdict('', 'final', 1400), 'passing')
  assert.equal(verdict('Okay.', 'final', 1400), 'passing')
  assert.equal(verdict('Tomorrow.', 'final', 1400), 'interruption')
})

test('pauses within a thought make patient, fluent speech impatient, within bounds', () => {
  const near = (found: number, wanted: number) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found}`)
  near(paused(usual, 800).patience, 1.24)
  near(paused(usual, 300).patience, 1)
  near(paused({ patience: 1.5 }, 600).patience, 1.5)
  let pace = usual
  for (let count = 0; count < 50; count++) pace = paused(pace, 9000)
  assert.ok(pace.patience > 1.59 && pace.patience <= 1.6)
  near(finished(usual, said('', { speech: 5000 })).patience, 0.95)
  near(finished(usual, said('', { speech: 5000, pauses: 1 })).patience, 1)
  near(finished({ patience: 1.5 }, said('', { speech: 1000 })).patience, 1.45)
  for (let count = 0; count < 50; count++) pace = finished(pace, said('', { speech: 9000 }))
  assert.ok(pace.patience >= 0.8 && pace.patience < 0.81)
})
