// The agent as it is on a call: its words, its tools, where calls may go from it, and what it says of them beforehand.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, beforeEach, describe, it } from 'node:test'
import { checkAgentCreate, naiveTime } from '@parley/protocol'
import { createdContent, newAgentId } from '../../dist/http/agent-content.js'
import { preConnectOf, sessionConfigOf } from '../../dist/http/agent-view.js'
import { createGuard } from '../../dist/net/guard.js'
import { agentAnswers } from '../../dist/phone/agent-answers.js'
import type { PhoneCall } from '../../dist/phone/call.js'
import { type PhoneTerms, phoneAgent } from '../../dist/phone/phone-agent.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import type { StoredAgent } from '../../dist/session/ports.js'
import { virtualSession } from '../helpers/virtual-session.js'

const minimal = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }

const secrets = new SecretBox(randomBytes(32))
/** Every name leads into the network of the server, where nothing is asked. */
const guard = createGuard({ allowPrivate: false, resolver: async () => ['127.0.0.1'] })
after(() => guard.close())
beforeEach(() => {
  warnings.length = 0
})

function stored(fields: object) {
  const checked = checkAgentCreate({ ...minimal, ...fields }, { voices: ['alba'] })
  assert.ok(checked.ok, JSON.stringify(checked))
  const now = naiveTime(new Date(0))
  const id = newAgentId()
  return { id, ...createdContent(checked.value, { id, now, secrets }), createdAt: now, updatedAt: now }
}

/** As a session finds it, with the tools that the server runs. */
function found(fields: object): StoredAgent {
  const { config, phone, phoneTools, httpTools } = sessionConfigOf(stored(fields), secrets)
  const names = httpTools.map(({ name }) => name)
  const tools = { names, run: async () => ({ result: '', isError: false }), close: async () => {} }
  return { config, phone, phoneTools, tools }
}

const call: PhoneCall = {
  id: 'call_1',
  accountId: 'account_1',
  keyId: undefined,
  agentId: 'agent_1',
  carrier: 'twilio',
  carrierCallId: 'CA1',
  direction: 'inbound',
  from: '+15550100',
  to: '+15550199',
  variables: {},
  greeting: undefined,
  sessionId: undefined,
}
const warnings: (readonly [message: string, fields: Readonly<Record<string, unknown>>])[] = []
const terms: PhoneTerms = {
  mayDial: () => true,
  warn: (message, fields) => warnings.push([message, fields]),
}
const onPhone = (fields: object, how: Partial<PhoneCall> = {}, more: Partial<PhoneTerms> = {}) =>
  phoneAgent(found(fields), { ...call, ...how }, { ...terms, ...more })

const answers = () =>
  agentAnswers({
    guard,
    clock: new VirtualClock(),
    log: (_level, message, fields) => warnings.push([message, fields]),
    secrets,
  })

const http = { url: 'https://shop.example/run' }
const parameters = { type: 'object', properties: { pin: { type: 'string' } }, required: ['pin'] }
const pin = { parameter_name: 'pin', min_digits: 4, max_digits: 6, prompt: 'Your PIN, please.' }

