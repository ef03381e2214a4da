// When a webhook that failed is tried again (Q24).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs, waitAfter } from '../../dist/webhooks/schedule.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('a delivery is tried eight times within about a day, each time after a longer wait', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => waitAfter(attempt, undefined, 0))
  assert.deepEqual(waits, [10_000, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 15 * HOUR, undefined])
})

test('waits differ by up to a tenth, so that what failed together does not come back together', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => waitAfter(1, undefined, random)),
    [10_000, 10_500, 11_000],
  )
})

test('a receiver can ask for a longer wait, to at most six hours, but not for a shorter one or for more attempts', () => {
  assert.equal(waitAfter(1, 90_000, 0), 90_000)
  assert.equal(waitAfter(1, 1_000, 0), 10_000)
  assert.equal(waitAfter(1, 1000 * HOUR, 0), 6 * HOUR)
  assert.equal(waitAfter(8, 90_000, 0), undefined)
})

test('Retry-After is understood in both of its forms', () => {
  const now = Date.parse('2026-09-24T00:00:00Z')
  assert.equal(retryAfterMs('120', now), 120_000)
  assert.equal(retryAfterMs('Thu, 24 Sep 2026 00:01:00 GMT', now), MINUTE)
  assert.equal(retryAfterMs('Wed, 23 Sep 2026 00:01:00 GMT', now), 0)
  assert.deepEqual([retryAfterMs('soon', now), retryAfterMs(undefined, now)], [undefined, undefined])
})
