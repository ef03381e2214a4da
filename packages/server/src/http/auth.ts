// Who is asking: API keys and temporary tokens, for REST requests and for WebSocket connections.
import type { Need } from '@parley/protocol'
import { hashOf, looksLikeToken, newApiKey, recognisablePart, sameSecret } from '../secrets.js'
import { defaultAccountId, type Grant, type Redeemed, type Store } from '../storage/store.js'

export type Authentication =
  | ({ readonly ok: true; readonly via: 'key' } & KeyGrant)
  | ({ readonly ok: true; readonly via: 'token' } & Redeemed)
  /** By a token that is used up: it resumes the session that was opened with it, and does nothing else. */
  | { readonly ok: true; readonly via: 'return'; readonly sessionId: string }
  | { readonly ok: false; readonly reason: 'missing' | 'wrong' }

/** `keyId` is undefined for the key of the settings, which is not stored. */
export type KeyGrant = Omit<Grant, 'keyId'> & { readonly keyId: string | undefined }

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
    if (apiKey !== undefined && sameSecret(credential, apiKey)) return { ok: true, via: 'key', ...configured }
    const grant = await store.keys.find(hashOf(credential))
    return grant ? { ok: true, via: 'key', ...grant } : wrong
  }

  async function byToken(credential: string): Promise<Authentication> {
    const redeemed = await store.tokens.redeem(hashOf(credential), { reuse: tokenReuse === 'allow' })
    return redeemed ? { ok: true, via: 'token', ...redeemed } : wrong
  }

  return {
    async request(authorization) {
      const credential = credentialOf(authorization)
      return credential ? byKey(credential) : missing
    },
    async connection(authorization, token) {
      const credential = credentialOfConnection(authorization, token)
      if (!credential) return missing
      if (looksLikeToken(credential)) return byToken(credential)
      const found = await byKey(credential)
      return found.ok && found.via === 'key' && !allows(found, 'sessions') ? wrong : found
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

/** Whether a key may do what is needed. */
export function allows({ accountId, scopes }: KeyGrant, need: Need): boolean {
  if (need === 'any') return true
  // figures of the server and its accounts are the business of those who run it
  if ((need === 'operator' || need === 'metrics') && accountId !== defaultAccountId) return false
  return scopes.includes('admin') || (need !== 'operator' && scopes.includes(need))
}

/** The key or token in the header of a request. */
export const credentialOf = (authorization: string | undefined): string | undefined =>
  authorization?.replace(/^Bearer(\s+|$)/i, '').trim() || undefined

/** A browser may add a header of its own, for a proxy that asks for a password; the page's token is what counts. */
export const credentialOfConnection = (
  authorization: string | undefined,
  token: string | undefined,
): string | undefined => token || credentialOf(authorization)

/** What `PARLEY_API_KEY` allows: everything. */
const configured: KeyGrant = {
  keyId: undefined,
  accountId: defaultAccountId,
  scopes: ['admin'],
  maxSessions: undefined,
}

const missing = { ok: false, reason: 'missing' } as const
const wrong = { ok: false, reason: 'wrong' } as const
