// A Twilio of one's own, for tests: an account with numbers, people who call them, telephones that answer, and the REST API.
import { randomBytes } from 'node:crypto'
import { accountResource } from './account-resource.js'
import { Call, type CallOptions } from './call.js'
import { callResources } from './call-resource.js'
import { pause } from './clock.js'
import { numberResources, type PhoneNumber, phoneNumber } from './number-resource.js'
import { type Exchange, type Office, officeOf, type SimulationOptions } from './office.js'
import { type RestRequest, type RestSide, startRest } from './rest.js'
import { sid, twilioCarrier } from './twilio-carrier.js'

/**
 * ```ts
 * const twilio = await SimulatedTwilio.start({ numbers: { '+15550100': 'https://phone.example/voice' }, route })
 * const call = twilio.dial('+15550111', '+15550100')
 * const line = await call.stream()
 * line.say(muLaw)
 * line.press('1')
 * call.hangUp()
 * await call.ended
 * // line.heard: what the caller heard, sample by sample
 * ```
 */
export class SimulatedTwilio {
  readonly accountSid: string
  readonly authToken: string
  /** For the REST API, in place of the account and its token. */
  readonly apiKey: { readonly sid: string; readonly secret: string }
  /** Every call, in the order in which they began. */
  readonly calls: Call[] = []
  readonly #numbers: Map<string, PhoneNumber>
  readonly #office: Office
  #rest: RestSide | undefined

  private constructor(options: SimulationOptions) {
    const { numbers = {} } = options
    this.accountSid = sid('AC')
    this.authToken = randomBytes(16).toString('hex')
    this.apiKey = { sid: sid('SK'), secret: randomBytes(16).toString('hex') }
    this.#office = officeOf(options, this.accountSid, () => twilioCarrier(this.authToken))
    this.#numbers = new Map(Object.entries(numbers).map(([number, url]) => [number, phoneNumber(number, url)]))
  }

  static async start(options: SimulationOptions = {}): Promise<SimulatedTwilio> {
    const company = new SimulatedTwilio(options)
    const { accountSid, authToken, apiKey, calls } = company
    const owns = (number: string) => company.#numbers.has(number)
    const place = (call: CallOptions) => company.#begin(call)
    const createdAt = company.#office.settings.clock.unixMs()
    company.#rest = await startRest({ sid: accountSid, authToken, apiKey }, [
      accountResource(accountSid, createdAt),
      ...callResources({ accountSid, calls, owns, place }),
      ...numberResources(company.#numbers, accountSid, createdAt),
    ])
    return company
  }

  /** Of the REST API, in place of `https://api.twilio.com`. */
  get url(): string {
    return this.#rest?.url ?? ''
  }

  /** What the REST API was asked for. */
  get requests(): readonly RestRequest[] {
    return this.#rest?.requests ?? []
  }

  /** The webhooks that were sent, in the order of their answers. */
  get exchanges(): readonly Exchange[] {
    return this.#office.exchanges
  }

  /** The numbers of the account as they are now. */
  get numbers(): readonly PhoneNumber[] {
    return [...this.#numbers.values()]
  }

  /** Somebody calls a number of the account. `fields`: more that the voice webhook is told, such as `CallerName`. */
  dial(from: string, to: string, fields?: Readonly<Record<string, string>>): Call {
    const number = this.#numbers.get(to)
    if (!number?.voiceUrl) throw new Error(`${to} is not a number of the account, or has no address for its calls.`)
    const { voiceUrl: url, voiceMethod: method, statusCallback, statusCallbackMethod } = number
    const news = { to: { url: statusCallback, method: statusCallbackMethod }, events: ['completed'] as const }
    return this.#begin({
      ...{ from, to, direction: 'inbound', instructions: { at: { url, method } } },
      ...(statusCallback !== '' && { news }),
      ...(fields && { fields }),
    })
  }

  /** Connects a number to another address. */
  connect(number: string, voiceUrl: string, statusCallback = ''): void {
    this.#numbers.set(number, { ...phoneNumber(number, voiceUrl), statusCallback })
  }

  /** Waits on the simulation's clock. */
  wait(ms: number): Promise<void> {
    return pause(this.#office.settings.clock, ms)
  }

  /** Hangs up what is still going on, and stops. */
  async close(): Promise<void> {
    for (const call of this.calls) call.hangUp()
    await Promise.allSettled(this.calls.map((call) => call.ended))
    await this.#rest?.close()
  }

  #begin(options: CallOptions): Call {
    const call = new Call(this.#office, options)
    this.calls.push(call)
    return call
  }
}
