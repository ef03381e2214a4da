// Secrets: how they are made, compared, hashed and sealed.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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

/**
 * Seals secrets for storage and opens them again: AES-256-GCM with a random nonce.
 * An envelope is `v1.<key id>.<nonce>.<text and tag>`, the last two in base64url. The key id, the beginning of a hash
 * of the key, tells which key is needed. Version, key id and `place` are authenticated too, so that an envelope
 * copied to another place (another agent, another header) does not open there.
 */
export class SecretBox {
  readonly #key: Uint8Array
  readonly #keyId: string

  /** `key`: 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key
    this.#keyId = createHash('sha256').update('parley secret key id').update(key).digest('hex').slice(0, 8)
  }

  /** Tells equal texts from others without giving anything of them away to who does not have the key. */
  fingerprint(text: string): Buffer {
    return createHmac('sha256', this.#key).update('fingerprint').update(text).digest()
  }

  seal(text: string, place: string): string {
    const nonce = randomBytes(12)
    const head = `${VERSION}.${this.#keyId}`
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(`${head}.${place}`))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `${head}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
  }

  /** Throws a `SealError` that says what to do. */
  open(envelope: string, place: string): string {
    const [version, keyId, nonce, body] = envelope.split('.')
    if (version !== VERSION || !keyId || !nonce || !body)
      throw new SealError('A stored secret is not in a form that this version of Parley reads. Store it again.')
    if (keyId !== this.#keyId)
      throw new SealError(
        `A stored secret needs the key ${keyId}, but the key in use is ${this.#keyId}. Set PARLEY_SECRET_KEY to the key that it was stored with, or store the secret again.`,
      )
    const sealed = Buffer.from(body, 'base64url')
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.from(nonce, 'base64url'), {
        authTagLength: 16,
      })
        .setAAD(Buffer.from(`${version}.${keyId}.${place}`))
        .setAuthTag(sealed.subarray(-16))
      return decipher.update(sealed.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      throw new SealError('A stored secret was changed or moved since it was stored, and is not used. Store it again.')
    }
  }
}

/**
 * The key that seals secrets: `configured`, or else the one in the file `secret.key` of the data folder,
 * which is made, readable by its owner alone, when it is missing.
 */
export function secretKeyFrom(configured: Uint8Array | undefined, dataDir: string): Uint8Array {
  if (configured) return configured
  const path = join(dataDir, 'secret.key')
  const key = Buffer.from(readOrMake(path).trim(), 'hex')
  if (key.length !== 32)
    throw new SealError(
      `${path} does not hold a key (64 hexadecimal digits). Put the right one back; if there is none, remove the file and store all secrets again.`,
    )
  return key
}

function readOrMake(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  mkdirSync(join(path, '..'), { recursive: true })
  // Written whole beside its place and linked there, which only one of several processes can do.
  const unfinished = `${path}.${randomUUID()}`
  writeFileSync(unfinished, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(unfinished)
  }
  return readFileSync(path, 'utf8')
}
