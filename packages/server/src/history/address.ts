// Addresses of what is kept on disk: whoever has one may fetch that file for an hour, and nothing else.
import { timingSafeEqual } from 'node:crypto'
import { artifactTypes } from '@parley/protocol'
import type { SecretBox } from '../secrets.js'
import type { ArtifactType } from './messages.js'

/** How long an address is good for (protocol.md section 6.4). */
export const ADDRESS_SECONDS = 3600

export interface Addressed {
  readonly id: string
  readonly type: ArtifactType
}

type Signer = Pick<SecretBox, 'fingerprint'>

/** `<session>.<type>.<until, Unix seconds>.<signature>` */
export function addressOf({ id, type }: Addressed, unixMs: number, signer: Signer): string {
  const claim = `${id}.${type}.${Math.floor(unixMs / 1000) + ADDRESS_SECONDS}`
  return `${claim}.${signatureOf(claim, signer).toString('base64url')}`
}

/** What an address names; undefined when it is not one of ours, or not any more. */
export function addressed(address: string, unixMs: number, signer: Signer): Addressed | undefined {
  const [, id, type, until, signature] = /^(sess_[0-9a-f]{32})\.([a-z]+)\.(\d{1,12})\.([\w-]{43})$/.exec(address) ?? []
  const known = artifactTypes.find((name) => name === type)
  if (!id || !known || !until || !signature) return undefined
  const right = signatureOf(`${id}.${type}.${until}`, signer)
  if (!timingSafeEqual(right, Buffer.from(signature, 'base64url')) || Number(until) * 1000 <= unixMs) return undefined
  return { id, type: known }
}

const signatureOf = (claim: string, signer: Signer): Buffer => signer.fingerprint(`artifact address ${claim}`)
