// A session on a telephone line, in virtual time, as far as it differs from that of a client.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phoneChannel } from '../../dist/phone/phone-channel.js'
import { PhoneLine } from '../../dist/phone/phone-line.js'
import { twilioStream } from '../../dist/phone/twilio.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { exchange, incoming } from './exchange.js'

/** A session whose agent is not found; what the line was told. */
async function waiting(channel: ReturnType<typeof phoneChannel> | undefined) {
  const clock = new VirtualClock()
  const here = await exchange({ clock, agentIsFound: new Promise(() => {}) })
  const told: string[] = []
  const line = new PhoneLine({
    stream: twilioStream(),
    write() {},
    close: (code) => void told.push(String(code)),
    failed: (why) => void told.push(why),
    marksLost() {},
  })
  const session = here.sessions.open(line, { accountId: 'mine' }, channel)
  session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  return { clock, told, close: here.close }
}

const tooLate = ['The session could not be made ready in time. Try again.', '1011']

test('a caller waits for a busy server longer than a program does, which can try again', async (t) => {
  const call = await waiting(phoneChannel(incoming, 'audio/pcmu', (agent) => agent))
  t.after(call.close)
  await call.clock.to(29_999)
  assert.deepEqual(call.told, [])
  await call.clock.to(30_000)
  assert.deepEqual(call.told, tooLate)
  const client = await waiting(undefined)
  t.after(client.close)
  await client.clock.to(5_000)
  assert.deepEqual(client.told, tooLate)
})
