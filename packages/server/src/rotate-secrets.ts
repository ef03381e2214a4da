// Changes the key that seals stored secrets: all of them are sealed anew, after which the older keys are of no use.
import type { Config } from './config.js'
import { addKey, forgetOlderKeys, secretBoxOf, secretKeysFrom } from './secret-keys.js'
import { keyIdIn, keyIdOf, SealError, type SecretBox } from './secrets.js'
import type { SealedSecrets, Store } from './storage/store.js'

export interface Rotation {
  /** Of the key that all secrets are sealed with now. */
  readonly keyId: string
  /** Whether this run made that key. */
  readonly isNewKey: boolean
  /** How many secrets were sealed anew. */
  readonly sealed: number
  /** How many were under that key before. */
  readonly kept: number
  /** Secrets that could not be opened, with the row that they stand in and why. */
  readonly failed: readonly { readonly where: string; readonly why: string }[]
  /** Older keys that are still there, and those that this run took out of the file. */
  readonly older: readonly string[]
  readonly forgotten: readonly string[]
}

export interface RotationOptions {
  /** Takes older keys out of the key file, once no secret needs them. Makes no new key. */
  readonly forget: boolean
  /** Called now and then with how many secrets were looked at. */
  readonly progress: (done: number) => void
}

/**
 * Seals every stored secret with the newest key. Where the keys are in a file, a new one is made first, unless secrets
 * are left that an earlier run, cut short, has not come to. May be cut short and repeated at any time.
 */
export async function rotateSecrets(
  { sealed }: Pick<Store, 'sealed'>,
  config: Pick<Config, 'secretKeys' | 'dataDir'>,
  options: RotationOptions,
): Promise<Rotation> {
  const isNewKey = await isKeyNeeded(sealed, config, options)
  if (isNewKey) addKey(config.dataDir)
  const box = secretBoxOf(config.secretKeys, config.dataDir)
  const counted = await sealAll(sealed, box, options.progress)
  const older = secretKeysFrom(config.secretKeys, config.dataDir).slice(1).map(keyIdOf)
  const canForget = options.forget && config.secretKeys === undefined && counted.failed.length === 0
  if (canForget) forgetOlderKeys(config.dataDir)
  return {
    keyId: box.keyId,
    isNewKey,
    ...counted,
    older: canForget ? [] : older,
    forgotten: canForget ? older : [],
  }
}

/** Whether a rotation begins now, as opposed to one that goes on or is only to be tidied up after. */
async function isKeyNeeded(
  secrets: SealedSecrets,
  { secretKeys, dataDir }: Pick<Config, 'secretKeys' | 'dataDir'>,
  { forget }: RotationOptions,
): Promise<boolean> {
  if (secretKeys !== undefined || forget) return false
  const older = secretKeysFrom(undefined, dataDir).slice(1).map(keyIdOf)
  let unfinished = false
  await secrets.each(({ envelope }) => {
    if (older.includes(keyIdIn(envelope) ?? '')) unfinished = true
    return undefined
  })
  return !unfinished
}

async function sealAll(secrets: SealedSecrets, box: SecretBox, progress: (done: number) => void) {
  const failed: { where: string; why: string }[] = []
  let [sealed, kept] = [0, 0]
  await secrets.each(({ envelope, place, where }) => {
    progress(sealed + kept + failed.length + 1)
    try {
      const changed = box.resealed(envelope, place)
      if (changed === undefined) kept += 1
      else sealed += 1
      return changed
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      failed.push({ where, why: error.message })
      return undefined
    }
  })
  return { sealed, kept, failed }
}
