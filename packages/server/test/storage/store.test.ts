// What every store does, tried on the embedded PostgreSQL (in memory and in a folder) and on a real one.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { migrate, migrations } from '../../dist/storage/migrations.js'
import { openDatabase, openStore, type Place, storeOn } from '../../dist/storage/open.js'
import {
  type AgentContent,
  defaultAccountId,
  type PutConversation,
  type Store,
  type StoredAccount,
  type StoredKey,
} from '../../dist/storage/store.js'
import { checkCalls } from './calls.js'
import { kinds, type Prepared } from './kinds.js'
import { startPostgres } from './postgres.js'
import { checkSessions } from './sessions.js'

const content = (name: string): AgentContent => ({
  document: { name, system_prompt: 'Be brief.', tools: [{ name: 'look_up', depth: [1, null, true] }] },
  secrets: { 'llm.0': 'sealed' },
})

const hash = () => randomBytes(32)
const text = () => hash().toString('hex')
const asking = (key: string, request = text()) => ({ key, request, isSame: (earlier: string) => earlier === request })
const account = defaultAccountId

for (const [kind, prepare] of Object.entries(kinds)) {
  describe(`a store ${kind}`, () => {
    let prepared: Prepared | string
    let store: Store
    const openedAt = Date.now()

    before(async () => {
      prepared = await prepare()
      if (typeof prepared !== 'string') store = await openStore(prepared.place)
    })
    after(async () => {
      await store?.close()
      if (prepared && typeof prepared !== 'string') await prepared.clean()
    })

    const check = (name: string, run: () => Promise<void>) =>
      it(name, async (t) => {
        if (typeof prepared === 'string') return t.skip(prepared)
        await run()
      })

    check('answers when asked whether it is there', () => store.ping())

    check('has an account from its first moment on, and not for longer', async () => {
      const { accounts } = await store.accounts.list({ limit: 10, after: undefined })
      assert.deepEqual(
        accounts.map(({ id }) => id),
        [account],
      )
      assert.ok(accounts[0]!.createdAt.getTime() >= openedAt)
    })

    check('gives back an agent as it was stored, with times in UTC to the microsecond', async () => {
      const created = await store.agents.create(account, 'agent_1', content('Ada'))
      assert.deepEqual({ document: created.document, secrets: created.secrets }, content('Ada'))
      assert.match(created.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
      assert.ok(Math.abs(Date.parse(`${created.createdAt}Z`) - Date.now()) < 60_000)
      assert.deepEqual(await store.agents.find(account, 'agent_1'), created)
    })

    check('shows an agent to no other account', async () => {
      await store.agents.create(account, 'agent_mine', content('Mine'))
      assert.equal(await store.agents.find('other', 'agent_mine'), undefined)
      assert.equal(await store.agents.update('other', 'agent_mine', () => content('Theirs')), undefined)
      assert.equal(await store.agents.remove('other', 'agent_mine'), false)
      assert.deepEqual((await store.agents.list('other', { limit: 10, after: undefined })).agents, [])
      assert.equal((await store.agents.find(account, 'agent_mine'))?.document.name, 'Mine')
    })

    check('changes an agent, keeping when it was made', async () => {
      const created = await store.agents.create(account, 'agent_changed', content('Before'))
      const changed = await store.agents.update(account, 'agent_changed', (current) => {
        assert.deepEqual(current, created)
        return { document: { name: 'After' }, secrets: {} }
      })
      assert.deepEqual(changed?.document, { name: 'After' })
      assert.deepEqual(changed?.secrets, {})
      assert.equal(changed?.createdAt, created.createdAt)
      assert.ok(changed!.updatedAt > created.updatedAt)
    })

    check('shows every sealed secret to be sealed anew, by its place, and changes nothing else', async () => {
      const names = Array.from({ length: 230 }, (_, index) => `agent_sealed_${index}`)
      const secrets = (name: string) => ({ 'llm.0.api_key': `old.${name}`, kept: 'kept' })
      for (const name of names) await store.agents.create(account, name, { document: { name }, secrets: secrets(name) })
      const before = await store.agents.find(account, 'agent_sealed_7')
      const seen: string[] = []
      await store.sealed.each(({ envelope, place, where }) => {
        if (!envelope.startsWith('old.')) return undefined
        seen.push(place)
        assert.equal(where, `agents ${place.replace('.llm.0.api_key', '')}`)
        assert.equal(envelope, `old.${place.replace('.llm.0.api_key', '')}`)
        return envelope.replace('old', 'new')
      })
      assert.deepEqual(seen.sort(), names.map((name) => `${name}.llm.0.api_key`).sort())
      assert.deepEqual(await store.agents.find(account, 'agent_sealed_7'), {
        ...before,
        secrets: { 'llm.0.api_key': 'new.agent_sealed_7', kept: 'kept' },
      })
      for (const name of names) await store.agents.remove(account, name)
    })

    check('keeps what was sealed anew when the rest is cut short', async () => {
      const names = Array.from({ length: 120 }, (_, index) => `agent_cut_${index}`)
      for (const name of names) await store.agents.create(account, name, { document: { name }, secrets: { a: 'old' } })
      let count = 0
      const sealing = store.sealed.each(({ envelope }) => {
        if (envelope !== 'old') return undefined
        if (++count > 110) throw new Error('cut short')
        return 'new'
      })
      await assert.rejects(sealing, /cut short/)
      let left = 0
      await store.sealed.each(({ envelope }) => {
        if (envelope === 'old') left += 1
        return undefined
      })
      assert.ok(left > 0 && left < names.length, `${left} are left`)
      for (const name of names) await store.agents.remove(account, name)
    })

    check('leaves an agent as it was when the change is refused', async () => {
      const created = await store.agents.create(account, 'agent_kept', content('Kept'))
      const refused = store.agents.update(account, 'agent_kept', () => {
        throw new Error('No.')
      })
      await assert.rejects(refused, /^Error: No\.$/)
      assert.deepEqual(await store.agents.find(account, 'agent_kept'), created)
    })

    check('loses no change when many are made at once', async () => {
      await store.agents.create(account, 'agent_counted', { document: { count: 0 }, secrets: {} })
      const increase = () =>
        store.agents.update(account, 'agent_counted', ({ document }) => ({
          document: { count: Number(document.count) + 1 },
          secrets: {},
        }))
      await Promise.all(Array.from({ length: 20 }, increase))
      assert.deepEqual((await store.agents.find(account, 'agent_counted'))?.document, { count: 20 })
    })

    check('removes an agent once', async () => {
      await store.agents.create(account, 'agent_gone', content('Gone'))
      assert.equal(await store.agents.remove(account, 'agent_gone'), true)
      assert.equal(await store.agents.remove(account, 'agent_gone'), false)
      assert.equal(await store.agents.find(account, 'agent_gone'), undefined)
    })

    check('lists agents newest first, and pages stay right while agents come and go', async () => {
      for (const agent of (await store.agents.list(account, { limit: 100, after: undefined })).agents)
        await store.agents.remove(account, agent.id)
      for (const number of [1, 2, 3, 4, 5])
        await store.agents.create(account, `agent_${number}`, content(`Number ${number}`))
      const first = await store.agents.list(account, { limit: 2, after: undefined })
      assert.deepEqual(
        first.agents.map(({ id, name }) => [id, name]),
        [
          ['agent_5', 'Number 5'],
          ['agent_4', 'Number 4'],
        ],
      )
      assert.deepEqual(Object.keys(first.agents[0]!).sort(), ['createdAt', 'id', 'name', 'updatedAt'])
      await store.agents.create(account, 'agent_6', content('Number 6'))
      await store.agents.remove(account, 'agent_4')
      const second = await store.agents.list(account, { limit: 2, after: first.next })
      assert.deepEqual(
        second.agents.map(({ id }) => id),
        ['agent_3', 'agent_2'],
      )
      const last = await store.agents.list(account, { limit: 2, after: second.next })
      assert.deepEqual([last.agents.map(({ id }) => id), last.next], [['agent_1'], undefined])
    })

    check('has no further page when the last one is just full', async () => {
      const { agents } = await store.agents.list(account, { limit: 200, after: undefined })
      assert.equal((await store.agents.list(account, { limit: agents.length, after: undefined })).next, undefined)
    })

    check('claims a request once, of twenty tries at the same time, and keeps its answer', async () => {
      const request = asking('order-1')
      const claims = await Promise.all(Array.from({ length: 20 }, () => store.repeats.claim(account, request)))
      assert.deepEqual(claims.map(({ outcome }) => outcome).sort(), ['first', ...Array(19).fill('running')])
      await store.repeats.answer(account, 'order-1', { status: 201, body: 'sealed' })
      const answer = { outcome: 'answered', answer: { status: 201, body: 'sealed' } }
      assert.deepEqual(await store.repeats.claim(account, request), answer)
      assert.deepEqual(await store.repeats.claim(account, asking('order-1')), {
        outcome: 'other',
      })
    })

    check('frees the key of a request that came to nothing', async () => {
      const request = asking('order-2')
      assert.deepEqual(await store.repeats.claim(account, request), { outcome: 'first' })
      await store.repeats.release(account, 'order-2')
      const other = asking('order-2')
      assert.deepEqual(await store.repeats.claim(account, other), { outcome: 'first' })
    })

    check('tells the idempotency keys of one account from those of another', async () => {
      const { id } = await store.accounts.create('acct_repeats', 'Other')
      const request = asking('order-3')
      assert.deepEqual(await store.repeats.claim(account, request), { outcome: 'first' })
      assert.deepEqual(await store.repeats.claim(id, request), { outcome: 'first' })
      await store.accounts.remove(id)
    })

    check('lists accounts newest first, and removes one with all that belongs to it', async () => {
      const before = (await store.accounts.list({ limit: 200, after: undefined })).accounts.length
      const made: StoredAccount[] = []
      for (const number of [1, 2, 3]) made.push(await store.accounts.create(`acct_${number}`, `Number ${number}`))
      const first = await store.accounts.list({ limit: 2, after: undefined })
      assert.deepEqual(first.accounts, [made[2], made[1]])
      const rest = await store.accounts.list({ limit: 200, after: first.next })
      assert.deepEqual(rest.accounts[0], made[0])
      assert.equal(rest.accounts.length, before + 1)
      const key = { name: 'theirs', hash: hash(), prefix: 'parley_sk' }
      await store.keys.add('acct_2', key)
      await store.agents.create('acct_2', 'agent_theirs', content('Theirs'))
      assert.deepEqual([await store.accounts.exists('acct_2'), await store.accounts.remove('acct_2')], [true, true])
      assert.deepEqual([await store.accounts.exists('acct_2'), await store.accounts.remove('acct_2')], [false, false])
      assert.equal(await store.keys.find(key.hash), undefined)
      assert.equal(await store.agents.find('acct_2', 'agent_theirs'), undefined)
      for (const id of ['acct_1', 'acct_3']) await store.accounts.remove(id)
    })

    check('adds the first key once, however many servers start at once', async () => {
      const keys = Array.from({ length: 8 }, (_, number) => ({
        name: `key ${number}`,
        hash: hash(),
        prefix: 'parley_sk',
      }))
      const added = await Promise.all(keys.map((key) => store.keys.addFirst(key)))
      assert.equal(added.filter(Boolean).length, 1)
      const found = await Promise.all(keys.map((key) => store.keys.find(key.hash)))
      assert.deepEqual(
        found.map((key) => key !== undefined),
        added,
      )
    })

    check('finds a key by its hash, as often as it is used, with what it allows', async () => {
      const key = { name: 'a key', hash: hash(), prefix: 'parley_sk_abc' }
      const { id } = await store.keys.add(account, key)
      assert.match(id, /^key_[0-9a-f]{32}$/)
      const grant = { keyId: id, accountId: account, scopes: ['admin'], maxSessions: undefined }
      assert.deepEqual(await store.keys.find(key.hash), grant)
      assert.deepEqual(await store.keys.find(key.hash), grant)
      assert.equal(await store.keys.find(hash()), undefined)
      const limited = { ...key, hash: hash(), scopes: ['agents', 'tokens'] as const, maxSessions: 3 }
      const { id: other } = await store.keys.add(account, limited)
      assert.deepEqual(await store.keys.find(limited.hash), {
        keyId: other,
        accountId: account,
        scopes: ['agents', 'tokens'],
        maxSessions: 3,
      })
    })

    check('finds a key until it expires', async () => {
      const key = { name: 'brief', hash: hash(), prefix: 'parley_sk' }
      const { expiresAt } = await store.keys.add(account, { ...key, expiresInSeconds: 3600 })
      assert.ok(Math.abs(expiresAt!.getTime() - Date.now() - 3_600_000) < 60_000)
      assert.ok(await store.keys.find(key.hash))
      const expired = { ...key, hash: hash(), expiresInSeconds: 0 }
      await store.keys.add(account, expired)
      assert.equal(await store.keys.find(expired.hash), undefined)
    })

    check('lists the keys of an account newest first, with their last use to the minute, and no other', async () => {
      const { id: owner } = await store.accounts.create('acct_keys', 'Keys')
      const hashes = [hash(), hash(), hash()]
      const made: StoredKey[] = []
      for (const [number, each] of hashes.entries())
        made.push(await store.keys.add(owner, { name: `key ${number}`, hash: each, prefix: 'parley_sk' }))
      const first = await store.keys.list(owner, { limit: 2, after: undefined })
      assert.deepEqual(first.keys, [made[2], made[1]])
      assert.equal(made[2]?.lastUsedAt, undefined)
      await store.keys.find(hashes[0]!)
      const { keys, next } = await store.keys.list(owner, { limit: 2, after: first.next })
      assert.deepEqual([keys.length, next, keys[0]?.name], [1, undefined, 'key 0'])
      const usedAt = keys[0]!.lastUsedAt!
      assert.equal(usedAt.getTime() % 60_000, 0)
      assert.ok(Math.abs(usedAt.getTime() - Date.now()) < 120_000)
      assert.ok(
        (await store.keys.list(account, { limit: 200, after: undefined })).keys.every(({ id }) => id !== made[0]!.id),
      )
      await store.accounts.remove(owner)
    })

    check('removes a key once, only from its account, and with it the tokens that it has made', async () => {
      const key = { name: 'gone', hash: hash(), prefix: 'parley_sk', maxSessions: 2 }
      const { id } = await store.keys.add(account, key)
      const [kept, void_] = [hash(), hash()]
      for (const token of [kept, void_])
        await store.tokens.issue({
          hash: token,
          accountId: account,
          keyId: id,
          expiresInSeconds: 60,
          sessionCapSeconds: undefined,
        })
      assert.deepEqual(await store.tokens.redeem(kept, { reuse: false }), {
        accountId: account,
        keyId: id,
        maxSessions: 2,
        sessionCapSeconds: undefined,
      })
      assert.equal(await store.keys.remove('other', id), false)
      assert.ok(await store.keys.find(key.hash))
      assert.deepEqual([await store.keys.remove(account, id), await store.keys.remove(account, id)], [true, false])
      assert.equal(await store.keys.find(key.hash), undefined)
      assert.equal(await store.tokens.redeem(void_, { reuse: false }), undefined)
    })

    check('redeems a token once, of fifty tries at the same time', async () => {
      const token = hash()
      await store.tokens.issue({ hash: token, accountId: account, expiresInSeconds: 60, sessionCapSeconds: 90 })
      const tries = await Promise.all(Array.from({ length: 50 }, () => store.tokens.redeem(token, { reuse: false })))
      assert.deepEqual(
        tries.filter((redeemed) => redeemed !== undefined),
        [{ accountId: account, keyId: undefined, maxSessions: undefined, sessionCapSeconds: 90 }],
      )
    })

    check('redeems a token again where that is allowed', async () => {
      const token = hash()
      await store.tokens.issue({ hash: token, accountId: account, expiresInSeconds: 60, sessionCapSeconds: undefined })
      const redeemed = { accountId: account, keyId: undefined, maxSessions: undefined, sessionCapSeconds: undefined }
      assert.deepEqual(await store.tokens.redeem(token, { reuse: true }), redeemed)
      assert.deepEqual(await store.tokens.redeem(token, { reuse: true }), redeemed)
      assert.equal(await store.tokens.redeem(token, { reuse: false }), undefined)
    })

    const conversation = (id: string, more: Partial<PutConversation> = {}): PutConversation => ({
      id,
      accountId: account,
      agentId: 'agent_1',
      keyId: 'key_1',
      holder: 'server-1',
      tokenHash: undefined,
      expiresAtUnixMs: Date.now() + 3_600_000,
      state: { said: 'Hello.' },
      ...more,
    })

    check('gives back a conversation as it was last put, to whoever claims it', async () => {
      const tokenHash = hash()
      const said = 'a \u0000 nul, a lone \ud83d surrogate, "quotes" and 你好'
      assert.equal(await store.conversations.put(conversation('sess_1', { tokenHash })), true)
      assert.equal(await store.conversations.put(conversation('sess_1', { tokenHash, state: { said } })), true)
      assert.deepEqual(await store.conversations.find('sess_1'), { accountId: account, isOver: false })
      const claimed = await store.conversations.claim('sess_1', 'server-2')
      assert.deepEqual([claimed?.state, claimed?.agentId, claimed?.keyId], [{ said }, 'agent_1', 'key_1'])
      assert.equal(Buffer.compare(claimed!.tokenHash!, tokenHash), 0)
      assert.ok(claimed!.silentForMs >= 0 && claimed!.silentForMs < 60_000)
      assert.equal(await store.conversations.openedWith(tokenHash), 'sess_1')
      assert.equal(await store.conversations.openedWith(hash()), undefined)
      assert.equal(await store.conversations.find('sess_none'), undefined)
      assert.equal(await store.conversations.claim('sess_none', 'server-2'), undefined)
    })

    check('keeps a conversation from a server that no longer holds it', async () => {
      await store.conversations.put(conversation('sess_moved'))
      await store.conversations.claim('sess_moved', 'server-2')
      assert.equal(await store.conversations.put(conversation('sess_moved', { state: { said: 'Old.' } })), false)
      await store.conversations.remove('sess_moved', 'server-1')
      await store.conversations.expire('sess_moved', 'server-1')
      const moved = { holder: 'server-2', state: { said: 'New.' } }
      assert.equal(await store.conversations.put(conversation('sess_moved', moved)), true)
      assert.deepEqual((await store.conversations.claim('sess_moved', 'server-2'))?.state, { said: 'New.' })
      await store.conversations.remove('sess_moved', 'server-2')
      assert.equal(await store.conversations.find('sess_moved'), undefined)
    })

    check('lets one server write, of many that claim a conversation at once', async () => {
      await store.conversations.put(conversation('sess_wanted'))
      const holders = Array.from({ length: 10 }, (_, number) => `claimant-${number}`)
      await Promise.all(holders.map((holder) => store.conversations.claim('sess_wanted', holder)))
      const writes = await Promise.all(
        holders.map((holder) => store.conversations.put(conversation('sess_wanted', { holder }))),
      )
      assert.equal(writes.filter(Boolean).length, 1)
    })

    check('stores nothing more of a conversation that was forgotten while it goes on', async () => {
      await store.conversations.put(conversation('sess_forgotten'))
      await store.conversations.forget('sess_forgotten')
      assert.equal(await store.conversations.put(conversation('sess_forgotten', { state: { said: 'More.' } })), true)
      assert.equal(await store.conversations.claim('sess_forgotten', 'server-2'), undefined)
      await store.conversations.remove('sess_forgotten', 'server-1')
    })

    check('forgets what was said in a conversation whose time is over, and knows that it was', async () => {
      await store.conversations.put(conversation('sess_over'))
      await store.conversations.expire('sess_over', 'server-1')
      await store.conversations.put(conversation('sess_late', { expiresAtUnixMs: Date.now() - 1000 }))
      for (const id of ['sess_over', 'sess_late'])
        assert.deepEqual(await store.conversations.find(id), { accountId: account, isOver: true })
      assert.equal(await store.conversations.claim('sess_over', 'server-2'), undefined)
    })

    check('counts the silence of a conversation from the last sign of life of its server', async () => {
      await store.conversations.put(conversation('sess_quiet', { holder: 'server-quiet' }))
      const silence = async () => (await store.conversations.claim('sess_quiet', 'server-quiet'))!.silentForMs
      await new Promise((resolve) => setTimeout(resolve, 60))
      const before = await silence()
      await store.conversations.alive('server-quiet')
      await store.conversations.alive('server-quiet')
      assert.ok(before >= 50 && (await silence()) < before)
    })

    check('takes away old conversations, and none that a living server holds', async () => {
      const hoursAgo = Date.now() - 2 * 3_600_000
      await store.conversations.put(conversation('sess_held', { holder: 'server-3' }))
      await store.conversations.put(conversation('sess_forgotten', { expiresAtUnixMs: hoursAgo }))
      await store.conversations.alive('server-3')
      await store.conversations.forgetOld()
      assert.equal(await store.conversations.find('sess_forgotten'), undefined)
      assert.ok(await store.conversations.find('sess_held'))
    })

    check('redeems neither an expired token nor one that was never issued', async () => {
      const token = hash()
      const { expiresAt } = await store.tokens.issue({
        hash: token,
        accountId: account,
        expiresInSeconds: 0,
        sessionCapSeconds: undefined,
      })
      assert.ok(Math.abs(expiresAt.getTime() - Date.now()) < 60_000)
      assert.equal(await store.tokens.redeem(token, { reuse: true }), undefined)
      assert.equal(await store.tokens.redeem(hash(), { reuse: true }), undefined)
    })

    checkSessions(check, () => store)
    checkCalls(check, () => store)
  })
}

for (const kind of ['in a folder', 'on a PostgreSQL server']) {
  describe(`what is kept ${kind}`, () => {
    let prepared: Prepared | string
    before(async () => {
      prepared = await kinds[kind]!()
    })
    after(async () => {
      if (prepared && typeof prepared !== 'string') await prepared.clean()
    })
    const check = (name: string, run: (place: Place) => Promise<void>) =>
      it(name, async (t) => {
        if (typeof prepared === 'string') return t.skip(prepared)
        await run(prepared.place)
      })

    check('is there when the store is opened again, and migrations run once', async (place) => {
      const first = await openStore(place)
      await first.agents.create(account, 'agent_kept', content('Kept'))
      await first.close()
      const second = await openStore(place)
      assert.equal((await second.agents.find(account, 'agent_kept'))?.document.name, 'Kept')
      await second.close()
    })

    check('gives rows the same types wherever they come from', async (place) => {
      const { db, close } = await openDatabase(place)
      const { rows } = await sql<Record<string, unknown>>`
        select 9007199254740993::bigint as large, 7 as small, true as yes, null as nothing, '{"a":[1]}'::jsonb as json,
          timestamptz '2026-09-24 00:52:06.150Z' as moment, '\\x00ff'::bytea as bytes, array['a','b'] as list`.execute(
        db,
      )
      assert.deepEqual(rows, [
        {
          large: '9007199254740993',
          small: 7,
          yes: true,
          nothing: null,
          json: { a: [1] },
          moment: new Date('2026-09-24T00:52:06.150Z'),
          bytes: Buffer.from([0, 255]),
          list: ['a', 'b'],
        },
      ])
      await close()
    })

    check(
      'lets an idempotency key go after a day, and after a minute when its request was never answered',
      async (place) => {
        const database = await openDatabase(place)
        const store = await storeOn(database)
        const age = (key: string, interval: string) =>
          sql`update idempotency_keys set created_at = now() - ${interval}::interval where key = ${key}`.execute(
            database.db,
          )
        const claim = async (key: string, what: string, isAnswered: boolean) => {
          const { outcome } = await store.repeats.claim(account, asking(key, what))
          if (isAnswered) await store.repeats.answer(account, key, { status: 201, body: 'x' })
          return outcome
        }
        const what = text()
        assert.equal(await claim('answered', what, true), 'first')
        await age('answered', '23 hours')
        assert.equal(await claim('answered', what, false), 'answered')
        await age('answered', '25 hours')
        assert.equal(await claim('answered', text(), false), 'first')
        assert.equal(await claim('unanswered', what, false), 'first')
        await age('unanswered', '50 seconds')
        assert.equal(await claim('unanswered', what, false), 'running')
        await age('unanswered', '70 seconds')
        assert.equal(await claim('unanswered', what, false), 'first')
        await store.close()
      },
    )

    check('goes on working after a query failed, and after a transaction was cut off', async (place) => {
      const { db, close } = await openDatabase(place)
      await assert.rejects(sql`select nothing from nowhere`.execute(db), { code: '42P01' })
      const cut = db.transaction().execute(async (transaction) => {
        await sql`create table half_done (a int)`.execute(transaction)
        throw new Error('cut off')
      })
      await assert.rejects(cut, /cut off/)
      const { rows } = await sql`select to_regclass('half_done') as name`.execute(db)
      assert.deepEqual(rows, [{ name: null }])
      await close()
    })

    check('is left alone by a version that does not know all of it', async (place) => {
      await (await openStore(place)).close()
      const { db, close } = await openDatabase(place)
      await sql`insert into parley_migrations (name, timestamp) values ('9999-from-the-future', '')`.execute(db)
      await close()
      await assert.rejects(openStore(place), {
        name: 'NewerDatabaseError',
        message: /made by a newer version of Parley \(it has 9999-from-the-future/,
      })
      const again = await openDatabase(place)
      await sql`delete from parley_migrations where name = '9999-from-the-future'`.execute(again.db)
      await again.close()
      await (await openStore(place)).close()
    })
  })
}

describe('a database of an earlier version', () => {
  it('is brought to the present form, whichever version it is of, and keeps what it holds', async () => {
    const names = Object.keys(migrations).sort()
    assert.deepEqual(Object.keys(migrations), names, 'They are written down in the order in which they run.')
    for (const count of names.slice(1).map((_, index) => index + 1)) {
      const opened = await openDatabase('memory')
      await sql`drop schema public cascade`.execute(opened.db)
      await sql`create schema public`.execute(opened.db)
      const earlier = Object.fromEntries(names.slice(0, count).map((name) => [name, migrations[name]!]))
      await migrate(opened.db, earlier)
      await opened.db
        .insertInto('agents')
        .values({ id: 'agent_kept', account_id: account, document: '{"name":"Kept"}', secrets: '{}' })
        .execute()
      const store = await storeOn(opened)
      assert.equal((await store.agents.find(account, 'agent_kept'))?.document.name, 'Kept')
      assert.deepEqual(await store.sessions.uncleared(['disk'], 1), [])
      assert.equal(await store.conversations.find('sess_1'), undefined)
      assert.equal(await store.deliveries.nextDue(), undefined)
      await store.close()
    }
  })
})

describe('a PostgreSQL server that ends a connection', () => {
  it('fails the query that was running, and no later one; of one that nobody was using it is told', async (t) => {
    const server = await startPostgres()
    if (typeof server === 'string') return t.skip(server)
    t.after(() => server.stop())
    let tellLost: (error: Error) => void = () => {}
    const lost = new Promise<Error>((resolve) => {
      tellLost = resolve
    })
    const url = await server.createDatabase()
    const { db, description, close } = await openDatabase({ url }, { onConnectionLost: tellLost })
    assert.match(description, /^PostgreSQL at 127\.0\.0\.1:\d+\/test_1$/)
    await assert.rejects(sql`select pg_terminate_backend(pg_backend_pid())`.execute(db), { code: '57P01' })
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
    const other = await openDatabase({ url })
    await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(other.db)
    await other.close()
    assert.match((await lost).message, /terminat/)
    assert.deepEqual((await sql`select 1 as one`.execute(db)).rows, [{ one: 1 }])
    await close()
  })
})
