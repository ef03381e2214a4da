// Whether a server answers at all, before anything is asked of it.
import { Failure } from './expect.js'
import type { Facts } from './facts.js'
import { request } from './wire/rest.js'

/** Why nothing can be asked; undefined when the server answers and accepts the key. */
export async function unreachable({ url, key }: Pick<Facts, 'url' | 'key'>): Promise<string | undefined> {
  try {
    const { status } = await request(`${url}/v1/agents?limit=1`, 'GET', key)
    return status === 401 || status === 403 ? `The server at ${url} does not accept the key.` : undefined
  } catch (error) {
    if (error instanceof Failure) return `No server answers at ${url}: ${error.message}.`
    throw error
  }
}
