// What all calls of one account have in common: whose they are, what signs them, and how its servers are reached.
import type { Callee } from './callee.js'
import type { Carrier } from './carrier.js'
import { type PhoneClock, wallClock } from './clock.js'
import type { LineQuality } from './mouth.js'
import { type Answer, ask } from './request.js'
import type { Onward } from './twiml.js'

export interface SimulationOptions {
  /** What the account's numbers are connected to: addresses that answer with TwiML, by number. */
  readonly numbers?: Readonly<Record<string, string>>
  /**
   * Where a public address leads in truth: a test's server is known under `https://phone.example` and listens on the
   * loopback. What is signed is the public address. Without it, both are the same.
   */
  readonly route?: (url: string) => string
  /** Who is at the other end of a number that is called. Everybody answers, when it is left out. */
  readonly phones?: (number: string) => Callee
  /** Of the lines from callers to the server. */
  readonly quality?: LineQuality
  readonly clock?: PhoneClock
  /** How long the words of `<Say>` last; 50 when it is left out. */
  readonly sayMsPerCharacter?: number
}

interface OfficeSettings extends Required<Omit<SimulationOptions, 'numbers' | 'quality'>> {
  readonly carrier: Carrier
  readonly accountId: string
  readonly quality: LineQuality | undefined
}

export function officeOf(
  { clock = wallClock(), route = (url) => url, phones = () => ({ does: 'answers' }), ...more }: SimulationOptions,
  accountId: string,
  carrierOf: (clock: PhoneClock) => Carrier,
): Office {
  const { quality, sayMsPerCharacter = 50 } = more
  return new Office({ clock, route, phones, quality, sayMsPerCharacter, accountId, carrier: carrierOf(clock) })
}

/** A request of the company and what it was answered; `status` 0 where nobody answered. */
export interface Exchange {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly fields: Readonly<Record<string, string>>
  readonly status: number
  readonly text: string
}

export class Office {
  /** Every webhook, in the order of the answers. */
  readonly exchanges: Exchange[] = []

  constructor(readonly settings: OfficeSettings) {}

  /** Asks a server, signed. What nobody answers has the status 0. */
  async ask({ url, method }: Onward, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const { carrier, route } = this.settings
    const address = new URL(url)
    if (method === 'GET') for (const [name, value] of Object.entries(fields)) address.searchParams.append(name, value)
    const form = new URLSearchParams(method === 'POST' ? fields : {})
    const signed = method === 'GET' ? address.href : url
    const headers = { 'user-agent': carrier.agent, ...carrier.sign(signed, form) }
    const answer = await ask(method, route(signed), headers, form).catch(
      (error: Error): Answer => ({ status: 0, contentType: '', text: error.message }),
    )
    this.exchanges.push({ url, method, fields, status: answer.status, text: answer.text })
    return answer
  }
}
