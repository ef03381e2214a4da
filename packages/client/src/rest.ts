// The REST API as methods: agents, sessions, tokens, API keys, accounts, voices, webhooks, telephone calls.

import { type Caller, type RestOptions, request } from './rest-request.js'
import type {
  AccountPage,
  AccountRecord,
  AgentInput,
  AgentPage,
  AgentPatch,
  AgentRecord,
  CallFilter,
  CallInput,
  CallPage,
  CallRecord,
  CreatedKey,
  KeyInput,
  KeyPage,
  PhoneNumberPage,
  PhoneNumberRecord,
  SessionFilter,
  SessionPage,
  SessionRecord,
  TokenInput,
  TokenRecord,
  Voice,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookInput,
  WebhookPage,
  WebhookPatch,
  WebhookRecord,
} from './rest-types.js'

export interface Rest {
  readonly agents: {
    create(agent: AgentInput): Promise<AgentRecord>
    /** Newest first. `cursor` is the `next_cursor` of the page before. */
    list(page?: Page): Promise<AgentPage>
    get(id: string): Promise<AgentRecord>
    /** What is left out stays as it is; lists are replaced as a whole. */
    update(id: string, patch: AgentPatch): Promise<AgentRecord>
    delete(id: string): Promise<void>
  }
  readonly sessions: {
    /** Newest first. `cursor` is the `next_cursor` of the page before. */
    list(filter?: SessionFilter): Promise<SessionPage>
    /** With addresses of what is kept of it, once it has ended; they are fetched without a key. */
    get(id: string): Promise<SessionRecord>
    /** Together with everything that is kept of it. */
    delete(id: string): Promise<void>
  }
  readonly tokens: {
    /** A token opens one session; a page gets it from its own server. */
    create(token?: TokenInput): Promise<TokenRecord>
  }
  /** For keys with the scope `admin`. */
  readonly keys: {
    /** The answer is the only one that holds the key itself. */
    create(key: KeyInput): Promise<CreatedKey>
    list(page?: Page): Promise<KeyPage>
    revoke(id: string): Promise<void>
  }
  /** For keys of the account `default` with the scope `admin`. */
  readonly accounts: {
    create(account: { readonly name: string }): Promise<AccountRecord>
    list(page?: Page): Promise<AccountPage>
    /** With all that belongs to it. */
    delete(id: string): Promise<void>
  }
  readonly voices: { list(): Promise<readonly Voice[]> }
  readonly calls: {
    /** Has an agent call somebody. */
    create(call: CallInput): Promise<CallRecord>
    /** Newest first. */
    list(filter?: CallFilter): Promise<CallPage>
    get(id: string): Promise<CallRecord>
    /** Nothing happens to a call that is over. */
    hangUp(id: string): Promise<void>
  }
  readonly phoneNumbers: {
    list(page?: Page): Promise<PhoneNumberPage>
    get(number: string): Promise<PhoneNumberRecord>
    /** Has an agent answer the number, which becomes one of the account. */
    assign(number: string, agentId: string): Promise<PhoneNumberRecord>
    /** Nobody answers it any more. */
    unassign(number: string): Promise<PhoneNumberRecord>
    delete(number: string): Promise<void>
  }
  readonly webhooks: {
    create(webhook: WebhookInput): Promise<WebhookRecord>
    /** Newest first; those that are not enabled only when asked for. */
    list(page?: Page & { readonly include_disabled?: boolean }): Promise<WebhookPage>
    get(id: string): Promise<WebhookRecord>
    /** What is left out stays as it is. */
    update(id: string, patch: WebhookPatch): Promise<WebhookRecord>
    delete(id: string): Promise<void>
    /** What was posted, or will be, about a session; newest first. */
    deliveries(sessionId: string, page?: Page): Promise<WebhookDeliveryPage>
    /** The newest one of each subscription. */
    latestDeliveries(sessionId: string): Promise<WebhookDeliveryPage>
    /** The event of an earlier delivery once more. */
    redeliver(deliveryId: string): Promise<WebhookDelivery>
  }
}

export interface Page {
  readonly limit?: number
  readonly cursor?: string
}

