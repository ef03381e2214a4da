// Which addresses an agent may name.
import { bodyError, type FieldError, urlsOf } from '@parley/protocol'
import type { Guard } from '../net/guard.js'

/** An error for every URL that the server would not ask (Q21; protocol section 6.3). */
export async function addressErrors(
  settings: Parameters<typeof urlsOf>[0],
  guard: Pick<Guard, 'checkUrl'>,
): Promise<readonly FieldError[]> {
  const urls = urlsOf(settings)
  const verdicts = new Map([...new Set(urls.map(({ url }) => url))].map((url) => [url, guard.checkUrl(url)]))
  const errors = urls.map(async ({ path, url }) => {
    const wrong = await verdicts.get(url)
    return wrong === undefined ? [] : [bodyError(path, wrong)]
  })
  return (await Promise.all(errors)).flat()
}
