// Resuming, put together: what is stored so that sessions can be found again, and who may come back to which.
import { randomBytes } from 'node:crypto'
import { type Authenticator, credentialOf } from './http/auth.js'
import type { Logger } from './observe/logs.js'
import { hashOf, looksLikeToken, type SecretBox } from './secrets.js'
import type { Clock } from './session/clock.js'
import { Keeper } from './session/keeper.js'
import { ResumeTokens } from './session/resume-tokens.js'
import type { Sessions, Visitor } from './session/sessions.js'
import type { Store } from './storage/store.js'
import type { Credentials } from './transports/socket.js'

export interface Resuming {
  readonly keeper: Keeper
  readonly tokens: ResumeTokens
}

interface Parts {
  readonly clock: Clock
  readonly store: Pick<Store, 'conversations'>
  readonly secrets: SecretBox
  readonly log: Logger
}

export function resumingOf({ clock, store, secrets, log }: Parts, takenOver: (sessionId: string) => void): Resuming {
  const keeper = new Keeper({
    clock,
    conversations: store.conversations,
    holder: randomBytes(16).toString('hex'),
    log: (level, message, fields) => log[level](fields, message),
    takenOver,
  })
  return { keeper, tokens: new ResumeTokens((text) => secrets.fingerprint(text)) }
}

interface Gate {
  readonly authenticate: Authenticator
  readonly sessions: Pick<Sessions, 'lostWith'>
  readonly tokens: ResumeTokens
}

/**
 * Who is at the door: an account, or somebody who may resume one session. That is the holder of its resume token, and
 * whoever opened it with a temporary token, which otherwise counts once, and lost the connection (protocol.md 1.4).
 */
export const visitorsOf =
  ({ authenticate, sessions, tokens }: Gate) =>
  async ({ authorization, token }: Credentials): Promise<Visitor | undefined> => {
    const credential = token || credentialOf(authorization)
    const resumed = credential === undefined ? undefined : tokens.sessionOf(credential)
    if (resumed !== undefined) return { resumes: resumed }
    const temporary = credential !== undefined && looksLikeToken(credential) ? hashOf(credential) : undefined
    const found = await authenticate.connection(authorization, token)
    if (found.ok) {
      const cap = found.via === 'token' ? found.sessionCapSeconds : undefined
      return {
        accountId: found.accountId,
        ...(cap !== undefined && { cap: cap * 1000 }),
        ...(temporary && { tokenHash: temporary }),
      }
    }
    const lost = temporary && (await sessions.lostWith(temporary))
    return lost === undefined ? undefined : { resumes: lost }
  }
