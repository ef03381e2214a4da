// The documents that are made from the schemas, and where each of them lies in the repository.
import { asyncApi } from './async-api.js'
import { errorsPage } from './errors-page.js'
import { openApi } from './open-api.js'
import { protocolPage } from './protocol-page.js'

export { asyncApi, errorsPage, openApi, protocolPage }

export interface GeneratedDocument {
  /** Path from the root of the repository. */
  readonly path: string
  readonly text: () => string
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export const documents: readonly GeneratedDocument[] = [
  { path: 'docs/protocol.md', text: protocolPage },
  { path: 'docs/errors.md', text: errorsPage },
  { path: 'docs/asyncapi.json', text: () => json(asyncApi()) },
  { path: 'docs/openapi.json', text: () => json(openApi()) },
]
