// The member `parley` of a stored agent, and what a session gets of an agent's servers.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { AgentRecord } from '@parley/protocol'
import { agentFinder } from '../../dist/find-agent.js'
import { sessionConfigOf } from '../../dist/http/agent-view.js'
import { createGuard } from '../../dist/net/guard.js'
import { createLogger } from '../../dist/observe/logs.js'
import { defaultAccountId } from '../../dist/storage/store.js'
import { agentsApp, minimal } from './agents-app.js'

const crm = (headers: object[] = []) => ({ name: 'crm', url: 'https://crm.example/mcp', headers, tools: ['find'] })

const { store, server, created, put } = await agentsApp()
after(() => store.close())

const changed = async (id: string, change: object) => (await put(id, change)).body
const stored = async (id: string) => (await store.agents.find(defaultAccountId, id))!
const session = async (id: string) => sessionConfigOf(await stored(id), server.secrets)

describe('settings that only Parley has', () => {
  it('are in the record only where they were set', async () => {
    assert.ok(!('parley' in (await created())))
    assert.ok(!('parley' in (await created({ parley: null }))))
    const parley = { end_call: true, filler: { mode: 'phrases', phrases: ['One moment.'] }, history: { keep: false } }
    const agent = await created({ parley })
    assert.deepEqual(agent.parley, parley)
    AgentRecord.parse(agent)
  })

  it('stay when a change does not name them, are replaced as a whole when it does, and null clears them', async () => {
    const agent = await created({ parley: { end_call: true, mcp_servers: [crm([{ name: 'X-Key', value: 'k' }])] } })
    const before = (await stored(agent.id)).secrets
    assert.deepEqual((await changed(agent.id, { name: 'Grace' })).parley, agent.parley)
    assert.deepEqual((await stored(agent.id)).secrets, before)
    assert.deepEqual((await changed(agent.id, { parley: { filler: { mode: 'off' } } })).parley, {
      filler: { mode: 'off' },
    })
    assert.deepEqual((await stored(agent.id)).secrets, {})
    assert.ok(!('parley' in (await changed(agent.id, { parley: null }))))
  })

  it('are refused when they are not known, or not as they should be', async () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ end_cal: true }, 'parley'],
      [{ filler: { mode: 'loud' } }, 'parley.filler.mode'],
      [{ history: { retention_days: 0 } }, 'parley.history.retention_days'],
      [{ mcp_servers: [crm(), crm()] }, 'parley.mcp_servers[1].name'],
      [{ mcp_servers: [{ ...crm(), name: 'aai_x' }] }, 'parley.mcp_servers[0].name'],
      [{ mcp_servers: [{ ...crm(), name: 'A b' }] }, 'parley.mcp_servers[0].name'],
      [{ mcp_servers: [{ ...crm(), url: 'http://crm.example/' }] }, 'parley.mcp_servers[0].url'],
      [{ mcp_servers: [{ ...crm(), url: 'https://inside.example/' }] }, 'parley.mcp_servers[0].url'],
      [{ mcp_servers: [{ ...crm(), url: 'https://169.254.169.254/' }] }, 'parley.mcp_servers[0].url'],
      [
        { mcp_servers: Array.from({ length: 9 }, (_, index) => ({ ...crm(), name: `s${index}` })) },
        'parley.mcp_servers',
      ],
    ]
    for (const [parley, param] of wrong) {
      const answer = await server.send('POST', '/v1/agents', { ...minimal, parley })
      assert.deepEqual([answer.status, answer.body.param], [422, param], answer.text)
    }
  })
})

describe('a server of tools', () => {
  it('never shows the values of its headers, and keeps them by its name', async () => {
    const agent = await created({ parley: { mcp_servers: [crm([{ name: 'Authorization', value: 'Bearer hidden' }])] } })
    const { last_set_at } = agent.parley.mcp_servers[0].headers[0]
    assert.match(last_set_at, /^\d{4}-.*\.\d{6}$/)
    assert.deepEqual(agent.parley.mcp_servers, [crm([{ name: 'Authorization', last_set_at }])])
    assert.doesNotMatch(JSON.stringify(agent), /hidden/)

    const { id, created_at: _, updated_at: __, ...rest } = agent
    assert.deepEqual((await changed(id, rest)).parley, agent.parley, 'what was read may be written back')
    assert.deepEqual((await session(id)).mcpServers, [
      { name: 'crm', url: 'https://crm.example/mcp', headers: { Authorization: 'Bearer hidden' }, tools: ['find'] },
    ])
    await changed(id, { parley: { mcp_servers: [crm([{ name: 'Authorization', value: 'Bearer other' }])] } })
    assert.deepEqual((await session(id)).mcpServers[0]?.headers, { Authorization: 'Bearer other' })
    await changed(id, { parley: { mcp_servers: [crm([{ name: 'authorization', remove: true } as const])] } })
    assert.deepEqual((await session(id)).mcpServers[0]?.headers, {})
    assert.deepEqual((await stored(id)).secrets, {})
  })
})