describe('on a call', () => {
  it('the agent speaks and hears, whatever it is set to', async () => {
    const { config } = onPhone({
      input: { type: 'text', keyterms: ['Parley'] },
      output: { type: 'text', volume: 50 },
    })
    assert.deepEqual([config.input.type, config.input.keyterms], ['audio', ['Parley']])
    assert.deepEqual([config.output.type, config.output.volume], ['audio', 50])
  })

  it('its prompt and greeting know the caller: what was captured goes over what the carrier says', async () => {
    const words = {
      system_prompt: '{{name}} calls {{dialed_number}} from {{caller_number}} ({{direction}}).',
      greeting: 'Hello {{name}}!',
    }
    const known = { variables: { name: 'Ada {{direction}}\0', caller_number: 'home' } }
    const { config, variables } = onPhone(words, known)
    assert.equal(config.system_prompt, 'Ada {{direction}} calls +15550199 from home (inbound).')
    assert.equal(config.greeting, 'Hello Ada {{direction}}!')
    assert.deepEqual(variables, { name: 'Ada {{direction}}', caller_number: 'home' })
    assert.deepEqual(warnings, [])
  })

  it('what is not known is left out of its words, and the log says which', async () => {
    const words = { system_prompt: 'You talk to {{name}}.', greeting: 'Hello {{name}}, {{time}}.' }
    const { config } = onPhone(words)
    assert.deepEqual([config.system_prompt, config.greeting], ['You talk to.', 'Hello,.'])
    assert.deepEqual(warnings, [['Placeholders without a value were left out.', { names: ['name', 'time'] }]])
  })

  it('a greeting that came with the call is said as it is, and one that it has not got stays away', async () => {
    const { config } = onPhone({ greeting: 'Hello {{name}}!' }, { greeting: 'Good day {{name}}.' })
    assert.equal(config.greeting, 'Good day {{name}}.')
    assert.deepEqual(warnings, [])
    assert.equal(onPhone({ greeting: null }).config.greeting, null)
    assert.equal(onPhone({ greeting: null }, { greeting: 'Hi.' }).config.greeting, 'Hi.')
  })

  it('it has the tools that the server runs, and no others', async () => {
    const { config } = onPhone({ tools: [{ name: 'find_order', http }, { name: 'open_page' }] })
    assert.deepEqual(
      config.tools.map(({ name }) => name),
      ['find_order'],
    )
    assert.deepEqual(warnings[0]?.[1], { tools: ['open_page'] })
    assert.equal(onPhone({ tools: [{ name: 'find_order', http }] }).config.tools.length, 1)
    assert.equal(warnings.length, 1)
  })

  it('callers enter what its tools want from the keypad', async () => {
    const { telephony } = onPhone({
      tools: [
        { name: 'check_pin', http, parameters, dtmf_collected_arguments: [{ ...pin, timeout_seconds: 2.5 }] },
        { name: 'ask_page', parameters, dtmf_collected_arguments: [pin] },
      ],
    })
    assert.deepEqual(telephony?.keypad, [
      {
        tool: 'check_pin',
        argument: 'pin',
        prompt: 'Your PIN, please.',
        least: 4,
        most: 6,
        terminator: '#',
        within: 2500,
        sensitive: false,
        confirm: false,
        escapes: true,
      },
    ])
  })

  it('the key that ends an entry does not lead out of it', async () => {
    const escapes = async (more: object) => {
      const tools = [{ name: 'check_pin', http, parameters, dtmf_collected_arguments: [{ ...pin, ...more }] }]
      return onPhone({ tools }).telephony?.keypad[0]?.escapes
    }
    assert.deepEqual(
      [await escapes({ terminator: '*' }), await escapes({ escalate_hotkey_disabled: true }), await escapes({})],
      [false, false, true],
    )
  })
})

it('what was looked up of a caller is the first thing that the model of the session is told', async () => {
  const agent = onPhone({ system_prompt: 'You talk to {{name}}.' }, { variables: { name: 'Ada', tier: 'gold' } })
  const talk = virtualSession({ agents: { agent_1: agent } })
  talk.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await talk.clock.to(100)
  talk.session.dispatch({ type: 'client.askedReply' })
  await talk.clock.to(200)
  const [prompt, called, result] = talk.requests[0]?.messages ?? []
  assert.deepEqual(prompt, { role: 'system', content: 'You talk to Ada.' })
  assert.ok(called?.role === 'assistant' && result?.role === 'tool')
  assert.deepEqual(called.toolCalls, [{ callId: result.callId, name: 'aai_pre_connect_context', arguments: '{}' }])
  assert.equal(result.content, '{"variables":{"name":"Ada","tier":"gold"}}')
  assert.equal(talk.requests[0]?.messages.length, 3)
  talk.session.dispatch({ type: 'client.ended' })
})

it('a caller of whom nothing is known begins with an empty page', async () => {
  const talk = virtualSession({ agents: { agent_1: onPhone({}) } })
  talk.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await talk.clock.to(100)
  talk.session.dispatch({ type: 'client.askedReply' })
  await talk.clock.to(200)
  assert.deepEqual(talk.requests[0]?.messages, [{ role: 'system', content: 'Be brief.' }])
  talk.session.dispatch({ type: 'client.ended' })
})

describe('a tool for what nobody else may learn', () => {
  it('is there on the phone, and in no other session, where its argument would have to be said aloud', async () => {
    const tools = [
      { name: 'find_order', http },
      { name: 'pay', http, parameters, dtmf_collected_arguments: [{ ...pin, sensitive: true }] },
      { name: 'check_pin', http, parameters, dtmf_collected_arguments: [pin] },
    ]
    const names = ({ config }: StoredAgent) => config.tools.map(({ name }) => name).sort()
    const agent = found({ tools })
    assert.deepEqual(names(agent), ['check_pin', 'find_order'])
    assert.deepEqual(names(phoneAgent(agent, call, terms)), ['check_pin', 'find_order', 'pay'])
  })
})

