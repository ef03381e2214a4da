// What a stored agent says about phones: what is accepted, how it is stored, and where a refusal points.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AgentRecord,
  checkAgentCreate,
  checkAgentUpdate,
  KeypadArgumentRecord,
  TransferTargetRecord,
  validationError,
} from '@parley/protocol'
import { known } from './support.js'

const least = { name: 'Front desk', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
const entry = { parameter_name: 'pin', min_digits: 4, max_digits: 6, prompt: 'Please enter your PIN.' }
const parameters = { type: 'object', properties: { pin: { type: 'string' }, card: { type: 'string' } } }
const lookup = { http: { url: 'https://crm.example/who' } }

const withEntries = (...entries: object[]) => ({
  tools: [{ name: 'check_pin', parameters, dtmf_collected_arguments: entries }],
})

function created(fields: object) {
  const result = checkAgentCreate({ ...least, ...fields }, known)
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.errors))
  return result.value
}

/** Which fields are refused, and how; the same when an agent is created and when it is changed. */
function complaints(fields: object): readonly string[] {
  const [one, other] = [checkAgentCreate({ ...least, ...fields }, known), checkAgentUpdate(fields, known)]
  assert.ok(!one.ok && !other.ok, 'the agent was accepted')
  const texts = [one, other].map(({ errors }) =>
    validationError(errors, 'req_1').body.errors?.map(({ param, message }) => `${param}: ${message}`),
  )
  assert.deepEqual(texts[0], texts[1])
  return texts[0] ?? []
}

describe('what callers enter on the keypad', () => {
  const stored = (value: object) => created(withEntries(value)).tools?.[0]?.dtmf_collected_arguments?.[0]

  test('is stored complete, so that a record shows every setting', () => {
    assert.deepEqual(stored(entry), {
      ...entry,
      sensitive: false,
      terminator: '#',
      confirm: false,
      timeout_seconds: 10,
      escalate_hotkey_disabled: false,
    })
    assert.deepEqual(KeypadArgumentRecord.parse(stored(entry)), stored(entry))
  })

  test('is stored as it was sent, and may be written back as it was read', () => {
    const full = {
      parameter_name: 'card',
      min_digits: 16,
      max_digits: 16,
      sensitive: true,
      terminator: '*',
      confirm: true,
      timeout_seconds: 300,
      escalate_hotkey_disabled: true,
      prompt: 'Your card number, please.',
    }
    assert.deepEqual(stored(full), full)
    assert.deepEqual(stored({ ...full, of_a_later_version: 1 }), full, 'what is not known is left out')
  })

  test('may have nulls where nothing is set', () => {
    const nulls = { sensitive: null, terminator: null, confirm: null, timeout_seconds: null }
    assert.deepEqual(stored({ ...entry, ...nulls, escalate_hotkey_disabled: null }), stored(entry))
    assert.equal(created({ tools: [{ name: 't', dtmf_collected_arguments: null }] }).tools?.length, 1)
  })

  const at = 'tools[0].dtmf_collected_arguments[0]'
  for (const [change, complaint] of [
    [{ parameter_name: 'age' }, `${at}.parameter_name: Must be one of parameters.properties`],
    [{ parameter_name: 'toString' }, `${at}.parameter_name: Must be one of parameters.properties`],
    [{ min_digits: 7 }, `${at}.min_digits: Must not be more than max_digits`],
    [{ min_digits: 0 }, `${at}.min_digits: Input should be greater than or equal to 1`],
    [{ max_digits: 65 }, `${at}.max_digits: Input should be less than or equal to 64`],
    [{ max_digits: 4.5 }, `${at}.max_digits: Input should be a valid integer`],
    [{ min_digits: undefined }, `${at}.min_digits: Field required`],
    [{ terminator: '##' }, `${at}.terminator: Must be one key of a phone: a digit, * or #`],
    [{ terminator: 'A' }, `${at}.terminator: Must be one key of a phone: a digit, * or #`],
    [{ timeout_seconds: 301 }, `${at}.timeout_seconds: Input should be less than or equal to 300`],
    [{ prompt: undefined }, `${at}.prompt: Field required`],
    [{ prompt: '' }, `${at}.prompt: String should have at least 1 character`],
  ] as const)
    test(`is refused where it cannot be entered: ${complaint.slice(at.length + 1)} ${JSON.stringify(change)}`, () => {
      assert.deepEqual(complaints(withEntries({ ...entry, ...change })), [complaint])
    })

  test('is a parameter of the tool, once', () => {
    assert.deepEqual(complaints({ tools: [{ name: 't', dtmf_collected_arguments: [entry] }] }), [
      `${at}.parameter_name: Must be one of parameters.properties`,
    ])
    assert.deepEqual(complaints(withEntries(entry, { ...entry, parameter_name: 'card' }, entry)), [
      'tools[0].dtmf_collected_arguments[2].parameter_name: Must be unique',
    ])
  })
})

