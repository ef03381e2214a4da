// Keys of a telephone: which belong together, which are digits of what was asked for, and which are nobody's business.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBody, KeypadArgument } from '@parley/conversation'
import { VirtualClock } from '../../dist/session/clock.js'
import { Keypad, LATE_MS, QUIET_MS } from '../../dist/session/keypad.js'

const pin: KeypadArgument = {
  tool: 'pay',
  argument: 'pin',
  prompt: 'Enter your PIN.',
  least: 2,
  most: 4,
  terminator: '#',
  within: 3_000,
  sensitive: false,
  confirm: false,
  escapes: true,
}
const secret: KeypadArgument = { ...pin, sensitive: true }

function keypad(accepts: (digits: string) => boolean = () => true) {
  const clock = new VirtualClock()
  const events: EventBody[] = []
  const pad = new Keypad({
    clock,
    dispatch: (event) => void events.push(event),
    accepts: (_asked, digits) => accepts(digits),
  })
  return {
    clock,
    pad,
    press: (keys: string) => [...keys].forEach((key) => void pad.press(key)),
    ask: (asked: KeypadArgument, purpose: 'value' | 'confirmation' = 'value') =>
      pad.collect({ type: 'collect', callId: 'c1', asked, purpose }),
    /** What was told since this was last asked. */
    told: () => events.splice(0),
  }
}

const touched = { type: 'keypad.touched', callId: 'c1' }
const collected = (how: string, length: number, digits?: string) => ({
  type: 'keypad.collected',
  callId: 'c1',
  argument: 'pin',
  how,
  length,
  ...(digits !== undefined && { digits }),
})

test('keys that nobody asked for are told together once nothing follows them', async () => {
  const { pad, press, clock, told } = keypad()
  press('1')
  await clock.to(QUIET_MS - 1)
  press('2#')
  await clock.to(2 * QUIET_MS - 2)
  assert.deepEqual(told(), [])
  await clock.to(2 * QUIET_MS)
  assert.deepEqual(told(), [{ type: 'keypad.pressed', keys: '12#' }])
  press('1'.repeat(64))
  assert.deepEqual(told(), [{ type: 'keypad.pressed', keys: '1'.repeat(64) }])
  for (const key of ['A', '', '12', 'ö']) pad.press(key)
  await clock.to(10_000)
  assert.deepEqual([told(), clock.pending], [[], 0])
})

test('an entry ends with the terminator, or with as many digits as there may be', () => {
  const { press, ask, told } = keypad()
  ask(pin)
  press('123#')
  assert.deepEqual(told(), [touched, collected('complete', 3, '123')])
  ask(pin)
  press('1234')
  assert.deepEqual(told(), [touched, collected('complete', 4, '1234')])
})

test('the terminator after the last digit is not taken for a key of its own, nor for the next answer', async () => {
  const { press, ask, told, clock } = keypad()
  ask(pin)
  press('1234')
  ask(pin, 'confirmation')
  press('#1')
  assert.deepEqual(told(), [touched, collected('complete', 4, '1234'), touched, collected('complete', 1, '1')])
  ask(pin)
  press('1234')
  await clock.to(QUIET_MS + 1)
  told()
  press('#')
  await clock.to(3 * QUIET_MS)
  assert.deepEqual(told(), [{ type: 'keypad.pressed', keys: '#' }])
})

test('too few digits are told apart from none, and from digits that the tool does not take', () => {
  const { press, ask, told } = keypad((digits) => digits !== '9999')
  ask(pin)
  press('1#')
  assert.deepEqual(told(), [touched, collected('short', 1)])
  ask(pin)
  press('9999')
  assert.deepEqual(told(), [touched, collected('wrong', 4)])
})

test('time runs from the moment when keys are awaited, and anew from every key', async () => {
  const { pad, press, ask, told, clock } = keypad()
  ask(pin)
  await clock.to(60_000)
  assert.deepEqual(told(), [])
  pad.awaitKeys()
  await clock.to(62_999)
  press('1')
  pad.awaitKeys()
  await clock.to(65_998)
  assert.deepEqual(told(), [touched])
  await clock.to(66_000)
  assert.deepEqual(told(), [collected('timed out', 1)])
  ask(pin)
  pad.awaitKeys()
  await clock.to(69_000)
  assert.deepEqual(told(), [collected('timed out', 0)])
})

