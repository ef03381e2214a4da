// Resuming, put together: what is stored so that sessions can be found again, and the tokens that resume them.
import { randomBytes } from 'node:crypto'
import type { Logger } from './observe/logs.js'
import type { SecretBox } from './secrets.js'
import type { Clock } from './session/clock.js'
import { Keeper } from './session/keeper.js'
import { ResumeTokens } from './session/resume-tokens.js'
import type { Store } from './storage/store.js'

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
