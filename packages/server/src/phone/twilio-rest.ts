// Twilio's REST interface, through its own library, which is loaded when somebody first needs it.
import type { Twilio } from 'twilio'
import type { Config } from '../config.js'
import { CarrierError, type CarrierRest } from './carrier-rest.js'

export type TwilioSettings = Pick<
  Config,
  'twilioAccountSid' | 'twilioAuthToken' | 'twilioApiKey' | 'twilioApiSecret' | 'twilioApiUrl'
>

/** What Twilio asks when somebody calls a number, and what it tells of the call. */
export interface NumberUrls {
  readonly voiceUrl: string
  readonly voiceMethod: string
  readonly statusCallback: string
  readonly statusCallbackMethod: string
}

export interface TwilioNumber extends NumberUrls {
  readonly sid: string
}

export interface TwilioRest extends CarrierRest {
  /** The number, if it is one of the account. */
  number(phoneNumber: string): Promise<TwilioNumber | undefined>
  setNumber(sid: string, urls: NumberUrls): Promise<void>
  /** Rejects when the credentials are not accepted. */
  check(): Promise<void>
}

const ANSWER_WITHIN_MS = 10_000
/** What became of it, in the codes of Twilio's interface. */
const NOT_FOUND = 20_404
const NOT_IN_PROGRESS = 21_220

export function twilioRest(settings: TwilioSettings): TwilioRest {
  let client: Promise<Twilio> | undefined
  const asked = async <Answer>(ask: (twilio: Twilio) => Promise<Answer>): Promise<Answer> => {
    client ??= clientOf(settings)
    try {
      return await ask(await client)
    } catch (error) {
      throw explained(error)
    }
  }
  return {
    place: (placing) =>
      asked(async ({ calls }) => {
        const { sid } = await calls.create({
          from: placing.from,
          to: placing.to,
          url: placing.voiceUrl,
          timeout: placing.ringTimeoutSeconds,
          timeLimit: placing.mostSeconds,
          statusCallback: placing.statusUrl,
          statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
          ...(placing.detectsMachines && {
            machineDetection: 'DetectMessageEnd',
            asyncAmd: 'true',
            asyncAmdStatusCallback: placing.machineUrl,
          }),
        })
        return sid
      }),
    hangUp: (carrierCallId) =>
      asked(async ({ calls }) => {
        await calls(carrierCallId)
          .update({ status: 'completed' })
          .catch((error: unknown) => {
            if (!isOneOf(error, [NOT_FOUND, NOT_IN_PROGRESS])) throw error
          })
      }),
    number: (phoneNumber) =>
      asked(async ({ incomingPhoneNumbers }) => {
        const [found] = await incomingPhoneNumbers.list({ phoneNumber, limit: 1 })
        if (!found) return undefined
        const { sid, voiceUrl, voiceMethod, statusCallback, statusCallbackMethod } = found
        return { sid, voiceUrl, voiceMethod, statusCallback, statusCallbackMethod }
      }),
    setNumber: (sid, urls) =>
      asked(async ({ incomingPhoneNumbers }) => {
        await incomingPhoneNumbers(sid).update({ ...urls })
      }),
    check: () =>
      asked(async (twilio) => {
        await twilio.api.accounts(settings.twilioAccountSid ?? '').fetch()
      }),
  }
}

async function clientOf(settings: TwilioSettings): Promise<Twilio> {
  const [{ default: Client }, { default: RequestClient }] = await Promise.all([
    import('twilio/lib/rest/Twilio.js'),
    import('twilio/lib/base/RequestClient.js'),
  ])
  const { twilioAccountSid, twilioAuthToken, twilioApiKey, twilioApiSecret, twilioApiUrl } = settings
  const base = twilioApiUrl?.replace(/\/+$/, '')

  /** The library knows Twilio's own addresses alone. */
  class Redirected extends RequestClient {
    override request<Data>(options: Parameters<typeof RequestClient.prototype.request<Data>>[0]) {
      const { pathname, search } = new URL(options.uri)
      return super.request<Data>(base === undefined ? options : { ...options, uri: base + pathname + search })
    }
  }

  return new Client(twilioApiKey ?? twilioAccountSid, twilioApiSecret ?? twilioAuthToken, {
    accountSid: twilioAccountSid ?? '',
    httpClient: new Redirected({ timeout: ANSWER_WITHIN_MS }),
  })
}

const isOneOf = (error: unknown, codes: readonly number[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(Number(error.code))

function explained(error: unknown): CarrierError {
  if (error instanceof CarrierError) return error
  const { status, code, message } = error as { status?: unknown; code?: unknown; message?: unknown } // whatever it is, these are looked at as unknown
  if (status === 401 || status === 403)
    return new CarrierError(
      'Twilio does not accept the credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or the API key.',
      { cause: error },
    )
  if (typeof status === 'number')
    return new CarrierError(
      `Twilio refused: ${String(message)}${code === undefined ? '' : ` (error ${String(code)})`}`,
      {
        cause: error,
      },
    )
  return new CarrierError('Twilio could not be reached. Try again.', { cause: error })
}