describe('a transfer', () => {
  const transfer_targets = [
    { name: 'Sales', description: 'Orders and prices.', phone_number: '+15550111', ring_timeout_seconds: 25 },
    { name: 'Support', phone_number: '+4930123456', mode: 'warm', consult_instructions: 'Say who calls.' },
    { name: 'Billing', kind: 'agent', agent_id: 'agent_2', phone_number: '+15550122' },
  ]

  it('goes to the numbers that the server lets be called; of those the model knows the names', async () => {
    const { telephony } = onPhone({ transfer_targets })
    assert.deepEqual(telephony?.transferTargets, [
      { name: 'Sales', description: 'Orders and prices.' },
      { name: 'Support', description: '' },
    ])
    const agent = stored({ transfer_targets })
    const target = (name: string) => answers().transferTarget(agent, name)
    assert.deepEqual(target('Sales'), {
      name: 'Sales',
      description: 'Orders and prices.',
      phoneNumber: '+15550111',
      ringTimeoutSeconds: 25,
    })
    assert.equal(target('Support')?.ringTimeoutSeconds, undefined)
    assert.equal(target('Billing'), undefined)
    assert.doesNotMatch(JSON.stringify(telephony), /\+/, 'no number is for the model')
  })

  it('that is done otherwise than the agent says, or not at all, is said in the log', async () => {
    onPhone({ transfer_targets }, {}, { mayDial: (number) => number.startsWith('+49') })
    assert.deepEqual(
      warnings.map(([message]) => message),
      [
        'The transfer to Support is done cold: nobody is spoken to before the caller is.',
        'The transfer target Billing is an agent. Calls are handed on to telephone numbers only.',
        'Transfer targets were left out: PARLEY_CALL_DESTINATIONS does not let their numbers be called.',
      ],
    )
    assert.deepEqual(warnings[2]?.[1], { left: 1 })
  })

  it('is nowhere to go to where the agent has no target', async () => {
    assert.deepEqual(onPhone({}).telephony, { transferTargets: [], keypad: [] })
    assert.deepEqual(warnings, [])
  })
})

describe('a machine that answers', () => {
  const answer = async (parley: object | undefined, variables = {}) =>
    answers().machineAnswer(stored(parley ? { parley } : {}), { ...call, variables })

  it('is hung up on, left a message, or talked to, as the agent says', async () => {
    assert.deepEqual(await answer(undefined), { do: 'hang up' })
    assert.deepEqual(await answer({ end_call: true }), { do: 'hang up' })
    assert.deepEqual(await answer({ phone: {} }), { do: 'hang up' })
    assert.deepEqual(await answer({ phone: { on_machine: 'hang_up', machine_message: 'Hi.' } }), { do: 'hang up' })
    assert.deepEqual(await answer({ phone: { on_machine: 'continue' } }), { do: 'continue' })
  })

  it('is left a message that knows whom it is for', async () => {
    const phone = { on_machine: 'leave_message', machine_message: 'Hello {{name}}, call {{caller_number}} back.' }
    assert.deepEqual(await answer({ phone }, { name: 'Ada' }), {
      do: 'leave',
      message: 'Hello Ada, call +15550100 back.',
    })
  })
})

describe('what a stored agent says about phones', () => {
  it('has the headers of its requests apart, and they are opened only to make them', async () => {
    const agent = stored({
      pre_connect_requests: [
        {
          http: { url: 'https://crm.example/who', http_method: 'GET', headers: [{ name: 'X-Key', value: 'hidden' }] },
          sends: ['caller_number'],
          returns: [
            { name: 'name', path: 'customer.name' },
            { name: 'tier', path: 'customer.tier', default: 'silver' },
          ],
          timeout_ms: 500,
          allow_overrides: ['greeting'],
        },
        {
          http: { url: 'https://crm.example/gate', headers: [{ name: 'X-Key', value: 'other' }] },
          on_failure: 'reject',
        },
      ],
    })
    assert.deepEqual(preConnectOf(agent, secrets), [
      {
        url: 'https://crm.example/who',
        method: 'GET',
        headers: { 'X-Key': 'hidden' },
        sends: ['caller_number'],
        returns: [
          { name: 'name', path: 'customer.name', default: undefined },
          { name: 'tier', path: 'customer.tier', default: 'silver' },
        ],
        timeoutMs: 500,
        mayOverrideGreeting: true,
        isGate: false,
      },
      {
        url: 'https://crm.example/gate',
        method: 'POST',
        headers: { 'X-Key': 'other' },
        sends: [],
        returns: [],
        timeoutMs: 800,
        mayOverrideGreeting: false,
        isGate: true,
      },
    ])
    const before = await answers().beforeAnswer(call, agent)
    assert.deepEqual([before.reject, before.variables], [true, { tier: 'silver' }])
    assert.equal(warnings.length, 2)
    const { config, phone } = sessionConfigOf(agent, secrets)
    assert.doesNotMatch(JSON.stringify([config, phone, agent.document]), /hidden|other/)
  })
})
