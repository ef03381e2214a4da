// The REST API as methods: agents, tokens, voices.

import { type Caller, type RestOptions, request } from './rest-request.js'
import type { AgentInput, AgentPage, AgentPatch, AgentRecord, TokenInput, TokenRecord, Voice } from './rest-types.js'

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
  return {
    agents: {
      create: (body) => call({ method: 'POST', path: '/v1/agents', body }),
      list: (query = {}) => call({ method: 'GET', path: '/v1/agents', query }),
      get: (id) => call({ method: 'GET', path: agent(id) }),
      update: (id, body) => call({ method: 'PUT', path: agent(id), body }),
      delete: (id) => call({ method: 'DELETE', path: agent(id) }),
    },
    tokens: { create: (body = {}) => call({ method: 'POST', path: '/v1/tokens', body }) },
    voices: {
      list: async () =>
        (await call<{ readonly voices: readonly Voice[] }>({ method: 'GET', path: '/v1/voices' })).voices,
    },
  }
}
