// `/IncomingPhoneNumbers.json`: the numbers of the account, and where their calls go.
import type { Resource } from './rest.js'
import { invalidUrl, notFound, notSimulated } from './rest-errors.js'
import { rfc2822 } from './status.js'
import { sid } from './twilio-carrier.js'

/** A number of the account. Empty addresses: calls to it are refused, and nobody is told of their end. */
export interface PhoneNumber {
  readonly sid: string
  readonly number: string
  readonly friendlyName: string
  readonly voiceUrl: string
  readonly voiceMethod: 'GET' | 'POST'
  readonly statusCallback: string
  readonly statusCallbackMethod: 'GET' | 'POST'
}

export const phoneNumber = (number: string, voiceUrl = ''): PhoneNumber => ({
  sid: sid('PN', number),
  number,
  friendlyName: number,
  voiceUrl,
  voiceMethod: 'POST',
  statusCallback: '',
  statusCallbackMethod: 'POST',
})

/** The parameters by which a number can be changed. */
const fields = {
  FriendlyName: 'friendlyName',
  VoiceUrl: 'voiceUrl',
  VoiceMethod: 'voiceMethod',
  StatusCallback: 'statusCallback',
  StatusCallbackMethod: 'statusCallbackMethod',
} as const satisfies Record<string, keyof PhoneNumber>

export function numberResources(
  numbers: Map<string, PhoneNumber>,
  accountSid: string,
  createdAt: number,
): readonly Resource[] {
  const view = (number: PhoneNumber) => viewOf(number, accountSid, createdAt)
  const one = (id: string | undefined) => {
    const number = [...numbers.values()].find((each) => each.sid === id)
    if (!number) throw notFound(`/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${id}.json`)
    return number
  }
  return [
    {
      method: 'GET',
      path: /^\/IncomingPhoneNumbers\.json$/,
      answer(parameters) {
        const asked = parameters.get('PhoneNumber') ?? ''
        const wanted = [...numbers.values()].filter(({ number }) => number.includes(asked))
        const uri = `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers.json`
        const paging = { page: 0, page_size: 50, start: 0, end: Math.max(0, wanted.length - 1) }
        const uris = { uri, first_page_uri: uri, next_page_uri: null, previous_page_uri: null }
        return { status: 200, body: { incoming_phone_numbers: wanted.map(view), ...paging, ...uris } }
      },
    },
    {
      method: 'GET',
      path: /^\/IncomingPhoneNumbers\/(PN[0-9a-f]{32})\.json$/,
      answer: (_, [id]) => ({ status: 200, body: view(one(id)) }),
    },
    {
      method: 'POST',
      path: /^\/IncomingPhoneNumbers\/(PN[0-9a-f]{32})\.json$/,
      answer(parameters, [id]) {
        const changed = { ...one(id), ...changesOf(parameters) }
        numbers.set(changed.number, changed)
        return { status: 200, body: view(changed) }
      },
    },
  ]
}

function changesOf(parameters: URLSearchParams): Partial<PhoneNumber> {
  return Object.fromEntries(
    [...parameters].map(([name, value]) => {
      if (!isField(name)) throw notSimulated(`the parameter ${name} of a number`)
      if (['VoiceUrl', 'StatusCallback'].includes(name) && value !== '' && !URL.canParse(value))
        throw invalidUrl(name, value)
      return [fields[name], value]
    }),
  )
}

const isField = (name: string): name is keyof typeof fields => name in fields

const viewOf = (number: PhoneNumber, accountSid: string, createdAt: number) => ({
  sid: number.sid,
  account_sid: accountSid,
  phone_number: number.number,
  friendly_name: number.friendlyName,
  voice_url: number.voiceUrl,
  voice_method: number.voiceMethod,
  voice_fallback_url: '',
  voice_fallback_method: 'POST',
  voice_caller_id_lookup: false,
  voice_application_sid: '',
  status_callback: number.statusCallback,
  status_callback_method: number.statusCallbackMethod,
  sms_url: '',
  sms_method: 'POST',
  sms_fallback_url: '',
  sms_fallback_method: 'POST',
  sms_application_sid: '',
  trunk_sid: null,
  address_requirements: 'none',
  api_version: '2010-04-01',
  beta: false,
  capabilities: { voice: true, sms: false, mms: false, fax: false },
  origin: 'twilio',
  status: 'in-use',
  date_created: rfc2822(createdAt),
  date_updated: rfc2822(createdAt),
  uri: `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
})