describe('a transfer target', () => {
  const sales = { name: 'Sales', phone_number: '+15550100' }
  const stored = (value: object) => created({ transfer_targets: [value] }).transfer_targets?.[0]

  test('is a person with a number, connected at once, unless it says otherwise', () => {
    const complete = {
      ...sales,
      description: null,
      kind: 'human',
      agent_id: null,
      mode: 'cold',
      consult_instructions: null,
      ring_timeout_seconds: null,
      consult_timeout_seconds: null,
      record_consult: null,
    }
    assert.deepEqual(stored(sales), complete)
    assert.deepEqual(stored(complete), complete, 'it may be written back as it was read')
    assert.deepEqual(TransferTargetRecord.parse(complete), complete)
  })

  test('is stored even where it asks for what this server does otherwise, or not at all', () => {
    const warm = {
      mode: 'warm',
      consult_instructions: 'Say who calls.',
      ring_timeout_seconds: 600,
      consult_timeout_seconds: 45,
      record_consult: false,
    }
    const target = stored({ ...sales, ...warm })
    for (const [key, value] of Object.entries(warm)) assert.equal(target?.[key as keyof typeof target], value)
    assert.equal(stored({ name: 'Billing', kind: 'agent', agent_id: 'agent_2' })?.kind, 'agent')
  })

  for (const [target, complaint] of [
    [{ phone_number: '+15550100' }, 'name: Field required'],
    [{ ...sales, name: '' }, 'name: String should have at least 1 character'],
    [{ name: 'Sales' }, "phone_number: Is required where kind is 'human'"],
    [{ name: 'Sales', kind: 'human', agent_id: 'agent_2' }, "phone_number: Is required where kind is 'human'"],
    [{ ...sales, kind: 'agent' }, "agent_id: Is required where kind is 'agent'"],
    [{ ...sales, kind: 'robot' }, "kind: Input should be 'human' or 'agent'"],
    [{ ...sales, mode: 'hot' }, "mode: Input should be 'cold' or 'warm'"],
    [{ ...sales, phone_number: '555-0100' }, 'phone_number: Must be a phone number such as +15550100'],
    [{ ...sales, phone_number: '+0155501' }, 'phone_number: Must be a phone number such as +15550100'],
    [{ ...sales, phone_number: '+1234567890123456' }, 'phone_number: Must be a phone number such as +15550100'],
    [{ ...sales, ring_timeout_seconds: 601 }, 'ring_timeout_seconds: Input should be less than or equal to 600'],
  ] as const)
    test(`is refused where nobody could be called: ${complaint} ${JSON.stringify(target)}`, () => {
      assert.deepEqual(complaints({ transfer_targets: [target] }), [`transfer_targets[0].${complaint}`])
    })

  test('has a name of its own, since the model chooses by it', () => {
    assert.deepEqual(complaints({ transfer_targets: [sales, { ...sales, phone_number: '+15550101' }] }), [
      'transfer_targets[1].name: Must be unique',
    ])
  })
})

describe('a pre-connect request', () => {
  const captures = (name: string, path = 'customer.name') => ({ ...lookup, returns: [{ name, path }] })

  test('sends what is known of the call, and what an earlier one captured', () => {
    const requests = [
      { ...captures('customer_id'), sends: ['caller_number', 'dialed_number', 'direction', 'agent_id', 'session_id'] },
      { ...lookup, sends: ['customer_id'], on_failure: 'reject' },
    ]
    assert.equal(created({ pre_connect_requests: requests }).pre_connect_requests?.length, 2)
  })

  for (const [requests, complaint] of [
    [
      [{ ...captures('a'), sends: ['a'] }],
      '[0].sends[0]: Must be one of caller_number, dialed_number, direction, agent_id, session_id, or a name that an earlier request returns',
    ],
    [[captures('a'), captures('a')], '[1].returns[0].name: Must be unique'],
    [[captures('a', 'b..c')], '[0].returns[0].path: Must be a dotted path such as results.0.id'],
    [[captures('a', '.b')], '[0].returns[0].path: Must be a dotted path such as results.0.id'],
    [[{ ...lookup, timeout_ms: 801 }], '[0].timeout_ms: Input should be less than or equal to 800'],
    [[{ ...lookup, allow_overrides: ['voice'] }], "[0].allow_overrides[0]: Input should be 'greeting'"],
    [[{ ...lookup, on_failure: 'retry' }], "[0].on_failure: Input should be 'continue' or 'reject'"],
  ] as const)
    test(`is refused where it cannot work: ${complaint.slice(0, 70)}`, () => {
      assert.deepEqual(complaints({ pre_connect_requests: requests }), [`pre_connect_requests${complaint}`])
    })
})

describe('how an agent is on phone calls', () => {
  test('is part of what only Parley has', () => {
    for (const phone of [{}, { on_machine: 'continue' }, { on_machine: 'leave_message', machine_message: 'Call us.' }])
      assert.deepEqual(created({ parley: { phone } }).parley, { phone })
    assert.deepEqual(AgentRecord.shape.parley.parse({ phone: { on_machine: 'hang_up' } }), {
      phone: { on_machine: 'hang_up' },
    })
  })

  for (const [phone, complaint] of [
    [{ on_machine: 'shout' }, "on_machine: Input should be 'hang_up', 'leave_message' or 'continue'"],
    [{ on_machine: 'leave_message' }, "machine_message: Is required where on_machine is 'leave_message'"],
    [{ machine_message: '' }, 'machine_message: String should have at least 1 character'],
    [{ machine_message: 'x'.repeat(2001) }, 'machine_message: String should have at most 2000 characters'],
  ] as const)
    test(`is refused where it is not known what to do: ${complaint}`, () => {
      assert.deepEqual(complaints({ parley: { phone } }), [`parley.phone.${complaint}`])
    })

  test('holds nothing that is not known', () => {
    assert.deepEqual(complaints({ parley: { phone: { on_machines: 'hang_up' } } }), [
      'parley.phone: Extra inputs are not permitted',
    ])
  })
})