/** Every method rejects with `ApiError`. Only what changes nothing is tried again by itself. */
export function rest(options: RestOptions): Rest {
  const call = <Answer>(caller: Caller) => request<Answer>(options, caller)
  const agent = (id: string) => `/v1/agents/${encodeURIComponent(id)}`
  const session = (id: string) => `/v1/sessions/${encodeURIComponent(id)}`
  const webhook = (id: string) => `/v1/webhook-subscriptions/${encodeURIComponent(id)}`
  const phoneNumber = (number: string) => `/v1/phone-numbers/${encodeURIComponent(number)}`
  const deliveries = (sessionId: string) => `/v1/sessions/${encodeURIComponent(sessionId)}/webhook-deliveries`
  return {
    agents: {
      create: (body) => call({ method: 'POST', path: '/v1/agents', body }),
      list: (query = {}) => call({ method: 'GET', path: '/v1/agents', query: { ...query } }),
      get: (id) => call({ method: 'GET', path: agent(id) }),
      update: (id, body) => call({ method: 'PUT', path: agent(id), body }),
      delete: (id) => call({ method: 'DELETE', path: agent(id) }),
    },
    sessions: {
      list: (filter = {}) => call({ method: 'GET', path: '/v1/sessions', query: { ...filter } }),
      get: (id) => call({ method: 'GET', path: session(id) }),
      delete: (id) => call({ method: 'DELETE', path: session(id) }),
    },
    tokens: { create: (body = {}) => call({ method: 'POST', path: '/v1/tokens', body }) },
    keys: {
      create: (body) => call({ method: 'POST', path: '/v1/keys', body }),
      list: (page = {}) => call({ method: 'GET', path: '/v1/keys', query: { ...page } }),
      revoke: (id) => call({ method: 'DELETE', path: `/v1/keys/${encodeURIComponent(id)}` }),
    },
    accounts: {
      create: (body) => call({ method: 'POST', path: '/v1/accounts', body }),
      list: (page = {}) => call({ method: 'GET', path: '/v1/accounts', query: { ...page } }),
      delete: (id) => call({ method: 'DELETE', path: `/v1/accounts/${encodeURIComponent(id)}` }),
    },
    voices: {
      list: async () =>
        (await call<{ readonly voices: readonly Voice[] }>({ method: 'GET', path: '/v1/voices' })).voices,
    },
    calls: {
      create: (body) => call({ method: 'POST', path: '/v1/calls', body }),
      list: (filter = {}) => call({ method: 'GET', path: '/v1/calls', query: { ...filter } }),
      get: (id) => call({ method: 'GET', path: `/v1/calls/${encodeURIComponent(id)}` }),
      hangUp: (id) => call({ method: 'DELETE', path: `/v1/calls/${encodeURIComponent(id)}` }),
    },
    phoneNumbers: {
      list: (page = {}) => call({ method: 'GET', path: '/v1/phone-numbers', query: { ...page } }),
      get: (number) => call({ method: 'GET', path: phoneNumber(number) }),
      assign: (number, agentId) =>
        call({ method: 'PUT', path: `${phoneNumber(number)}/agent`, body: { agent_id: agentId } }),
      unassign: (number) => call({ method: 'DELETE', path: `${phoneNumber(number)}/agent` }),
      delete: (number) => call({ method: 'DELETE', path: phoneNumber(number) }),
    },
    webhooks: {
      create: (body) => call({ method: 'POST', path: '/v1/webhook-subscriptions', body }),
      list: (page = {}) => call({ method: 'GET', path: '/v1/webhook-subscriptions', query: { ...page } }),
      get: (id) => call({ method: 'GET', path: webhook(id) }),
      update: (id, body) => call({ method: 'PATCH', path: webhook(id), body }),
      delete: (id) => call({ method: 'DELETE', path: webhook(id) }),
      deliveries: (sessionId, page = {}) => call({ method: 'GET', path: deliveries(sessionId), query: { ...page } }),
      latestDeliveries: (sessionId) => call({ method: 'GET', path: `${deliveries(sessionId)}/latest` }),
      redeliver: (id) => call({ method: 'POST', path: `/v1/webhook-deliveries/${encodeURIComponent(id)}/redeliver` }),
    },
  }
}
