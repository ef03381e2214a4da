// The call side: a call from its first ring to its end, carrying out what its TwiML says.
import { answeredBy, type MachineDetection, type Ringing, ring } from './callee.js'
import { type PhoneClock, pause } from './clock.js'
import type { Office } from './office.js'
import { openStream } from './socket.js'
import { type CallStatus, StatusNews, type StatusSubscription } from './status.js'
import type { Stream } from './stream.js'
import { type Onward, readTwiml, TwimlError, type Verb } from './twiml.js'

/** What a call is to do: what is at an address, or this document. */
export type Instructions = { readonly at: Onward } | { readonly twiml: string; readonly base: string }

export interface CallOptions {
  readonly from: string
  readonly to: string
  readonly direction: 'inbound' | 'outbound-api'
  readonly instructions: Instructions
  readonly news?: StatusSubscription | undefined
  /** How long it may ring; of calls that are placed. */
  readonly ringSeconds?: number
  readonly detection?: { readonly kind: MachineDetection; readonly tell: Onward | undefined } | undefined
  /** More fields of every request, such as `CallerName`. */
  readonly fields?: Readonly<Record<string, string>>
}

/** What went wrong at the server. `code`: of Twilio's errors (twilio.com/docs/api/errors). */
export interface CallError {
  readonly code: number
  readonly message: string
  readonly url: string
}

export interface Dialed {
  readonly number: string
  readonly callerId: string
  readonly timeoutSeconds: number
  /** As `DialCallStatus` tells it; undefined while it lasts. */
  status: CallStatus | undefined
}

const APPLICATION_ERROR = 'We are sorry, an application error has occurred. Goodbye.'

