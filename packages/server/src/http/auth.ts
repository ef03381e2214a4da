// Who is asking: API keys and temporary tokens, for REST requests and for WebSocket connections.
import { hashOf, looksLikeToken, newApiKey, recognisablePart, sameSecret } from '../secrets.js'
import { type AccountId, defaultAccountId, type Store } from '../storage/store.js'

export type Authentication =
  | { readonly ok: true; readonly accountId: AccountId; readonly via: 'key' }
  | { readonly ok: true; readonly accountId: AccountId; readonly via: 'token'; readonly sessionCapSeconds?: number }
  | { readonly ok: false; readonly reason: 'missing' | 'wrong' }

export interface Authenticator {
  /** For REST: `authorization` is the header, `<key>` or `Bearer <key>` (checklist 4). */
  request(authorization: string | undefined): Promise<Authentication>
  /**
   * For a WebSocket connection: `token` is the query parameter, which wins over the header; each may hold a key or a
   * temporary token (checklist 2-7). A token counts as used from here on (checklist 21), with its first session or without.
   */
  connection(authorization: string | undefined, token: string | undefined): Promise<Authentication>
}

export interface AuthenticatorPorts {
  readonly store: Pick<Store, 'keys' | 'tokens'>
  /** `PARLEY_API_KEY`: accepted without being stored. */
  readonly apiKey: string | undefined
  readonly tokenReuse: 'refuse' | 'allow'
}

export function authenticator({ store, apiKey, tokenReuse }: AuthenticatorPorts): Authenticator {
  async function byKey(credential: string): Promise<Authentication> {
    if (apiKey !== undefined && sameSecret(credential, apiKey))
      return { ok: true, accountId: defaultAccountId, via: 'key' }
    const key = await store.keys.find(hashOf(credential))
    return key ? { ok: true, accountId: key.accountId, via: 'key' } : wrong
  }

  async function byToken(credential: string): Promise<Authentication> {
    const redeemed = await store.tokens.redeem(hashOf(credential), { reuse: tokenReuse === 'allow' })
    if (!redeemed) return wrong
    const { accountId, sessionCapSeconds } = redeemed
    return { ok: true, accountId, via: 'token', ...(sessionCapSeconds === undefined ? {} : { sessionCapSeconds }) }
  }

  return {
    async request(authorization) {
      const credential = credentialOf(authorization)
      return credential ? byKey(credential) : missing
    },
    async connection(authorization, token) {
      // A browser may add a header of its own, for a proxy that asks for a password; the page's token is what counts.
      const credential = token || credentialOf(authorization)
      if (!credential) return missing
      return looksLikeToken(credential) ? byToken(credential) : byKey(credential)
    },
  }
}

/**
 * Makes an API key at the first start, when there is none yet, and returns it: the only time that it can be seen.
 * Returns undefined when a key exists already.
 */
export async function firstKey(keys: Store['keys']): Promise<string | undefined> {
  const key = newApiKey()
  const added = await keys.addFirst({ name: 'First key', hash: hashOf(key), prefix: recognisablePart(key) })
  return added ? key : undefined
}

/** What the header holds, with or without `Bearer`. */
export const credentialOf = (authorization: string | undefined): string | undefined =>
  authorization?.replace(/^Bearer(\s+|$)/i, '').trim() || undefined

const missing = { ok: false, reason: 'missing' } as const
const wrong = { ok: false, reason: 'wrong' } as const
