// What holds for telephone calls and numbers in every kind of store.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { NewCall, StoredCall } from '../../dist/storage/call-records.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'

type Check = (name: string, run: () => Promise<void>) => void

const account = defaultAccountId
const agentId = `agent_${'0'.repeat(32)}`
const at = (seconds: number) => new Date(1_790_000_000_000 + seconds * 1000)
const random = () => randomBytes(16).toString('hex')
const unlimited = { perKey: 1000, perKeyAndDay: 1000, most: 1000 }

const newCall = (over: Partial<NewCall> = {}): NewCall => ({
  id: `call_${random()}`,
  accountId: account,
  keyId: undefined,
  agentId,
  carrier: 'twilio',
  carrierCallId: `CA${random()}`,
  direction: 'inbound',
  from: '+15550123',
  to: '+15550100',
  variables: {},
  ...over,
})

export function checkCalls(check: Check, storeOf: () => Store): void {
  const admitted = async (over: Partial<NewCall> = {}): Promise<StoredCall> =>
    (await storeOf().calls.admit(newCall(over), at(0))).call
  const ticketFor = async ({ id, leg }: StoredCall) => {
    const hash = randomBytes(32)
    return { hash, call: await storeOf().calls.issueTicket(id, leg, { hash, until: at(60) }) }
  }

  check('makes one call of what the carrier tells of twice', async () => {
    const { calls } = storeOf()
    const first = newCall({ variables: { order: '4711' } })
    const made = await calls.admit(first, at(1))
    const again = await calls.admit({ ...first, id: `call_${random()}` }, at(2))
    assert.deepEqual([made.isNew, again.isNew, again.call.id], [true, false, first.id])
    assert.deepEqual(again.call, made.call)
    assert.deepEqual(
      [made.call.status, made.call.line, made.call.leg, made.call.variables, made.call.createdAt],
      ['dialing', 'none', 0, { order: '4711' }, at(1)],
    )
    assert.deepEqual(await calls.withCarrierId('twilio', first.carrierCallId!), made.call)
    assert.equal(await calls.withCarrierId('telnyx', first.carrierCallId!), undefined)
  })

  check('lets a ticket count once, in its time, and for the call that it was made for', async () => {
    const { calls } = storeOf()
    const call = await admitted()
    const { hash } = await ticketFor(call)
    const ask = { hash, carrier: 'twilio', carrierCallId: call.carrierCallId }
    for (const wrong of [
      { ...ask, hash: randomBytes(32) },
      { ...ask, carrier: 'telnyx' },
      { ...ask, carrierCallId: `CA${random()}` },
    ])
      assert.equal(await calls.redeem(wrong, at(1)), undefined)
    assert.equal(await calls.redeem(ask, at(60)), undefined)
    const redeemed = await Promise.all(Array.from({ length: 5 }, () => calls.redeem(ask, at(59))))
    assert.deepEqual(redeemed.filter((found) => found?.id === call.id).length, 1)
    assert.equal(redeemed.filter((found) => found).length, 1)
  })

  check('replaces a ticket by the next one, and answers for a leg once', async () => {
    const { calls } = storeOf()
    const call = await admitted()
    const first = await ticketFor(call)
    assert.equal((await ticketFor(call)).call, undefined)
    const second = await ticketFor(first.call!)
    const ask = { carrier: 'twilio', carrierCallId: call.carrierCallId }
    assert.equal(await calls.redeem({ ...ask, hash: first.hash }, at(1)), undefined)
    assert.equal((await calls.withId(call.id))?.ticketUsed, false)
    assert.equal((await calls.redeem({ ...ask, hash: second.hash }, at(1)))?.ticketUsed, true)
    const left = await Promise.all([1, 2, 3].map(() => calls.leave(call.id, second.call!.leg)))
    assert.deepEqual(
      left.filter((is) => is),
      [true],
    )
  })

  check('ends a call once, forgets what was known of the person, and changes nothing after', async () => {
    const { calls } = storeOf()
    const call = await admitted({ variables: { name: 'Ada' } })
    const { hash } = await ticketFor(call)
    await calls.change(call.id, { status: 'active', line: 'up', greeting: 'Hello Ada', answeredAt: at(3) })
    await calls.change(call.id, { answeredAt: at(9), sessionId: 'sess_1' })
    const ended = await calls.end(call.id, { status: 'ended', reason: 'agent_end', endedAt: at(10) })
    assert.deepEqual(
      [ended?.status, ended?.reason, ended?.answeredAt, ended?.endedAt, ended?.variables, ended?.greeting],
      ['ended', 'agent_end', at(3), at(10), {}, undefined],
    )
    assert.equal(await calls.end(call.id, { status: 'failed', reason: 'busy', endedAt: at(11) }), undefined)
    assert.equal(await calls.change(call.id, { line: 'up' }), undefined)
    assert.equal(await calls.issueTicket(call.id, 1, { hash: randomBytes(32), until: at(60) }), undefined)
    assert.equal(await calls.redeem({ hash, carrier: 'twilio', carrierCallId: call.carrierCallId }, at(4)), undefined)
    assert.equal(await calls.leave(call.id, 1), false)
    assert.deepEqual(await calls.withId(call.id), ended)
  })

  check('passes no limit of calls, however many are made at once', async () => {
    const { calls, accounts } = storeOf()
    const accountId = `acct_${random()}`
    await accounts.create(accountId, 'Caller')
    const call = (keyId: string | undefined) =>
      newCall({ accountId, keyId, direction: 'outbound', carrierCallId: undefined })
    const place = (keyId: string | undefined, limits: object, now = at(0)) =>
      calls.place(call(keyId), { ...unlimited, ...limits }, now)
    const many = await Promise.all(Array.from({ length: 6 }, () => place('key_a', { perKey: 2 })))
    assert.deepEqual(many.filter((made) => made === 'perKey').length, 4)
    assert.notEqual(typeof (await place('key_b', { perKey: 2 })), 'string')
    assert.notEqual(typeof (await place(undefined, { perKey: 1 })), 'string')
    assert.equal(await place(undefined, { perKey: 1 }), 'perKey')
    for (const made of many)
      if (typeof made !== 'string') await calls.end(made.id, { status: 'ended', reason: 'x', endedAt: at(1) })
    assert.equal(await place('key_a', { perKey: 2, perKeyAndDay: 2 }, at(24 * 3600 - 1)), 'perKeyAndDay')
    assert.notEqual(typeof (await place('key_a', { perKey: 2, perKeyAndDay: 2 }, at(24 * 3600))), 'string')
    assert.equal(await place('key_c', { most: 1 }), 'most')
    await accounts.remove(accountId)
  })

  check('tells whoever holds lines what is over and what is asked, once', async () => {
    const { calls } = storeOf()
    const [open, over, gone] = [await admitted(), await admitted(), 'call_gone']
    await calls.end(over.id, { status: 'ended', reason: 'hung_up', endedAt: at(1) })
    await calls.order(open.id, { do: 'leave_message', message: 'Hello' })
    const ids = [open.id, over.id, gone]
    assert.deepEqual((await calls.news([], ids)).orders, [])
    const news = await calls.news([open.id], [over.id, gone])
    assert.deepEqual([...news.over].sort(), [over.id, gone].sort())
    assert.deepEqual(news.orders, [{ id: open.id, order: { do: 'leave_message', message: 'Hello' } }])
    assert.deepEqual((await calls.news(ids, [])).orders, [])
  })

  check('ends calls of which nobody has said anything for long, and forgets old ones', async () => {
    const { calls } = storeOf()
    const [silent, held, dialing] = [await admitted(), await admitted(), await admitted()]
    for (const { id } of [silent, held]) await calls.change(id, { status: 'active', line: 'up', seenAt: at(0) })
    await calls.seen([held.id], at(50))
    const end = { status: 'ended', reason: 'server_lost', endedAt: at(80) } as const
    const ended = (await calls.endForgotten('up', at(10), end)).map(({ id }) => id)
    assert.ok(ended.includes(silent.id) && !ended.includes(held.id) && !ended.includes(dialing.id))
    while ((await calls.forget(at(81), 1)) > 0);
    assert.equal(await calls.withId(silent.id), undefined)
    assert.equal((await calls.withId(held.id))?.status, 'active')
  })

  check('lists the calls of an account alone, newest first, in pages, by what is asked', async () => {
    const { calls, accounts } = storeOf()
    const accountId = `acct_${random()}`
    await accounts.create(accountId, 'Lister')
    const made: StoredCall[] = []
    for (let count = 0; count < 5; count++) made.push(await admitted({ accountId }))
    await calls.end(made[1]!.id, { status: 'failed', reason: 'busy', endedAt: at(1) })
    const page = { limit: 3, after: undefined, status: undefined, direction: undefined, agentId: undefined }
    const first = await calls.list(accountId, page)
    const rest = await calls.list(accountId, { ...page, after: first.next })
    const ids = [...first.calls, ...rest.calls].map(({ id }) => id)
    assert.deepEqual(ids, made.map(({ id }) => id).reverse())
    assert.equal(rest.next, undefined)
    const only = async (over: object) => (await calls.list(accountId, { ...page, ...over })).calls.length
    assert.deepEqual(
      [await only({ status: 'failed' }), await only({ direction: 'outbound' }), await only({ agentId: 'agent_x' })],
      [1, 0, 0],
    )
    assert.equal(await calls.find(account, made[0]!.id), undefined)
    await accounts.remove(accountId)
    assert.equal(await calls.withId(made[0]!.id), undefined)
  })

  check('gives a telephone number to one account, and to one agent of it', async () => {
    const { phoneNumbers, agents, accounts } = storeOf()
    const accountId = `acct_${random()}`
    await accounts.create(accountId, 'Numbers')
    const agent = await agents.create(accountId, `agent_${random()}`, { document: { name: 'A' }, secrets: {} })
    assert.equal(await agents.accountOf(agent.id), accountId)
    assert.equal(await agents.accountOf('agent_none'), undefined)
    const number = '+15550177'
    const made = await phoneNumbers.assign(accountId, number, agent.id, 'phone_1', at(1))
    assert.equal(await phoneNumbers.assign(account, number, agent.id, 'phone_2', at(2)), 'taken')
    assert.deepEqual([await phoneNumbers.find(accountId, number), await phoneNumbers.whose(number)], [made, made])
    assert.equal(await phoneNumbers.find(account, number), undefined)
    assert.equal(await phoneNumbers.unassign(account, number, at(3)), undefined)
    assert.equal(await phoneNumbers.remove(account, number), false)
    assert.equal((await phoneNumbers.unassign(accountId, number, at(3)))?.agentId, undefined)
    const again = await phoneNumbers.assign(accountId, number, agent.id, 'phone_3', at(4))
    assert.ok(typeof again !== 'string')
    assert.deepEqual([again.id, again.createdAt, again.updatedAt], ['phone_1', at(1), at(4)])
    await agents.remove(accountId, agent.id)
    assert.equal((await phoneNumbers.find(accountId, number))?.agentId, undefined)
    const { numbers, next } = await phoneNumbers.list(accountId, { limit: 10, after: undefined })
    assert.deepEqual([numbers.map((one) => one.number), next], [[number], undefined])
    await accounts.remove(accountId)
    assert.equal(await phoneNumbers.whose(number), undefined)
  })
}