export class Call {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly direction: CallOptions['direction']
  /** What `<Say>` has said. */
  readonly said: string[] = []
  readonly dials: Dialed[] = []
  readonly streams: Stream[] = []
  readonly errors: CallError[] = []
  /** How the call ended. Rejects with a `TwimlError` when it was told something that cannot be carried out. */
  readonly ended: Promise<CallStatus>
  /** By the clock: unix ms. */
  readonly createdAt: number
  startedAt: number | undefined
  endedAt: number | undefined
  /** What the company made of whoever answered. */
  answeredBy: string | undefined
  readonly #office: Office
  readonly #clock: PhoneClock
  readonly #options: CallOptions
  readonly #news: StatusNews
  #status: CallStatus
  /** What it is doing right now can be broken off. */
  #interruption = new AbortController()
  #redirected: Instructions | undefined
  #awaited: {
    readonly count: number
    readonly resolve: (stream: Stream) => void
    readonly reject: (error: Error) => void
  }[] = []

  constructor(office: Office, options: CallOptions) {
    this.#office = office
    this.#options = options
    this.#clock = office.settings.clock
    this.id = office.settings.carrier.callId()
    this.from = options.from
    this.to = options.to
    this.direction = options.direction
    this.createdAt = this.#clock.unixMs()
    this.#status = options.direction === 'inbound' ? 'ringing' : 'queued'
    this.#news = new StatusNews(office, options.news)
    this.ended = this.#run()
  }

  get status(): CallStatus {
    return this.#status
  }

  get isOver(): boolean {
    return this.endedAt !== undefined
  }

  /** The stream that is open now. */
  get line(): Stream {
    const last = this.streams.at(-1)
    if (!last || last.isOver) throw new Error(`Call ${this.id} (${this.#status}) is not connected to a stream.`)
    return last
  }

  /** Stream number `count`, from 1, as soon as it is open. Rejects when the call ends before. */
  stream(count = 1): Promise<Stream> {
    const open = this.streams[count - 1]
    if (open) return Promise.resolve(open)
    return new Promise((resolve, reject) => {
      if (this.isOver) reject(this.#neverOpened(count))
      else this.#awaited.push({ count, resolve, reject })
    })
  }

  /** The caller hangs up; before the call was answered, it is canceled. */
  hangUp(): void {
    this.#finish(this.#status === 'in-progress' ? 'completed' : 'canceled')
  }

  /** Leaves off what it is doing and does this. */
  redirect(instructions: Instructions): void {
    this.#redirected = instructions
    this.#interrupt()
  }

  async #run(): Promise<CallStatus> {
    // whoever placed the call sees it before anything happens
    await Promise.resolve()
    try {
      if (this.direction === 'inbound' || (await this.#place())) await this.#converse()
      if (!this.isOver) this.#finish('completed')
    } catch (error) {
      this.#finish('failed')
      throw error
    } finally {
      for (const { count, reject } of this.#awaited.splice(0)) reject(this.#neverOpened(count))
      await this.#news.settled()
    }
    return this.#status
  }

  /** Rings at the other end. Whether it was answered. */
  async #place(): Promise<boolean> {
    const { ringSeconds = 60 } = this.#options
    this.#tell('initiated')
    this.#tell('ringing')
    const callee = this.#office.settings.phones(this.to)
    const outcome: Ringing = await ring(this.#clock, callee, ringSeconds * 1000, this.#interruption.signal)
    if (this.isOver) return false
    if (outcome !== 'answered' || callee.does !== 'answers') {
      this.#finish(outcome === 'answered' ? 'failed' : outcome)
      return false
    }
    this.#answer()
    await this.#detect(callee.by ?? 'human', callee.detectedAfterMs ?? 100)
    return !this.isOver
  }

  /** Whether it is asked who answered, and whether the call waits for it. */
  async #detect(by: 'human' | 'machine' | 'fax' | 'unknown', afterMs: number): Promise<void> {
    const { detection } = this.#options
    if (!detection) return
    const { kind, tell } = detection
    const detected = pause(this.#clock, afterMs, this.#news.callOver).then(async () => {
      if (this.isOver) return
      this.answeredBy = answeredBy(by, kind)
      const { CallSid, AccountSid } = this.#fields()
      const fields = { CallSid: CallSid!, AccountSid: AccountSid!, AnsweredBy: this.answeredBy }
      if (tell) await this.#office.ask(tell, { ...fields, MachineDetectionDuration: String(afterMs) })
    })
    if (!tell) await detected
  }

  async #converse(): Promise<void> {
    let verbs: readonly Verb[] = await this.#follow(this.#options.instructions)
    while (!this.isOver && verbs[0]) {
      const [verb, ...rest] = verbs
      const next = await this.#perform(verb)
      if (this.isOver) return
      const elsewhere = this.#redirected
      this.#redirected = undefined
      if (elsewhere) {
        this.#interruption = new AbortController()
        this.#answer()
      }
      verbs = elsewhere ? await this.#follow(elsewhere) : (next ?? rest)
    }
  }

  /** Resolves with what follows in place of the rest of the document, if anything does. */
  async #perform(verb: Verb): Promise<readonly Verb[] | undefined> {
    const { signal } = this.#interruption
    if (!['Pause', 'Redirect', 'Reject'].includes(verb.verb)) this.#answer()
    switch (verb.verb) {
      case 'Connect':
        return this.#connect(verb)
      case 'Say':
        await this.#say(verb.text)
        return undefined
      case 'Pause':
        await pause(this.#clock, verb.seconds * 1000, signal)
        return undefined
      case 'Dial':
        return this.#dial(verb)
      case 'Redirect':
        return this.#follow({ at: verb.to })
      case 'Hangup':
        this.#finish('completed')
        return undefined
      case 'Reject':
        // an answered call can only be hung up
        this.#finish(this.#status === 'in-progress' ? 'completed' : verb.reason === 'busy' ? 'busy' : 'no-answer')
        return undefined
    }
  }

  async #say(text: string): Promise<void> {
    this.said.push(text)
    const { sayMsPerCharacter } = this.#office.settings
    await pause(this.#clock, text.length * sayMsPerCharacter, this.#interruption.signal)
  }

  async #connect({ stream: { url, parameters }, action }: Extract<Verb, { verb: 'Connect' }>) {
    const { signal } = this.#interruption
    const names = { callId: this.id, from: this.from, to: this.to, parameters }
    const stream = await openStream(this.#office, { url, ...names }).catch((error: Error) => {
      this.errors.push({ code: 31920, message: error.message, url })
      return undefined
    })
    if (stream) await this.#listen(stream, url, signal)
    // redirected by the account itself: what was to come after the stream is void
    if (this.#redirected) return undefined
    return action && this.#follow({ at: action })
  }

  async #listen(stream: Stream, url: string, signal: AbortSignal): Promise<void> {
    this.streams.push(stream)
    for (const { count, resolve } of this.#awaited) if (count === this.streams.length) resolve(stream)
    this.#awaited = this.#awaited.filter(({ count }) => count > this.streams.length)
    const stop = () => stream.stop()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const end = await stream.ended
    signal.removeEventListener('abort', stop)
    if (end === 'cut') this.errors.push({ code: 31921, message: 'The media socket was not closed in order.', url })
    for (const event of stream.events)
      if (event.what === 'wrong') this.errors.push({ code: 31924, message: event.why, url })
  }

  async #dial(verb: Extract<Verb, { verb: 'Dial' }>) {
    const { number, callerId = this.from, timeoutSeconds, longestSeconds, action } = verb
    const { signal } = this.#interruption
    const dialed: Dialed = { number, callerId, timeoutSeconds, status: undefined }
    this.dials.push(dialed)
    const callee = this.#office.settings.phones(number)
    const outcome = await ring(this.#clock, callee, timeoutSeconds * 1000, signal)
    const answeredAt = this.#clock.now()
    if (outcome === 'answered' && callee.does === 'answers')
      await pause(this.#clock, Math.min(callee.talksMs ?? 0, longestSeconds * 1000), signal)
    dialed.status = outcome === 'answered' ? 'completed' : outcome
    if (this.#redirected) return undefined
    const seconds = Math.ceil((this.#clock.now() - answeredAt) / 1000)
    return (
      action &&
      this.#follow(
        { at: action },
        {
          DialCallStatus: dialed.status,
          DialCallSid: this.#office.settings.carrier.callId(),
          ...(outcome === 'answered' && { DialCallDuration: String(seconds), DialBridged: 'true' }),
        },
      )
    )
  }

  /** What is to be done next. After the end of the call the server is told, and its answer counts for nothing. */
  async #follow(instructions: Instructions, more: Readonly<Record<string, string>> = {}): Promise<readonly Verb[]> {
    if ('twiml' in instructions) return readTwiml(instructions.twiml, instructions.base)
    const { at } = instructions
    const answer = await this.#office.ask(at, { ...this.#fields(), ...more })
    if (answer.status >= 200 && answer.status < 300) {
      if (this.isOver) return []
      if (!/\bxml\b/.test(answer.contentType))
        throw new TwimlError(12100, `${at.url} answered with ${answer.contentType || 'no type'}, not with XML.`)
      return readTwiml(answer.text, at.url)
    }
    this.errors.push({ code: 11200, message: `It answered with ${answer.status}: ${answer.text}`, url: at.url })
    if (this.isOver) return []
    await this.#say(APPLICATION_ERROR)
    this.#finish('completed')
    return []
  }

  #fields(): Readonly<Record<string, string>> {
    return {
      CallSid: this.id,
      AccountSid: this.#office.settings.accountId,
      From: this.from,
      To: this.to,
      Caller: this.from,
      Called: this.to,
      CallStatus: this.#status,
      Direction: this.direction,
      ApiVersion: '2010-04-01',
      ...(this.answeredBy !== undefined && { AnsweredBy: this.answeredBy }),
      ...this.#options.fields,
    }
  }

  #answer(): void {
    if (this.isOver || this.#status === 'in-progress') return
    this.startedAt = this.#clock.unixMs()
    this.#tell('in-progress')
  }

  #finish(status: CallStatus): void {
    if (this.isOver) return
    this.endedAt = this.#clock.unixMs()
    this.#tell(status)
    this.#interrupt()
  }

  #tell(status: CallStatus): void {
    this.#status = status
    const seconds = Math.ceil(((this.endedAt ?? 0) - (this.startedAt ?? this.endedAt ?? 0)) / 1000)
    this.#news.tell(status, this.#fields(), seconds)
  }

  #interrupt(): void {
    this.#interruption.abort()
  }

  #neverOpened(count: number): Error {
    return new Error(
      `Call ${this.id} ended (${this.#status}) before stream number ${count} was open: ${JSON.stringify(this.errors)}`,
    )
  }
}
