// What the suite is told about the server that it asks, and about itself.

export interface Facts {
  /** Where the server is, without the path: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly key: string
  /** A key of another account of the same server; without it, items about other accounts are skipped. */
  readonly otherKey?: string | undefined
  /** For how long a session outlives its connection. */
  readonly graceSeconds: number
  /** The base at which the server reaches the suite's own model, tools and webhooks; made of host and port when left out. */
  readonly callbackUrl?: string | undefined
  readonly callbackHost: string
  /** 0: any free port. */
  readonly callbackPort: number
  /** The voice in which the server speaks the sentences that the suite then says to it. */
  readonly userVoice: string
  /** The server's log so far; without it, items about the log are skipped. */
  readonly log?: (() => string) | undefined
}

export const defaultFacts = {
  graceSeconds: 30,
  callbackHost: '127.0.0.1',
  callbackPort: 0,
  userVoice: 'michael',
} as const
