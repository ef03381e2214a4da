// The URLs that settings hold: where they stand, so that each can be judged before the server ever calls it.
import type { AgentExtensions } from './extensions.js'
import { type Finding, finding, type Path } from './issues.js'

interface WithUrls {
  readonly webhook?: { readonly url: string } | undefined
  readonly llm?: readonly { readonly base_url: string }[] | undefined
  readonly tools?: readonly { readonly http?: { readonly url: string } | null | undefined }[] | undefined
  readonly pre_connect_requests?: readonly { readonly http: { readonly url: string } }[] | undefined
  readonly parley?: AgentExtensions | null | undefined
}

/** Every URL in `settings` with its path. Whoever may resolve names refuses hosts inside the network by it. */
export const urlsOf = (settings: WithUrls): readonly { path: Path; url: string }[] => [
  ...(settings.tools ?? []).flatMap(({ http }, index) =>
    http ? [{ path: ['tools', index, 'http', 'url'], url: http.url }] : [],
  ),
  ...(settings.llm ?? []).map(({ base_url }, index) => ({ path: ['llm', index, 'base_url'], url: base_url })),
  ...(settings.pre_connect_requests ?? []).map(({ http }, index) => ({
    path: ['pre_connect_requests', index, 'http', 'url'],
    url: http.url,
  })),
  ...(settings.parley?.mcp_servers ?? []).map(({ url }, index) => ({
    path: ['parley', 'mcp_servers', index, 'url'],
    url,
  })),
  ...(settings.webhook ? [{ path: ['webhook', 'url'], url: settings.webhook.url }] : []),
]

/** A finding for every URL that would send secrets unencrypted. */
export const insecureUrls = (settings: WithUrls): readonly Finding[] =>
  urlsOf(settings)
    .filter(({ url }) => !/^https:/i.test(url))
    .map(({ path }) => finding(path, 'must be an https URL'))

/** A finding for every https URL that has a `problem`. */
export const refusedUrls = (
  settings: WithUrls,
  problem: (url: string) => string | undefined = () => undefined,
): readonly Finding[] =>
  urlsOf(settings).flatMap(({ path, url }) => {
    const why = /^https:/i.test(url) ? problem(url) : undefined
    return why === undefined ? [] : [finding(path, why)]
  })