test('digits that are enough are taken when nothing follows them', async () => {
  const { press, ask, told, clock } = keypad()
  ask(pin)
  press('12')
  await clock.to(3_000)
  assert.deepEqual(told(), [touched, collected('complete', 2, '12')])
})

test('a star leads out of the entry, where it may, and nowhere else is it a digit', () => {
  const { press, ask, told } = keypad()
  ask(pin)
  press('1*')
  assert.deepEqual(told(), [touched, collected('help', 1)])
  ask({ ...pin, escapes: false })
  press('1*2#')
  assert.deepEqual(told(), [touched, collected('complete', 2, '12')])
  ask({ ...pin, terminator: '*' })
  press('1#2*')
  assert.deepEqual(told(), [touched, collected('complete', 2, '12')])
})

test('whether digits are right is answered with one key, which is no secret and held to no rule', () => {
  const { press, ask, told, pad } = keypad(() => false)
  ask({ ...secret, least: 4 }, 'confirmation')
  assert.equal(pad.hidesSound, false)
  press('1')
  assert.deepEqual(told(), [touched, collected('complete', 1, '1')])
  assert.deepEqual(pad.take('c1'), {})
})

test('keys that were pressed a moment before they are asked for are the first digits', async () => {
  const { press, ask, told, clock } = keypad()
  press('12')
  await clock.to(1_000)
  ask(secret)
  press('3#')
  await clock.to(20_000)
  assert.deepEqual(told(), [touched, collected('complete', 3)])
})

test('secret digits are handed out once, to whoever makes the call', () => {
  const { pad, press, ask, told } = keypad()
  ask(secret)
  press('1234')
  assert.deepEqual(told(), [touched, collected('complete', 4)])
  assert.deepEqual(pad.take('c2'), {})
  assert.deepEqual(pad.take('c1'), { pin: '1234' })
  assert.deepEqual(pad.take('c1'), {})
  ask(secret)
  press('5678')
  pad.stopCollecting()
  assert.deepEqual(pad.take('c1'), {})
})

test('what is typed on after a secret is part of it: it is told to nobody', async () => {
  const { pad, press, ask, told, clock } = keypad()
  ask(secret)
  press('1234')
  told()
  ask(pin)
  press('5')
  await clock.to(1_000)
  press('6')
  await clock.to(2_400)
  press('7')
  assert.deepEqual(told(), [])
  await clock.to(2_400 + QUIET_MS)
  press('8#')
  assert.deepEqual(told(), [touched, collected('short', 1)])
  pad.close()
})

test('a secret that comes after it was given up is told to nobody, unless something is asked for', async () => {
  for (const give of ['time', 'order'] as const) {
    const { pad, press, ask, told, clock } = keypad()
    ask(secret)
    pad.awaitKeys()
    if (give === 'time') await clock.to(3_000)
    else pad.stopCollecting()
    const from = clock.now()
    told()
    await clock.to(from + LATE_MS - 1)
    press('12')
    await clock.to(from + LATE_MS + QUIET_MS)
    assert.deepEqual(told(), [])
    press('3')
    await clock.to(from + LATE_MS + 3 * QUIET_MS)
    assert.deepEqual(told(), [{ type: 'keypad.pressed', keys: '3' }])
    ask(secret)
    press('1#')
    ask(secret)
    press('12#')
    assert.deepEqual(told(), [touched, collected('short', 1), touched, collected('complete', 2)])
  }
})

test('sound is hidden while a secret is entered, and until its last tone has died away', async () => {
  const { pad, press, ask, clock } = keypad()
  ask(pin)
  assert.equal(pad.hidesSound, false)
  ask(secret)
  assert.equal(pad.hidesSound, true)
  press('1234')
  assert.equal(pad.hidesSound, true)
  await clock.to(400)
  press('5')
  await clock.to(800)
  assert.equal(pad.hidesSound, true)
  await clock.to(1_000)
  assert.equal(pad.hidesSound, false)
})

test('nothing rings once the session is over', async () => {
  const { pad, press, ask, clock, told } = keypad()
  press('1')
  pad.close()
  ask(secret)
  press('12')
  pad.close()
  assert.deepEqual(pad.take('c1'), {})
  told()
  await clock.to(30_000)
  assert.deepEqual([told(), clock.pending], [[], 0])
})
