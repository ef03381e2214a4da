// Resume tokens: each lets its holder resume one session, and nothing else.
import { timingSafeEqual } from 'node:crypto'

const PREFIX = 'parley_rt_'

/**
 * A token is the session's id with a proof that only a server with the secret key can make. So nothing has to be stored,
 * and a token is known after a restart and on every server that has the key. It is worth as much as its session lives.
 */
export class ResumeTokens {
  readonly #prove: (text: string) => Uint8Array

  /** `prove`: a keyed hash, such as the fingerprint of the secret box. */
  constructor(prove: (text: string) => Uint8Array) {
    this.#prove = prove
  }

  issue(sessionId: string): string {
    return `${PREFIX}${sessionId.slice(SESSION_PREFIX.length)}_${Buffer.from(this.#proofOf(sessionId)).toString('base64url')}`
  }

  /** The session that the token resumes; undefined when it is not a token that was issued. */
  sessionOf(token: string): string | undefined {
    const [, digits, given] = FORM.exec(token) ?? []
    if (digits === undefined || given === undefined) return undefined
    const sessionId = SESSION_PREFIX + digits
    const proof = Buffer.from(given, 'base64url')
    const expected = this.#proofOf(sessionId)
    return proof.length === expected.length && timingSafeEqual(proof, expected) ? sessionId : undefined
  }

  #proofOf(sessionId: string): Uint8Array {
    return this.#prove(`resume ${sessionId}`)
  }
}

const SESSION_PREFIX = 'sess_'
const FORM = new RegExp(`^${PREFIX}([0-9a-f]{32})_([A-Za-z0-9_-]+)$`)
