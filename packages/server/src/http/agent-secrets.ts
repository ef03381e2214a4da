// The secrets of an agent: sealed, kept apart from its document, each bound to its place.
import {
  type AgentExtensions,
  type AgentExtensionsRecord,
  type AgentToolRecord,
  type AgentUpdate,
  bodyError,
  type FieldError,
  type HttpHeaderInput,
  type HttpHeaderRecord,
  type HttpRequestInput,
  type HttpRequestRecord,
  type LlmEntry,
} from '@parley/protocol'
import type { SecretBox } from '../secrets.js'
import type { StoredAgent } from '../storage/store.js'

/** What making content needs beside the request: the agent's id, the time as it is shown, and the box for its secrets. */
export interface Making {
  readonly id: string
  readonly now: string
  readonly secrets: SecretBox
}

/** An agent cannot be stored as asked: a part that the request relies on is not there. */
export class ContentError extends Error {
  override readonly name = 'ContentError'
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super('The agent cannot be stored as asked.')
    this.errors = errors
  }
}

/** Where the key of a model stands among the secrets of its agent. */
export const llmPlace = (index: number): string => `llm.${index}.api_key`
const headerPlace = (owner: string, header: string): string => `${owner}.header.${header.toLowerCase()}`
const mcpOwner = (server: string): string => `mcp.${server}`
/** Pre-connect requests have no name: their secrets are kept by their place in the list (protocol section 6.2). */
const preConnectOwner = (index: number): string => `pre_connect.${index}`

/** Whose headers they are: those of the tool with this id, of an MCP server, or of a pre-connect request. */
export type HeaderOwner = { readonly tool: string } | { readonly mcp: string } | { readonly preConnect: number }

/** The headers of `owner`, opened. Throws a `SealError`. */
export function openHeaders(
  headers: readonly HttpHeaderRecord[],
  owner: HeaderOwner,
  { id, secrets: sealed }: Pick<StoredAgent, 'id' | 'secrets'>,
  box: SecretBox,
): Readonly<Record<string, string>> {
  const name = nameOf(owner)
  const opened = headers.flatMap((header) => {
    const place = headerPlace(name, header.name)
    const envelope = sealed[place]
    return envelope === undefined ? [] : [[header.name, box.open(envelope, `${id}.${place}`)] as const]
  })
  return Object.fromEntries(opened)
}

function nameOf(owner: HeaderOwner): string {
  if ('tool' in owner) return owner.tool
  return 'mcp' in owner ? mcpOwner(owner.mcp) : preConnectOwner(owner.preConnect)
}

/** Collects the secrets that the new content has: new ones are sealed, old ones carried over, and the rest is left behind. */
export class Vault {
  readonly secrets: Record<string, string> = {}
  readonly #old: Readonly<Record<string, string>>
  readonly #making: Making

  constructor(old: Readonly<Record<string, string>>, making: Making) {
    this.#old = old
    this.#making = making
  }

  /** The request of `owner` as it is shown. A header without a value keeps the one that `before` has. */
  request(request: HttpRequestInput, before: HttpRequestRecord | null | undefined, owner: string): HttpRequestRecord {
    const { url, http_method } = request
    return { url, http_method, headers: this.#headers(request.headers, before?.headers, owner) }
  }

  preConnect(request: HttpRequestInput, before: HttpRequestRecord | undefined, index: number): HttpRequestRecord {
    return this.request(request, before, preConnectOwner(index))
  }

  /** The settings that only Parley has, as they are shown. Headers of a server are kept by its name. */
  extensions({ mcp_servers, ...settings }: AgentExtensions, before?: AgentExtensionsRecord): AgentExtensionsRecord {
    const old = (name: string) => before?.mcp_servers?.find((server) => server.name === name)
    return {
      ...settings,
      ...(mcp_servers && {
        mcp_servers: mcp_servers.map(({ headers, ...server }) => ({
          ...server,
          headers: this.#headers(headers ?? [], old(server.name)?.headers, mcpOwner(server.name)),
        })),
      }),
    }
  }

  readonly keepExtensions = (settings: AgentExtensionsRecord): AgentExtensionsRecord => {
    for (const { name, headers } of settings.mcp_servers ?? []) this.#keepHeaders(mcpOwner(name), headers)
    return settings
  }

  llm(entry: NonNullable<AgentUpdate['llm']>[number], before: readonly LlmEntry[], index: number): LlmEntry {
    const { base_url, model, api_key } = entry
    const place = llmPlace(index)
    if (api_key != null) this.#seal(place, api_key)
    // A stored key goes to no other address than the one that it was given for.
    else if (before[index]?.base_url === base_url && this.#old[place] !== undefined) this.#keep(place)
    else
      throw new ContentError([
        bodyError(['llm', index, 'api_key'], `A key is needed: none is stored for ${new URL(base_url).host}`),
      ])
    return { base_url, model }
  }

  readonly keepLlm = (entry: LlmEntry, index: number): LlmEntry => {
    this.#keep(llmPlace(index))
    return entry
  }

  readonly keepTool = (tool: AgentToolRecord): AgentToolRecord => {
    this.#keepHeaders(tool.id, tool.http?.headers)
    return tool
  }

  readonly keepPreConnect = <Request extends { readonly http: HttpRequestRecord }>(
    request: Request,
    index: number,
  ): Request => {
    this.#keepHeaders(preConnectOwner(index), request.http.headers)
    return request
  }

  #headers(
    headers: readonly HttpHeaderInput[],
    before: readonly HttpHeaderRecord[] | undefined,
    owner: string,
  ): HttpHeaderRecord[] {
    const shown = new Map<string, HttpHeaderRecord>()
    for (const header of headers) {
      const key = header.name.toLowerCase()
      const place = headerPlace(owner, header.name)
      shown.delete(key)
      delete this.secrets[place]
      if ('remove' in header) continue
      if ('value' in header) {
        this.#seal(place, header.value)
        shown.set(key, { name: header.name, last_set_at: this.#making.now })
      } else {
        this.#keep(place)
        const old = before?.find(({ name }) => name.toLowerCase() === key)
        shown.set(key, { name: header.name, last_set_at: old?.last_set_at ?? null })
      }
    }
    return [...shown.values()]
  }

  #keepHeaders(owner: string, headers: readonly HttpHeaderRecord[] = []): void {
    for (const { name } of headers) this.#keep(headerPlace(owner, name))
  }

  #keep(place: string): void {
    const sealed = this.#old[place]
    if (sealed !== undefined) this.secrets[place] = sealed
  }

  #seal(place: string, text: string): void {
    this.secrets[place] = this.#making.secrets.seal(text, `${this.#making.id}.${place}`)
  }
}
