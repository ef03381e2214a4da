// One example of every body of the REST interface, shown in the documents and checked against the schemas.
import type { z } from 'zod'
import { defaultInput, defaultOutput } from '../defaults.js'
import type { KeyRecord } from '../keys.js'
import type { restSchemas } from '../rest.js'
import { sampleText } from '../voices.js'

const agent = {
  name: 'Weather service',
  system_prompt: 'You are the friendly voice of a weather service. Answer in one sentence.',
  voice: { voice_id: 'alba' },
  greeting: 'Hello! Which city are you in?',
}
const tool = {
  name: 'get_weather',
  description: 'Tells the weather of a city. Call it when the user asks about the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const http = { url: 'https://weather.example/now', http_method: 'GET' } as const
const llm = { base_url: 'https://models.example/v1', model: 'example-model' }
const id = 'agent_7d0f4a1b2c3e4d5f60718293a4b5c6d7'
const time = '2026-09-24T00:52:06.150000'
const stamps = { created_at: time, updated_at: time }
const token = 'an-opaque-token'
const webhook = {
  url: 'https://example.com/parley',
  events: ['session.started', 'session.completed'],
} as const
const subscription = {
  id: '6f0e3a52-1c1f-4d6e-9a55-0b8f2c9d7e11',
  agent_id: null,
  url: webhook.url,
  events: [...webhook.events],
  enabled: true,
  secret_version: 1,
  created_at: '2026-09-24T00:52:06Z',
  updated_at: '2026-09-24T00:52:06Z',
}
const delivery = {
  id: 'b3c0de4e-54a1-4b7c-8d0f-6a3d5f1e2c90',
  subscription_id: subscription.id,
  session_id: 'sess_00112233445566778899aabbccddeeff',
  event: 'session.completed',
  event_id: 'evt_8899aabbccddeeff0011223344556677',
  attempt_count: 1,
  status: 'delivered',
  http_status_code: 204,
  error: null,
  delivered_at: '2026-09-24T00:53:41Z',
  next_retry_at: null,
  created_at: '2026-09-24T00:53:40Z',
} as const
const lastPage = { has_more: false, response_metadata: { next_cursor: '' } }

const session = {
  id: 'sess_5f60718293a4b5c6d77d0f4a1b2c3e4d',
  agent_id: id,
  status: 'completed',
  public_close_reason: 'client_end',
  duration_seconds: 35.279485,
  created_at: time,
  ended_at: '2026-09-24T00:52:41.429485',
} as const
const key = {
  id: 'key_7d0f4a1b2c3e4d5f60718293a4b5c6d7',
  name: 'The web site',
  prefix: 'parley_sk_Zb3kQx',
  scopes: ['sessions', 'tokens'],
  max_sessions: 20,
  created_at: '2026-09-24T00:52:06.150Z',
  last_used_at: null,
  expires_at: null,
} satisfies z.input<typeof KeyRecord>
const account = {
  id: 'acct_7d0f4a1b2c3e4d5f60718293a4b5c6d7',
  name: 'A second company',
  created_at: '2026-09-24T00:52:06.150Z',
}

const call = {
  id: 'call_5f60718293a4b5c6d77d0f4a1b2c3e4d',
  status: 'ended',
  reason: 'agent_end',
  direction: 'outbound',
  agent_id: id,
  from_number: '+15550100',
  to_number: '+15550123',
  session_id: session.id,
  duration_seconds: 35.2,
  carrier: 'twilio',
  carrier_call_id: 'CA00112233445566778899aabbccddeeff',
  created_at: time,
  answered_at: '2026-09-24T00:52:12.020000',
  ended_at: '2026-09-24T00:52:47.220000',
} as const
const phoneNumber = {
  id: 'phone_5f60718293a4b5c6d77d0f4a1b2c3e4d',
  phone_number: '+15550100',
  agent_id: id,
  type: 'imported',
  termination_uri: null,
  country_code: null,
  number_type: null,
  label: null,
  ...stamps,
} as const

type Bodies = typeof restSchemas

export const restExamples: { readonly [Name in keyof Bodies]: z.input<Bodies[Name]> } = {
  AgentCreate: {
    ...agent,
    tools: [{ ...tool, http: { ...http, headers: [{ name: 'Authorization', value: 'Bearer weather-key' }] } }],
    llm: [{ ...llm, api_key: 'model-key' }],
  },
  AgentUpdate: { greeting: null, tools: [tool] },
  AgentRecord: {
    id,
    ...agent,
    input: defaultInput,
    output: defaultOutput,
    tools: [
      {
        id: 'tool_00112233445566778899aabbccddeeff',
        ...tool,
        http: { ...http, headers: [{ name: 'Authorization', last_set_at: time }] },
        timeout_seconds: 120,
        execution_mode: 'interactive',
        response_instructions: null,
        dtmf_collected_arguments: null,
      },
    ],
    pre_connect_requests: [],
    transfer_targets: [],
    outbound_trunk_id: null,
    caller_id: null,
    llm: [llm],
    ...stamps,
  },
  AgentList: { agents: [{ id, name: agent.name, ...stamps }], ...lastPage },
  KeyCreate: { name: key.name, scopes: key.scopes, max_sessions: 20 },
  CreatedKey: { ...key, key: 'parley_sk_Zb3kQx…' },
  KeyList: { keys: [{ ...key, last_used_at: '2026-09-24T08:31:00.000Z' }], ...lastPage },
  AccountCreate: { name: account.name },
  AccountRecord: account,
  AccountList: { accounts: [account], ...lastPage },
  CallCreate: { agent_id: id, to: call.to_number, from: call.from_number, variables: { order: '4711' } },
  CallRecord: call,
  CallList: { calls: [call], ...lastPage },
  CallQuery: { status: 'active' },
  PhoneNumberAssignment: { agent_id: id },
  PhoneNumberRecord: phoneNumber,
  PhoneNumberList: { phone_numbers: [phoneNumber], ...lastPage },
  SessionQuery: { limit: '20', status: 'completed' },
  SessionList: { sessions: [session], ...lastPage },
  SessionRecord: {
    ...session,
    config: { id: session.id, system_prompt: agent.system_prompt, greeting: agent.greeting },
    artifacts: [{ type: 'audio', url: 'http://127.0.0.1:8080/v1/artifacts/an-address', content_type: 'audio/ogg' }],
  },
  PageQuery: { limit: '20' },
  TokenQuery: { expires_in_seconds: '60' },
  QueriedToken: { token, expires_in_seconds: 60 },
  TokenBody: { expires_in_seconds: 60 },
  CreatedToken: { token, expires_at: '2026-09-24T00:53:06.150Z' },
  VoiceList: {
    voices: [{ voice_id: 'alba', language: 'en-US', accent: 'US English', sample_text: sampleText('en-US') }],
  },
  WebhookSubscriptionCreate: {
    ...webhook,
    events: [...webhook.events],
    secret: 'a-long-random-text-that-nobody-can-guess',
  },
  WebhookSubscriptionUpdate: { enabled: false },
  WebhookSubscriptionRecord: subscription,
  WebhookSubscriptionList: { subscriptions: [subscription], ...lastPage },
  WebhookSubscriptionQuery: { include_disabled: 'true' },
  WebhookDeliveryRecord: delivery,
  WebhookDeliveryList: { deliveries: [delivery], ...lastPage },
  Health: { status: 'ok' },
  Readiness: { ready: true, engines: [{ kind: 'vad', name: 'silero', ready: true, description: 'Silero v6, MIT' }] },
}
