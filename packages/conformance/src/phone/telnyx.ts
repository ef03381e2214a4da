// A Telnyx of one's own, for tests: calls that come in, answered in TeXML, with its signatures and its media messages.
import { Call } from './call.js'
import { type Exchange, type Office, officeOf, type SimulationOptions } from './office.js'
import { telnyxCarrier, telnyxKeys } from './telnyx-carrier.js'

export class SimulatedTelnyx {
  readonly accountId = 'f5586561-8ff0-4291-a51b-c7dfe4139ff9'
  /** Of the account, in base64, as the portal shows it. */
  readonly publicKey: string
  readonly calls: Call[] = []
  readonly #numbers: Readonly<Record<string, string>>
  readonly #office: Office

  constructor(options: SimulationOptions = {}) {
    const keys = telnyxKeys()
    this.publicKey = keys.publicKey
    this.#numbers = options.numbers ?? {}
    this.#office = officeOf(options, this.accountId, (clock) => telnyxCarrier(keys, clock))
  }

  get exchanges(): readonly Exchange[] {
    return this.#office.exchanges
  }

  /** Somebody calls a number of the account. */
  dial(from: string, to: string): Call {
    const url = this.#numbers[to]
    if (url === undefined) throw new Error(`${to} is not a number of the account.`)
    const instructions = { at: { url, method: 'POST' } } as const
    const call = new Call(this.#office, { from, to, direction: 'inbound', instructions })
    this.calls.push(call)
    return call
  }

  async close(): Promise<void> {
    for (const call of this.calls) call.hangUp()
    await Promise.allSettled(this.calls.map((call) => call.ended))
  }
}
