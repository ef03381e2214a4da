// The REST API as methods: agents, tokens, API keys, accounts, voices.

import { type Caller, type RestOptions, request } from './rest-request.js'
import type {
  AccountPage,
  AccountRecord,
  AgentInput,
  AgentPage,
  AgentPatch,
  AgentRecord,
  CreatedKey,
  KeyInput,
  KeyPage,
  TokenInput,
  TokenRecord,
  Voice,
} from './rest-types.js'

/** Which page of a list. `cursor` is the `next_cursor` of the page before. */
export interface PageOf {
  readonly limit?: number
  readonly cursor?: string
}

export interface Rest {
  readonly agents: {
    create(agent: AgentInput): Promise<AgentRecord>
    /** Newest first. */
    list(page?: PageOf): Promise<AgentPage>
    get(id: string): Promise<AgentRecord>
    /** What is left out stays as it is; lists are replaced as a whole. */
    update(id: string, patch: AgentPatch): Promise<AgentRecord>
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
    list(page?: PageOf): Promise<KeyPage>
    revoke(id: string): Promise<void>
  }
  /** For keys of the account `default` with the scope `admin`. */
  readonly accounts: {
    create(account: { readonly name: string }): Promise<AccountRecord>
    list(page?: PageOf): Promise<AccountPage>
    /** With all that belongs to it. */
    delete(id: string): Promise<void>
  }
  readonly voices: { list(): Promise<readonly Voice[]> }
}

/** Every method rejects with `ApiError`. Only what changes nothing is tried again by itself. */
export function rest(options: RestOptions): Rest {
  const call = <Answer>(caller: Caller) => request<Answer>(options, caller)
  const agent = (id: string) => `/v1/agents/${encodeURIComponent(id)}`
  return {
    agents: {
      create: (body) => call({ method: 'POST', path: '/v1/agents', body }),
      list: (page = {}) => call({ method: 'GET', path: '/v1/agents', query: { ...page } }),
      get: (id) => call({ method: 'GET', path: agent(id) }),
      update: (id, body) => call({ method: 'PUT', path: agent(id), body }),
      delete: (id) => call({ method: 'DELETE', path: agent(id) }),
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
  }
}
