// What has been heard, with a client that has a little of the sound ahead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heardBy, hold, type Playing, playedOutAt, playsAt, release, soundMade } from '../dist/playing.js'

const nothing: Playing = { is: 'nothing' }
const second = soundMade(nothing, 1000, 100)

test('sound plays from when there is some', () => {
  assert.equal(heardBy(nothing, 500), 0)
  assert.equal(heardBy(second, 100), 0)
  assert.equal(heardBy(second, 400), 300)
  assert.equal(heardBy(second, 5000), 1000)
  assert.equal(playedOutAt(second), 1100)
})

test('sound that comes in time joins on, late sound leaves a gap', () => {
  assert.equal(playedOutAt(soundMade(second, 500, 200)), 1600)
  const late = soundMade(second, 500, 2000)
  assert.equal(playedOutAt(late), 2500)
  assert.equal(heardBy(late, 2200), 1200)
  assert.equal(playsAt(late, 1000), 2000)
})

test('while sound is held the client plays only what it has', () => {
  const held = hold(second, 200, 400)
  assert.equal(heardBy(held, 500), 400)
  assert.equal(heardBy(held, 600), 500)
  assert.equal(heardBy(held, 900), 500)
  assert.equal(playedOutAt(held), undefined)
  assert.equal(playsAt(held, 400), 500)
  assert.equal(playsAt(held, 500), undefined)
  assert.equal(playsAt(held, 800), undefined)
})

test('held near its end, all sound has already left', () => {
  const held = hold(second, 200, 1000)
  assert.equal(playedOutAt(held), 1100)
  assert.equal(heardBy(held, 1100), 1000)
  assert.equal(playedOutAt(soundMade(held, 300, 1050)), undefined)
})

test('resumed in time there is no gap; later, the rest plays from then on', () => {
  const held = hold(second, 200, 400)
  assert.equal(playedOutAt(release(held, 450)), 1100)
  assert.equal(playedOutAt(release(held, 600)), 1100)
  assert.equal(playedOutAt(release(held, 900)), 1400)
  assert.equal(heardBy(release(held, 900), 1000), 600)
})

test('sound made while held is played after the hold', () => {
  const held = soundMade(hold(second, 200, 400), 500, 450)
  assert.equal(heardBy(held, 2000), 500)
  assert.equal(playedOutAt(release(held, 900)), 1900)
})

test('a gap is held and resumed like silence', () => {
  const held = hold(second, 200, 3000)
  assert.equal(heardBy(held, 3000), 1000)
  assert.equal(playedOutAt(release(soundMade(held, 400, 3100), 3500)), 3900)
})
