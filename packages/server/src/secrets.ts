// Secrets: how they are made, compared, hashed and sealed.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const API_KEY_PREFIX = 'parley_sk_'
const TOKEN_PREFIX = 'parley_tt_'
const RECOGNISABLE_CHARACTERS = API_KEY_PREFIX.length + 6

const random = (): string => randomBytes(32).toString('base64url')

/** A new API key: 256 random bits behind a prefix by which scanners for leaked secrets know it. */
export const newApiKey = (): string => API_KEY_PREFIX + random()

/** A new temporary token. */
export const newToken = (): string => TOKEN_PREFIX + random()

/** Whether `credential` can only be a temporary token of ours. */
export const looksLikeToken = (credential: string): boolean => credential.startsWith(TOKEN_PREFIX)

/** The beginning of an API key, by which a person recognises it in a list. It helps nobody to guess the rest. */
export const recognisablePart = (apiKey: string): string => apiKey.slice(0, RECOGNISABLE_CHARACTERS)

/**
 * What is stored of a key or a token. A fast hash is enough: the text is 256 random bits, which nobody finds by trying.
 * (A key that a person chose, `PARLEY_API_KEY`, is not stored in any form.) Looking a hash up by an index leaks, by its
 * timing, only beginnings of hashes, from which no text follows.
 */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Whether two secrets are equal, in a time that does not depend on where they differ nor on their lengths. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other))

/** A stored secret cannot be read: it is damaged, or was sealed with a key that is not there any more. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

const VERSION = 'v1'

/** The beginning of a hash of the key: tells which key an envelope needs, and nothing of the key. */
export const keyIdOf = (key: Uint8Array): string =>
  createHash('sha256').update('parley secret key id').update(key).digest('hex').slice(0, 8)

/** The id of the key that an envelope was sealed with, if it is one. */
export const keyIdIn = (envelope: string): string | undefined => envelope.split('.')[1]

export interface OlderKeys {
  /** Keys that were used before: what they have sealed can still be opened. */
  readonly older?: readonly Uint8Array[]
  /** All keys as they stand now, asked for when an envelope needs one that is not known: it may have come since. */
  readonly reread?: () => readonly Uint8Array[]
}

/**
 * Seals secrets for storage and opens them again: AES-256-GCM with a random nonce.
 * An envelope is `v1.<key id>.<nonce>.<text and tag>`, the last two in base64url. Version, key id and `place` are
 * authenticated too, so that an envelope copied to another place (another agent, another header) does not open there.
 * The newest key seals; older ones open what they have sealed, until it is sealed anew.
 */
export class SecretBox {
  readonly #key: Uint8Array
  readonly #known: Map<string, Uint8Array>
  readonly #reread: () => readonly Uint8Array[]
  /** Of the key that seals. */
  readonly keyId: string

  /** `key`: the newest, 32 bytes like the others. */
  constructor(key: Uint8Array, { older = [], reread = () => [] }: OlderKeys = {}) {
    this.#key = key
    this.keyId = keyIdOf(key)
    this.#known = new Map([key, ...older].map((known) => [keyIdOf(known), known]))
    this.#reread = reread
  }

  /** Tells equal texts from others without giving anything of them away to who does not have the key. */
  fingerprint(text: string): Buffer {
    return createHmac('sha256', this.#key).update('fingerprint').update(text).digest()
  }

  seal(text: string, place: string): string {
    const nonce = randomBytes(12)
    const head = `${VERSION}.${this.keyId}`
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(`${head}.${place}`))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${head}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
  }

  /** Throws a `SealError` that says what to do. */
  open(envelope: string, place: string): string {
    const { version, keyId, nonce, body } = partsOf(envelope)
    const key = this.#find(keyId)
    const sealed = Buffer.from(body, 'base64url')
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 })
        .setAAD(Buffer.from(`${version}.${keyId}.${place}`))
        .setAuthTag(sealed.subarray(-16))
      return decipher.update(sealed.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      throw new SealError('A stored secret was changed or moved since it was stored, and is not used. Store it again.')
    }
  }

  /** The same secret under the newest key; undefined when it is already. Throws a `SealError`. */
  resealed(envelope: string, place: string): string | undefined {
    const text = this.open(envelope, place)
    return partsOf(envelope).keyId === this.keyId ? undefined : this.seal(text, place)
  }

  #find(keyId: string): Uint8Array {
    if (!this.#known.has(keyId)) for (const key of this.#reread()) this.#known.set(keyIdOf(key), key)
    const key = this.#known.get(keyId)
    if (key) return key
    const inUse = [...this.#known.keys()].join(', ')
    throw new SealError(
      `A stored secret needs the key ${keyId}, but the key in use is ${inUse}. Set PARLEY_SECRET_KEY to the key that it was stored with (it may stand behind newer ones, after a comma), or store the secret again.`,
    )
  }
}

function partsOf(envelope: string) {
  const [version, keyId, nonce, body] = envelope.split('.')
  if (version !== VERSION || !keyId || !nonce || !body)
    throw new SealError('A stored secret is not in a form that this version of Parley reads. Store it again.')
  return { version, keyId, nonce, body }
}
