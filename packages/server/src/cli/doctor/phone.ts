// What the settings of the telephone come to, tried without a call.
import type { Config } from '../../config.js'
import { twilioRest } from '../../phone/twilio-rest.js'

export interface PhoneFinding {
  readonly is: 'well' | 'failed' | 'untried'
  readonly what: string
  /** A sentence: what was found, or what to do. */
  readonly message: string
}

/** Nothing where no carrier is configured. `asks`: whether Twilio is asked if it accepts the credentials. */
export async function examinePhone(config: Config, asks: boolean): Promise<readonly PhoneFinding[]> {
  const { twilioAccountSid, telnyxPublicKey } = config
  if (twilioAccountSid === undefined && telnyxPublicKey === undefined) return []
  return [address(config), ...(twilioAccountSid === undefined ? [] : [await credentials(config, asks)]), calls(config)]
}

function address({ publicUrl, trustProxy }: Config): PhoneFinding {
  const what = 'address'
  if (publicUrl?.startsWith('https:'))
    return { is: 'well', what, message: `Carriers reach this server at ${publicUrl}.` }
  if (publicUrl !== undefined)
    return {
      is: 'failed',
      what,
      message: 'Carriers connect over TLS alone. Set PARLEY_PUBLIC_URL to an address with https.',
    }
  if (trustProxy.length > 0)
    return {
      is: 'untried',
      what,
      message:
        'The proxy of PARLEY_TRUST_PROXY must name the public address in X-Forwarded-Host and X-Forwarded-Proto.',
    }
  return { is: 'failed', what, message: 'Carriers sign the address that they ask. Set PARLEY_PUBLIC_URL to it.' }
}

async function credentials(config: Config, asks: boolean): Promise<PhoneFinding> {
  const what = 'twilio'
  if (!asks)
    return { is: 'untried', what, message: 'Add --phone to have Twilio asked whether it accepts the credentials.' }
  return twilioRest(config)
    .check()
    .then(
      (): PhoneFinding => ({ is: 'well', what, message: 'Twilio accepts the credentials.' }),
      (error: Error): PhoneFinding => ({ is: 'failed', what, message: error.message }),
    )
}

const calls = ({ callDestinations }: Config): PhoneFinding =>
  callDestinations.length === 0
    ? { is: 'untried', what: 'calls', message: 'Agents make no calls, because PARLEY_CALL_DESTINATIONS is not set.' }
    : { is: 'well', what: 'calls', message: `Agents may call numbers that begin with ${callDestinations.join(', ')}.` }
