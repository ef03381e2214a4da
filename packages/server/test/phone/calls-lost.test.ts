// A media socket that breaks does not end the call: the caller is connected to the same session again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { utterance } from './ear.js'
import { assertSameWords, says, Telephone } from './telephone.js'

let telephone: Telephone
before(async () => {
  telephone = await Telephone.start({ environment: { PARLEY_RESUME_GRACE_SECONDS: '5' } })
})
after(() => telephone.close())

test('a call whose socket was cut goes on in the same session, with what was heard on both lines', async () => {
  await telephone.agent({ greeting: 'Good morning. This is the bakery at the blue door in the old town.' }, [
    'Are you there?',
  ])
  telephone.answer = says('Yes, I am here.')
  const call = telephone.dial()
  const first = await call.stream()
  await telephone.hears(first, 'This is the bakery')
  const before = await telephone.record(call)
  first.cut()
  const second = await call.stream(2)
  await telephone.twilio.wait(500)
  second.say(utterance(900))
  await telephone.hears(second, 'Yes, I am here.')
  await telephone.twilio.wait(300)
  call.hangUp()
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(
    call.errors.map(({ code }) => code),
    [31921],
  )
  assert.equal((await telephone.record(call)).session_id, before.session_id)
  const { turns } = await telephone.kept(call)
  assertSameWords(turns, first, second)
})

test('a caller who hangs up while the socket is gone leaves nothing behind', async () => {
  await telephone.agent()
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Good morning.')
  line.cut()
  call.hangUp()
  await call.ended
  const record = await telephone.eventually(async () => {
    const one = await telephone.record(call)
    return one.status === 'ended' ? one : undefined
  })
  await telephone.session(String(record.session_id))
  // a session whose call goes on is waited for 30 s
  await telephone.server.until(() => telephone.server.sessions() === 0, 15_000)
})
