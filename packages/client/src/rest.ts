// The REST API as methods: agents, sessions, tokens, voices.

import { type Caller, type RestOptions, request } from './rest-request.js'
import type {
  AgentInput,
  AgentPage,
  AgentPatch,
  AgentRecord,
  SessionFilter,
  SessionPage,
  SessionRecord,
  TokenInput,
  TokenRecord,
  Voice,
} from './rest-types.js'

export interface Rest {
  readonly agents: {
    create(agent: AgentInput): Promise<AgentRecord>
    /** Newest first. `cursor` is the `next_cursor` of the page before. */
    list(page?: { readonly limit?: number; readonly cursor?: string }): Promise<AgentPage>
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
  readonly voices: { list(): Promise<readonly Voice[]> }
}

/** Every method rejects with `ApiError`. Only what changes nothing is tried again by itself. */
export function rest(options: RestOptions): Rest {
  const call = <Answer>(caller: Caller) => request<Answer>(options, caller)
  const agent = (id: string) => `/v1/agents/${encodeURIComponent(id)}`
  const session = (id: string) => `/v1/sessions/${encodeURIComponent(id)}`
  return {
    agents: {
      create: (body) => call({ method: 'POST', path: '/v1/agents', body }),
      list: (query = {}) => call({ method: 'GET', path: '/v1/agents', query }),
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
    voices: {
      list: async () =>
        (await call<{ readonly voices: readonly Voice[] }>({ method: 'GET', path: '/v1/voices' })).voices,
    },
  }
}
