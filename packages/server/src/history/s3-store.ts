// The finished files of sessions in an S3-compatible store.
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AwsV4Signer } from 'aws4fetch'
import { ADDRESS_SECONDS, type Addressed } from './address.js'
import type { ArtifactStore } from './artifact-store.js'
import { artifactFiles } from './messages.js'

export interface S3Settings {
  readonly endpoint: string | undefined
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly prefix: string
  /** Whether the bucket stands in the path of an address, rather than in its host name. */
  readonly pathStyle: boolean
}

/** A store that says nothing for so long has failed, in ms. */
const SILENCE_MS = 30_000

export function s3Store(settings: S3Settings): ArtifactStore {
  const { accessKeyId, secretAccessKey, region } = settings
  const credentials = { accessKeyId, secretAccessKey, region, service: 's3' }

  return {
    place: 's3',
    async keep(id, folder, types) {
      for (const type of types) {
        const path = join(folder, artifactFiles[type].name)
        const { size } = await stat(path)
        const signer = new AwsV4Signer({
          ...credentials,
          method: 'PUT',
          url: urlOf(settings, { id, type }),
          headers: {
            'content-type': artifactFiles[type].contentType,
            // a file is sent as it is read, so its sum is not known beforehand
            'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
          },
        })
        await send(await signer.sign(), { size, path })
      }
      await rm(folder, { recursive: true, force: true })
    },
    async url(artifact, _base, unixMs) {
      const url = new URL(urlOf(settings, artifact))
      url.searchParams.set('X-Amz-Expires', String(ADDRESS_SECONDS))
      const datetime = new Date(unixMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
      const signed = await new AwsV4Signer({ ...credentials, url: url.href, signQuery: true, datetime }).sign()
      return signed.url.href
    },
    async remove(id, types) {
      for (const type of types) {
        const signer = new AwsV4Signer({ ...credentials, method: 'DELETE', url: urlOf(settings, { id, type }) })
        await send(await signer.sign())
      }
    },
  }
}

function urlOf({ endpoint, bucket, region, prefix, pathStyle }: S3Settings, { id, type }: Addressed): string {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`)
  const key = [...prefix.split('/'), id, artifactFiles[type].name].filter((part) => part !== '').join('/')
  const base = url.pathname.replace(/\/$/, '')
  if (!pathStyle) url.host = `${bucket}.${url.host}`
  url.pathname = pathStyle ? `${base}/${bucket}/${key}` : `${base}/${key}`
  return url.href
}

interface Signed {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
}

/** Sends a request, with a file for its body if there is one. Rejects unless the store says that it was done. */
async function send(
  { method, url, headers }: Signed,
  file?: { readonly size: number; readonly path: string },
): Promise<void> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method,
    headers: { ...Object.fromEntries(headers), 'content-length': file?.size ?? 0 },
    timeout: SILENCE_MS,
  })
  request.on('timeout', () => request.destroy(new Error('The S3 store does not answer.')))
  const status = new Promise<number>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', reject)
    })
  })
  // the answer may come, or the line break, before the file was sent
  const sent = file ? pipeline(createReadStream(file.path), request) : Promise.resolve(void request.end())
  const [answer] = await Promise.all([status, sent])
  if (answer < 200 || (answer >= 300 && !(method === 'DELETE' && answer === 404)))
    throw new Error(`The S3 store answered ${method} with ${answer}. Check PARLEY_S3_BUCKET, its keys and its region.`)
}
