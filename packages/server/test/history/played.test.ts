// Where a recording was heard up to, by what the peer has told (the same rule as that of the conversation).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Played } from '../../dist/history/played.js'

/** Frames of 20 ms that leave 160 ms ahead, as those of a session do. */
function send(played: Played, reply: string, from: number, ms: number): void {
  for (let sent = 0; sent < ms; sent += 20) played.sent(reply, 20, from + Math.max(0, sent - 140))
}

test('hardly more than what was confirmed is taken as heard', () => {
  const played = new Played()
  send(played, 'a', 1_000, 2_000)
  assert.equal(played.cut('a', 3_000), 1_120)
  played.reached('a', 500, 1_500)
  assert.equal(played.cut('a', 3_000), 1_620)
})

test('what was not played by the clock was not heard', () => {
  const played = new Played()
  send(played, 'a', 1_000, 500)
  played.reached('a', 100, 1_100)
  assert.equal(played.cut('a', 1_150), 1_150)
})

test('of a peer that confirms nothing, what should have been confirmed 2 s ago was heard', () => {
  const played = new Played()
  send(played, 'a', 1_000, 2_000)
  assert.equal(played.cut('a', 4_500), 2_500)
})

test('no more was heard than was sent, however long nothing is confirmed', () => {
  const played = new Played()
  send(played, 'a', 1_000, 2_000)
  assert.equal(played.cut('a', 9_000), 3_000)
})

test('a peer that plays late has heard less by the clock', () => {
  const played = new Played()
  send(played, 'a', 1_000, 500)
  played.reached('a', 100, 1_300)
  assert.equal(played.cut('a', 1_350), 1_150)
})

test('what was confirmed was heard, whatever the clock says', () => {
  const played = new Played()
  send(played, 'a', 1_000, 500)
  played.reached('a', 400, 1_200)
  assert.equal(played.cut('a', 1_150), 1_400)
})

test('sound that came after a pause lies behind the pause', () => {
  const played = new Played()
  send(played, 'a', 1_000, 200)
  played.reached('a', 200, 1_200)
  send(played, 'a', 5_000, 400)
  played.reached('a', 300, 5_100)
  assert.equal(played.cut('a', 5_150), 5_150)
  assert.equal(played.cut('a', 6_500), 5_220)
})

test('a reply that follows another lies behind it, and what is told of the one before counts for nothing', () => {
  const played = new Played()
  send(played, 'a', 1_000, 400)
  send(played, 'b', 1_100, 400)
  played.reached('a', 400, 1_400)
  assert.equal(played.cut('b', 1_450), 1_450)
  played.reached('b', 100, 1_500)
  assert.equal(played.cut('b', 3_000), 1_620)
})

test('a reply that nothing was sent of cuts nothing off', () => {
  const played = new Played()
  send(played, 'a', 1_000, 400)
  assert.equal(played.cut('b', 2_000), 2_000)
})

test('confirmations that come twice or too late change nothing', () => {
  const played = new Played()
  send(played, 'a', 1_000, 1_000)
  played.reached('a', 500, 1_500)
  played.reached('a', 500, 1_900)
  played.reached('a', 300, 1_950)
  assert.equal(played.cut('a', 1_600), 1_600)
})

test('what follows a cut follows on what was heard', () => {
  const played = new Played()
  send(played, 'a', 1_000, 1_000)
  assert.equal(played.cut('a', 1_500), 1_120)
  send(played, 'b', 1_300, 400)
  played.reached('b', 100, 1_400)
  assert.equal(played.cut('b', 1_450), 1_450)
})

test('how late one reply was played says nothing of the next', () => {
  const played = new Played()
  send(played, 'a', 1_000, 500)
  played.reached('a', 500, 1_900)
  send(played, 'b', 2_000, 500)
  assert.equal(played.cut('b', 2_100), 2_100)
})
