// What has been heard, with a client that has a little of the sound ahead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  heardBy,
  hold,
  type Playing,
  playedOutAt,
  playsAt,
  release,
  soundMade,
  soundPlayed,
  unplayed,
} from '../dist/playing.js'

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

const phone = soundMade(unplayed(true), 1000, 100)

test('of a peer that confirms, hardly more counts as heard than it has confirmed', () => {
  assert.equal(heardBy(phone, 100), 0)
  assert.equal(heardBy(phone, 200), 100)
  assert.equal(heardBy(phone, 900), 120)
  const confirmed = soundPlayed(phone, 400, 500)
  assert.equal(heardBy(confirmed, 550), 450)
  assert.equal(heardBy(confirmed, 1000), 520)
})

test('of a peer that confirms nothing more, what should have been confirmed 2 s ago counts as heard', () => {
  assert.equal(heardBy(phone, 2600), 500)
  assert.equal(heardBy(phone, 9000), 1000)
  const late = soundPlayed(phone, 400, 700)
  assert.equal(heardBy(late, 3100), 800)
})

test('what the peer confirms puts the clock right, forwards and backwards', () => {
  const late = soundPlayed(phone, 400, 700)
  assert.equal(heardBy(late, 700), 400)
  assert.equal(heardBy(late, 750), 450)
  assert.equal(playsAt(late, 900), 1200)
  const early = soundPlayed(late, 500, 500)
  assert.equal(playsAt(early, 900), 900)
})

test('what was confirmed is heard, whatever the clock says', () => {
  assert.equal(heardBy(soundPlayed(phone, 400, 300), 100), 400)
})

test('what comes out of order, or makes no sense, changes nothing', () => {
  const confirmed = soundPlayed(phone, 400, 500)
  for (const offset of [400, 300, -1, Number.NaN]) assert.equal(soundPlayed(confirmed, offset, 900), confirmed)
  assert.deepEqual(soundPlayed(nothing, 100, 100), nothing)
  assert.deepEqual(soundPlayed(unplayed(true), 100, 100), unplayed(true))
  assert.equal(soundPlayed(second, 500, 700), second)
})

test('more than was made is never believed to have been played', () => {
  assert.equal(heardBy(soundPlayed(phone, 5000, 500), 500), 1000)
})

test('a reply is played out when its end is confirmed, or a while after the clock has it so', () => {
  assert.equal(playedOutAt(phone), 3100)
  assert.equal(playedOutAt(soundPlayed(phone, 900, 1300)), 3400)
  assert.equal(playedOutAt(soundPlayed(phone, 980, 1300)), 0)
  assert.equal(playedOutAt(soundMade(soundPlayed(phone, 1000, 1300), 500, 1400)), 4100)
})

test('sound that is held back is confirmed as far as it had left, and no clock ends it', () => {
  const held = hold(phone, 200, 400)
  assert.equal(heardBy(soundPlayed(held, 480, 500), 900), 500)
  const more = soundPlayed(held, 520, 700)
  assert.equal(heardBy(more, 900), 520)
  assert.equal(playedOutAt(more), undefined)
  assert.equal(playedOutAt(release(more, 800)), 800 + 480 + 80 + 2000)
})
