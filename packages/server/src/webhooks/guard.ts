// What the delivery of webhooks asks of whoever guards the way out of the server.

export interface GuardedRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** How much of the answer is read. */
  readonly maxBytes: number
}

export interface GuardedResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
}

export interface Guard {
  /** Follows no redirect. Rejects, saying why, when there is no answer in time or the address may not be reached. */
  fetch(url: string, request: GuardedRequest): Promise<GuardedResponse>
  /** Why the URL may not be used, as a sentence; undefined when it may. */
  checkUrl(url: string): Promise<string | undefined>
}
