// The keys that seal stored secrets: from the settings, or from a file in the data folder that is made when it is missing.
import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SealError, SecretBox } from './secrets.js'

/** Newest first, at least one. */
export type SecretKeys = readonly [Uint8Array, ...Uint8Array[]]

/** The box for the secrets of a server, with all keys that are configured or in the file. */
export function secretBoxOf(configured: SecretKeys | undefined, dataDir: string): SecretBox {
  const [newest, ...older] = secretKeysFrom(configured, dataDir)
  // Another process may put a new key into the file while this one runs; the settings stay as they are.
  return new SecretBox(newest, configured ? { older } : { older, reread: () => secretKeysFrom(undefined, dataDir) })
}

/**
 * `configured`, or else the keys in the file `secret.key` of the data folder, one in each line, which is made with one
 * key, readable by its owner alone, when it is missing. Throws a `SealError`.
 */
export function secretKeysFrom(configured: SecretKeys | undefined, dataDir: string): SecretKeys {
  if (configured) return configured
  const path = keyFile(dataDir)
  const [newest, ...older] = readOrMake(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'hex'))
  if (newest === undefined || [newest, ...older].some((key) => key.length !== 32))
    throw new SealError(
      `${path} does not hold keys (64 hexadecimal digits in each line). Put the right one back; if there is none, remove the file and store all secrets again.`,
    )
  return [newest, ...older]
}

/** Puts a new key in front of those in the file, and returns all. */
export const addKey = (dataDir: string): SecretKeys =>
  changeFile(dataDir, ([newest, ...older]) => [randomBytes(32), newest, ...older])

/** Leaves only the newest key in the file. */
export const forgetOlderKeys = (dataDir: string): SecretKeys => changeFile(dataDir, ([newest]) => [newest])

const keyFile = (dataDir: string): string => join(dataDir, 'secret.key')

/** Only one process at a time changes the file: a key that another has just put there must not be lost. */
function changeFile(dataDir: string, change: (keys: SecretKeys) => SecretKeys): SecretKeys {
  const path = keyFile(dataDir)
  const claim = `${path}.changing`
  try {
    writeFileSync(claim, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isExisting(error)) throw error
    throw new SealError(`Another process changes ${path}. Try again; if there is none, remove ${claim} first.`)
  }
  try {
    const keys = change(secretKeysFrom(undefined, dataDir))
    const unfinished = `${path}.${randomUUID()}`
    writeFileSync(unfinished, text(keys), { mode: 0o600, flush: true })
    renameSync(unfinished, path)
    return keys
  } finally {
    rmSync(claim)
  }
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
  writeFileSync(unfinished, text([randomBytes(32)]), { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if (!isExisting(error)) throw error
  } finally {
    rmSync(unfinished)
  }
  return readFileSync(path, 'utf8')
}

const text = (keys: SecretKeys): string => keys.map((key) => `${Buffer.from(key).toString('hex')}\n`).join('')

const isExisting = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'
