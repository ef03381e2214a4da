// Stored agents over REST, on a store of their own: what every test of them begins with.
import assert from 'node:assert/strict'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { type Answer, type TestApp, testApp } from './app.js'

/** The least that an agent needs. */
export const minimal = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }

export interface AgentsApp {
  readonly store: Store
  readonly server: TestApp
  /** The record of a new agent: the least that it needs, and these. */
  created(more?: object): Promise<Answer['body']>
  put(id: string, change: object): Promise<Answer>
}

/** Agents on it may lead to public addresses only. */
export async function agentsApp(): Promise<AgentsApp> {
  const store = await openStore('memory')
  const server = testApp(store, { PARLEY_ALLOW_PRIVATE_URLS: 'off' })
  return {
    store,
    server,
    async created(more = {}) {
      const answer = await server.send('POST', '/v1/agents', { ...minimal, ...more })
      assert.equal(answer.status, 201, answer.text)
      return answer.body
    },
    put: (id, change) => server.send('PUT', `/v1/agents/${id}`, change),
  }
}
