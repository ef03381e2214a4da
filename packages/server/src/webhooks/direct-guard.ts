// A way out for webhooks that judges addresses by their spelling, and is bounded in time.
import type { Config } from '../config.js'
import { privateUrlProblem } from '../http/url-rules.js'
import type { Guard } from './guard.js'

/** Follows no redirect, and reads nothing of an answer but its status and headers. */
export const directGuard = ({ privateUrls }: Pick<Config, 'privateUrls'>): Guard => ({
  async checkUrl(url) {
    return privateUrls === 'off' ? privateUrlProblem(url) : undefined
  },
  async fetch(url, { method, headers, body, signal, timeoutMs }) {
    const deadline = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, deadline]),
    }).catch((error: unknown) => {
      throw deadline.aborted ? new Error(`No answer came within ${timeoutMs / 1000} s.`) : error
    })
    await response.body?.cancel()
    return { status: response.status, headers: response.headers }
  },
})
