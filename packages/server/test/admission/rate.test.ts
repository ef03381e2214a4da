// How often something may happen, how much is remembered of it, and from where a request comes.
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { addressOf, areProxies, placeOf } from '../../dist/admission/address.js'
import { Known } from '../../dist/admission/known.js'
import { Rate } from '../../dist/admission/rate.js'

test('so many may come on end, then one after the other as time goes by', () => {
  const rate = new Rate({ most: 3, per: 3000, remembered: 10 })
  assert.deepEqual(
    [0, 0, 0, 0].map((now) => rate.take('a', now)),
    [0, 0, 0, 1000],
  )
  assert.equal(rate.take('a', 400), 600)
  assert.equal(rate.take('a', 1000), 0)
  assert.equal(rate.take('a', 1000), 1000)
  assert.deepEqual(
    [9000, 9000, 9000, 9000].map((now) => rate.take('a', now)),
    [0, 0, 0, 1000],
  )
})

test('one who has had too many takes nothing from another', () => {
  const rate = new Rate({ most: 1, per: 1000, remembered: 10 })
  assert.deepEqual([rate.take('a', 0), rate.take('a', 0), rate.take('b', 0)], [0, 1000, 0])
})

test('what is given back can be taken again', () => {
  const rate = new Rate({ most: 1, per: 1000, remembered: 10 })
  rate.take('a', 0)
  rate.giveBack('a')
  rate.giveBack('nobody')
  assert.deepEqual([rate.take('a', 0), rate.take('a', 0)], [0, 1000])
})

test('a hundred thousand who come once take up no more room than is allowed, and who comes often is not forgotten', () => {
  const rate = new Rate({ most: 2, per: 1000, remembered: 100 })
  const known = new Known(100)
  rate.take('often', 0)
  rate.take('often', 0)
  for (let number = 0; number < 100_000; number++) {
    rate.take(`once ${number}`, 0)
    known.meet(`once ${number}`)
    if (number % 50 === 0) {
      assert.equal(rate.take('often', 0), 500)
      known.meet('often')
    }
  }
  assert.equal(rate.size, 100)
  assert.ok(rate.take('often', 0) > 0)
  assert.deepEqual([known.has('often'), known.has('once 99999'), known.has('once 0')], [true, true, false])
  known.forget('often')
  assert.equal(known.has('often'), false)
})

test('addresses of one network of IPv6 are one place, and a mapped address is the one of IPv4', () => {
  assert.equal(placeOf('203.0.113.7'), '203.0.113.7')
  assert.equal(placeOf('::ffff:203.0.113.7'), '203.0.113.7')
  const place = '2001:db8:0:1::/64'
  for (const address of [
    '2001:db8:0:1::1',
    '2001:db8:0:1:ffff::',
    '2001:0DB8:0000:0001:1:2:3:4',
    '2001:db8:0:1::%eth0',
  ])
    assert.equal(placeOf(address), place, address)
  assert.notEqual(placeOf('2001:db8:0:2::1'), place)
  assert.equal(placeOf('::1'), '0:0:0:0::/64')
  assert.equal(placeOf(''), '')
})

function messageFrom(address: string | undefined, forwarded?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const message = new IncomingMessage(socket)
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded
  return message
}

test('what a proxy says is believed where the operator trusts it, and as far', () => {
  const believing = addressOf(['loopback', '10.0.0.0/8'])
  assert.equal(believing(messageFrom('127.0.0.1', '203.0.113.7')), '203.0.113.7')
  assert.equal(believing(messageFrom('127.0.0.1', '198.51.100.9, 203.0.113.7, 10.1.2.3')), '203.0.113.7')
  assert.equal(believing(messageFrom('203.0.113.7', '198.51.100.9')), '203.0.113.7')
  assert.equal(believing(messageFrom('127.0.0.1')), '127.0.0.1')
  assert.equal(addressOf([])(messageFrom('127.0.0.1', '203.0.113.7')), '127.0.0.1')
  assert.equal(believing(messageFrom(undefined)), '')
})

test('what is no address is no proxy', () => {
  assert.ok(areProxies(['loopback', '10.0.0.0/8', '::1']))
  for (const wrong of ['example.com', '10.0.0.0/99', '']) assert.ok(!areProxies([wrong]), wrong)
})
