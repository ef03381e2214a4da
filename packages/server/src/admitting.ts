// Admission, put together: who is let in by which credential, how often, and what they may do at the door of sessions.
import type { IncomingMessage } from 'node:http'
import type { Config } from './config.js'
import { type Authenticator, authenticator, credentialOfConnection } from './http/auth.js'
import { authenticationFailure, type Doorkeeper, doorkeeperOf } from './http/doorkeeper.js'
import { hashOf, looksLikeToken } from './secrets.js'
import type { Clock } from './session/clock.js'
import type { ResumeTokens } from './session/resume-tokens.js'
import type { Peer, Sessions, Visitor } from './session/sessions.js'
import type { Store } from './storage/store.js'

export interface Admitting {
  readonly doorkeeper: Doorkeeper
  /** Who is at the door of sessions; a string says why the credentials do not hold. `token`: of the query. */
  visitor(request: IncomingMessage, token: string | undefined): Promise<Visitor | string>
}

interface Parts {
  readonly clock: Clock
  readonly store: Pick<Store, 'keys' | 'tokens'>
  readonly resumeTokens: Pick<ResumeTokens, 'sessionOf'>
  readonly lostWith: Sessions['lostWith']
}

type Settings = Pick<Config, 'apiKey' | 'tokenReuse' | 'rateLimit' | 'authFailures' | 'trustProxy'>

export function admittingOf(config: Settings, { clock, store, resumeTokens, lostWith }: Parts): Admitting {
  const { apiKey, tokenReuse } = config
  const doorkeeper = doorkeeperOf(config, clock, lettingReturn(authenticator({ store, apiKey, tokenReuse }), lostWith))
  return {
    doorkeeper,
    async visitor(request, token) {
      const credential = credentialOfConnection(request.headers.authorization, token)
      // signed by this server: nobody is looked up, and nobody can guess one
      const resumes = credential === undefined ? undefined : resumeTokens.sessionOf(credential)
      if (resumes !== undefined) return { resumes }
      const found = await doorkeeper.connection(request, token)
      if (!found.ok) return authenticationFailure(found)
      if (found.via === 'return') return { resumes: found.sessionId }
      const { accountId, keyId, maxSessions } = found
      const owner: Peer = { accountId, keyId, maxSessions }
      if (found.via === 'key' || credential === undefined) return owner
      const cap = found.sessionCapSeconds === undefined ? undefined : found.sessionCapSeconds * 1000
      return { ...owner, cap, tokenHash: hashOf(credential) }
    },
  }
}

/** A temporary token counts once; whoever opened a session with it and lost the connection comes back with it (protocol.md 1.4). */
const lettingReturn = (inner: Authenticator, lostWith: Sessions['lostWith']): Authenticator => ({
  ...inner,
  async connection(authorization, token) {
    const found = await inner.connection(authorization, token)
    const credential = credentialOfConnection(authorization, token)
    if (found.ok || credential === undefined || !looksLikeToken(credential)) return found
    const sessionId = await lostWith(hashOf(credential))
    return sessionId === undefined ? found : { ok: true, via: 'return', sessionId }
  },
})
