// What every store does with sessions.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { defaultAccountId as account, type NewSession, type Store } from '../../dist/storage/store.js'

const DAY_MS = 86_400_000
/** All times here lie in a past of their own. */
const start = Date.parse('2026-03-01T10:00:00.250Z')
const after = (ms: number) => new Date(start + ms)
const newId = () => `sess_${randomBytes(16).toString('hex')}`

const session = (fields: Partial<NewSession> = {}): NewSession => ({
  id: newId(),
  accountId: account,
  agentId: undefined,
  config: { system_prompt: 'Be brief.' },
  retentionDays: undefined,
  createdAt: after(0),
  ...fields,
})
const end = (ms = 1500, closeReason = 'client_end') => ({ closeReason, durationSeconds: ms / 1000, endedAt: after(ms) })
const everything = { limit: 200, after: undefined, status: undefined, agentId: undefined }

export function checkSessions(check: (name: string, run: () => Promise<void>) => void, theStore: () => Store): void {
  check('keeps a session from its beginning to its end', async () => {
    const { sessions } = theStore()
    const begun = session({ agentId: 'agent_1' })
    await sessions.create(begun)
    const open = {
      id: begun.id,
      agentId: 'agent_1',
      status: 'created',
      closeReason: null,
      durationSeconds: null,
      createdAt: '2026-03-01T10:00:00.250000',
      endedAt: null,
      config: { system_prompt: 'Be brief.' },
      artifacts: [],
    }
    assert.deepEqual(await sessions.find(account, begun.id), open)
    assert.deepEqual(await sessions.fate(begun.id), { is: 'open' })
    await sessions.complete(begun, end())
    const artifacts = [{ type: 'audio', place: 'disk' }] as const
    assert.equal(await sessions.publish(begun.id, artifacts), true)
    const ended = {
      ...open,
      status: 'completed',
      closeReason: 'client_end',
      durationSeconds: 1.5,
      endedAt: '2026-03-01T10:00:01.750000',
      artifacts,
    }
    assert.deepEqual(await sessions.find(account, begun.id), ended)
    assert.deepEqual(await sessions.fate(begun.id), { is: 'completed', hasFiles: true, ...end() })
  })

  check('keeps settings that hold characters which a column of text refuses', async () => {
    const { sessions } = theStore()
    const config = { system_prompt: 'A\0B\ud800C' }
    const odd = session({ config })
    await sessions.create(odd)
    assert.deepEqual((await sessions.find(account, odd.id))?.config, config)
  })

  check('leaves the files of an account that is deleted to be deleted like those of any deleted session', async () => {
    const { accounts, sessions } = theStore()
    const id = `acct_${randomBytes(16).toString('hex')}`
    await accounts.create(id, 'Leaving')
    const [ended, running] = [session({ accountId: id }), session({ accountId: id })]
    await sessions.complete(ended, end())
    await sessions.publish(ended.id, [{ type: 'audio', place: 'disk' }])
    await sessions.create(running)
    assert.equal(await accounts.remove(id), true)
    assert.equal(await sessions.find(id, ended.id), undefined)
    assert.deepEqual(
      (await sessions.uncleared(['disk'], 1000)).filter((uncleared) => uncleared.id === ended.id),
      [{ id: ended.id, artifacts: [{ type: 'audio', place: 'disk' }] }],
    )
    // it ends only now, and has nothing published any more
    await sessions.complete(running, end())
    assert.equal(await sessions.publish(running.id, [{ type: 'audio', place: 'disk' }]), false)
    await sessions.cleared(ended.id)
  })

  check('keeps a session whose beginning did not reach it', async () => {
    const { sessions } = theStore()
    const lost = session()
    await sessions.complete(lost, end())
    assert.equal((await sessions.find(account, lost.id))?.status, 'completed')
    assert.deepEqual(await sessions.fate(newId()), { is: 'unknown' })
  })

  check('shows a session to no other account', async () => {
    const { sessions } = theStore()
    const mine = session()
    await sessions.create(mine)
    assert.equal(await sessions.find('other', mine.id), undefined)
    assert.equal(await sessions.remove('other', mine.id), undefined)
    assert.deepEqual(await sessions.list('other', everything), { sessions: [], next: undefined })
    assert.ok(await sessions.find(account, mine.id))
  })

  check('lists sessions newest first, by status and by agent, in pages that stay right', async () => {
    const { sessions } = theStore()
    const of = (agentId: string) => Array.from({ length: 3 }, () => session({ agentId }))
    const [ours, others] = [of('agent_paged'), of('agent_other')]
    for (const one of [ours[0]!, others[0]!, ours[1]!, others[1]!, ours[2]!, others[2]!]) await sessions.create(one)
    await sessions.complete(ours[1]!, end())
    const page = { limit: 2, after: undefined, status: undefined, agentId: 'agent_paged' }
    const first = await sessions.list(account, page)
    assert.deepEqual(
      first.sessions.map(({ id }) => id),
      [ours[2]!.id, ours[1]!.id],
    )
    assert.deepEqual(Object.keys(first.sessions[0]!).sort(), [
      'agentId',
      'closeReason',
      'createdAt',
      'durationSeconds',
      'endedAt',
      'id',
      'status',
    ])
    await sessions.create(session({ agentId: 'agent_paged' }))
    const second = await sessions.list(account, { ...page, after: first.next })
    assert.deepEqual([second.sessions.map(({ id }) => id), second.next], [[ours[0]!.id], undefined])
    const completed = await sessions.list(account, { ...page, status: 'completed' })
    assert.deepEqual(
      completed.sessions.map(({ id }) => id),
      [ours[1]!.id],
    )
  })

  check(
    'takes a deleted session out of every answer, with its settings, and remembers which files are left',
    async () => {
      const { sessions } = theStore()
      const gone = session()
      await sessions.complete(gone, end())
      await sessions.publish(gone.id, [{ type: 'timeline', place: 's3' }])
      assert.deepEqual(await sessions.remove(account, gone.id), [{ type: 'timeline', place: 's3' }])
      assert.equal(await sessions.remove(account, gone.id), undefined)
      assert.equal(await sessions.find(account, gone.id), undefined)
      const { sessions: listed } = await sessions.list(account, everything)
      assert.ok(!listed.some(({ id }) => id === gone.id))
      assert.deepEqual(await sessions.fate(gone.id), { is: 'deleted' })
      assert.equal(await sessions.publish(gone.id, [{ type: 'audio', place: 'disk' }]), false)
      assert.deepEqual(
        await sessions.uncleared(['disk'], 10),
        [],
        'a server without the store leaves it to one that has it',
      )
      const left = { id: gone.id, artifacts: [{ type: 'timeline', place: 's3' }] }
      assert.deepEqual(await sessions.uncleared(['disk', 's3'], 10), [left])
      await sessions.forget(0, 100)
      assert.deepEqual(await sessions.fate(gone.id), { is: 'deleted' })
      await sessions.cleared(gone.id)
      assert.deepEqual(await sessions.uncleared(['disk', 's3'], 10), [])
      await sessions.forget(3600, 100)
      assert.deepEqual(await sessions.fate(gone.id), { is: 'deleted' })
      const running = session()
      await sessions.create(running)
      await sessions.remove(account, running.id)
      assert.equal(await sessions.forget(0, 100), 1)
      assert.deepEqual(await sessions.fate(gone.id), { is: 'unknown' })
      await sessions.complete(running, end())
      assert.deepEqual(await sessions.fate(running.id), { is: 'deleted' }, 'a session that runs on does not come back')
    },
  )

  check('lets sessions go when their time is over: their own, or else that of the server', async () => {
    const { sessions } = theStore()
    const [short, long, usual, open] = [
      session({ retentionDays: 2 }),
      session({ retentionDays: 30 }),
      session(),
      session(),
    ]
    for (const one of [short, long, usual]) await sessions.complete(one, end())
    await sessions.create(open)
    const there = async () =>
      (await Promise.all([short, long, usual, open].map(({ id }) => sessions.find(account, id)))).map(Boolean)
    const at = (days: number) => after(1500 + days * DAY_MS)
    assert.equal(await sessions.expire(at(1.9), 0, 100), 0)
    await sessions.expire(at(2.1), 0, 100)
    assert.deepEqual(await there(), [false, true, true, true])
    await sessions.expire(at(6.9), 7, 100)
    assert.deepEqual(await there(), [false, true, true, true])
    while ((await sessions.expire(at(7.1), 7, 2)) === 2);
    assert.deepEqual(await there(), [false, true, false, true])
    await sessions.expire(at(400), 7, 100)
    assert.deepEqual(await there(), [false, false, false, true])
  })

  check('closes sessions that no server holds any more, but for those that may be resumed', async () => {
    const { sessions } = theStore()
    const [held, lost, resumable] = [session(), session(), session()]
    for (const one of [held, lost, resumable]) await sessions.create(one)
    await sessions.seen([lost.id], after(2000))
    await sessions.seen([held.id], after(9000))
    await sessions.seen([], after(9000))
    const closed = await sessions.closeOrphans(after(5000), [resumable.id])
    const { id, accountId, agentId, createdAt } = lost
    assert.deepEqual(
      closed.filter((one) => [held.id, lost.id, resumable.id].includes(one.id)),
      [{ id, accountId, agentId, createdAt, ...end(2000, 'error') }],
    )
    assert.deepEqual(await sessions.fate(lost.id), { is: 'completed', hasFiles: false, ...end(2000, 'error') })
    assert.deepEqual(await sessions.fate(resumable.id), { is: 'open' })
  })
}