describe('what a session gets of its agent', () => {
  it('has the settings of its own, and neither servers nor history', async () => {
    const history = { retention_days: 3 }
    const agent = await created({
      parley: { end_call: true, filler: { mode: 'off' }, history, mcp_servers: [crm()] },
    })
    assert.deepEqual((await session(agent.id)).config.parley, { end_call: true, filler: { mode: 'off' } })
    const plain = await created({ parley: { history } })
    assert.ok(!('parley' in (await session(plain.id)).config))
  })

  it('shows of an HTTP tool its address and method, and nothing of its headers (141)', async () => {
    const agent = await created({
      tools: [
        {
          name: 'find_order',
          timeout_seconds: 15,
          http: {
            url: 'https://shop.example/orders?src=voice',
            http_method: 'GET',
            headers: [
              { name: 'Authorization', value: 'Bearer hidden' },
              { name: 'X-Shop', value: 'north' },
            ],
          },
        },
        { name: 'wait' },
      ],
    })
    const { config, httpTools } = await session(agent.id)
    assert.deepEqual(
      config.tools.map(({ http }) => http),
      [
        {
          url: 'https://shop.example/orders?src=voice',
          method: 'GET',
          headers_ciphertext: '',
          headers_encrypted_data_key: '',
          headers_kms_key_id: '',
        },
        null,
      ],
    )
    assert.doesNotMatch(JSON.stringify(config), /hidden|north|Authorization|X-Shop/)
    assert.deepEqual(httpTools, [
      {
        name: 'find_order',
        url: 'https://shop.example/orders?src=voice',
        method: 'GET',
        headers: { Authorization: 'Bearer hidden', 'X-Shop': 'north' },
        timeoutMs: 15_000,
      },
    ])
  })
})

describe('what a stored agent says about phones', () => {
  const transfer_targets = [{ name: 'Sales', phone_number: '+15550111' }]
  const parley = { phone: { on_machine: 'continue' } }

  it('is in its record, stays when a change does not name it, and may be written back as it was read', async () => {
    const agent = await created({ transfer_targets, parley })
    AgentRecord.parse(agent)
    assert.deepEqual(agent.parley, parley)
    const renamed = (await put(agent.id, { name: 'Grace' })).body
    assert.deepEqual([renamed.transfer_targets, renamed.parley], [agent.transfer_targets, agent.parley])
    const { id, created_at: _, updated_at: __, ...rest } = agent
    assert.deepEqual((await put(id, rest)).body.transfer_targets, agent.transfer_targets)
    assert.deepEqual((await put(id, { transfer_targets: [] })).body.transfer_targets, [])
  })

  it('is found with the agent, and is no part of the settings of its sessions', async () => {
    const parameters = { type: 'object', properties: { card: { type: 'string' } } }
    const card = { parameter_name: 'card', min_digits: 16, max_digits: 16, prompt: 'Your card.', sensitive: true }
    const pay = { name: 'pay', http: { url: 'https://shop.example/pay' }, parameters, dtmf_collected_arguments: [card] }
    const { id } = await created({ transfer_targets, parley, tools: [pay] })
    const guard = createGuard({ allowPrivate: false })
    const log = createLogger({ level: 'silent', pretty: false })
    const parts = { store, secrets: server.secrets, guard, clock: server.clock, metrics: { toolRan() {} }, log }
    const agent = await agentFinder(parts)(defaultAccountId, id)
    await guard.close()
    assert.deepEqual(agent?.phone?.onMachine, { do: 'continue' })
    assert.equal(agent?.phone?.transferTargets[0]?.phoneNumber, '+15550111')
    assert.deepEqual(
      [agent?.config.tools, agent?.phoneTools?.map(({ name }) => name), agent?.tools?.names],
      [[], ['pay'], ['pay']],
    )
    assert.doesNotMatch(JSON.stringify(agent?.config), /Sales|continue|pay/)
  })
})
