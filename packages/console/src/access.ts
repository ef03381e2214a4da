// How the page is let in: without a key where the server allows it, else with the one that the user gives.
import { ApiError, type Rest, rest } from '@parley/client'

export interface Access {
  readonly rest: Rest
  /** A fresh token for one session: what a page of one's own would ask its own server for. */
  readonly getToken: () => Promise<string>
}

export type Entry = { readonly is: 'open'; readonly access: Access } | { readonly is: 'locked' }

const KEY = 'parley.key'

/** Rejects when the server cannot be reached. */
export async function enter(): Promise<Entry> {
  if (await isKeyless()) return { is: 'open', access: accessBy({ headers: { 'x-parley-console': '1' } }) }
  const key = sessionStorage.getItem(KEY)
  return key === null ? { is: 'locked' } : { is: 'open', access: accessBy({ key }) }
}

/** Keeps the key for as long as this tab is open. */
export function unlock(key: string): Access {
  sessionStorage.setItem(KEY, key)
  return accessBy({ key })
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEY)
}

function accessBy(credential: { readonly key?: string; readonly headers?: Readonly<Record<string, string>> }): Access {
  const api = rest({ url: '', ...credential })
  return { rest: api, getToken: async () => (await api.tokens.create()).token }
}

async function isKeyless(): Promise<boolean> {
  const answer: unknown = await getJson('/console/config')
  return typeof answer === 'object' && answer !== null && 'keyless' in answer && answer.keyless === true
}

/** Reads what the server gives to anybody. Rejects with `ApiError`. */
export async function getJson(path: string): Promise<unknown> {
  try {
    const response = await fetch(path)
    // While engines load, /readyz answers 503 and tells all the same what it waits for.
    return await response.json()
  } catch {
    throw new ApiError(0, 'unreachable', 'The server could not be reached. Check that it runs.')
  }
}
