// The settings of the telephone: which carriers, and how much may be called where.
import { optionalUrl, type Setting, secretText, wholeNumber } from './setting.js'

/** A text of one form. */
const formed = (
  setting: { readonly name: string; readonly description: string },
  form: RegExp,
  allowed: string,
): Setting<string | undefined> => ({
  ...setting,
  allowed,
  default: undefined,
  shownDefault: 'not set',
  secret: false,
  parse: (value) => (form.test(value) ? value : undefined),
})

/** Beginnings of telephone numbers, separated by commas. */
const prefixes = (setting: { readonly name: string; readonly description: string }): Setting<readonly string[]> => ({
  ...setting,
  allowed: 'beginnings of phone numbers such as +49 or +1212, separated by commas',
  default: [],
  shownDefault: 'none',
  secret: false,
  parse(value) {
    const list = value.split(',').map((prefix) => prefix.replace(/[\s()-]/g, ''))
    return list.every((prefix) => /^\+[1-9]\d{0,14}$/.test(prefix)) ? list : undefined
  },
})

export const phoneSettings = {
  twilioAccountSid: formed(
    {
      name: 'TWILIO_ACCOUNT_SID',
      description: 'The account at Twilio whose numbers agents answer. Needs `TWILIO_AUTH_TOKEN` too.',
    },
    /^AC[0-9a-fA-F]{32}$/,
    'AC and 32 hexadecimal digits, as the console of Twilio shows it',
  ),
  twilioAuthToken: secretText({
    name: 'TWILIO_AUTH_TOKEN',
    least: 16,
    description:
      'The auth token of that account. With it, requests are known to come from Twilio; no API key can take its place there.',
  }),
  twilioApiKey: formed(
    {
      name: 'TWILIO_API_KEY',
      description:
        'The SID of an API key of that account, which then places and ends calls in place of the auth token. Needs `TWILIO_API_SECRET` too.',
    },
    /^SK[0-9a-fA-F]{32}$/,
    'SK and 32 hexadecimal digits, as the console of Twilio shows it',
  ),
  twilioApiSecret: secretText({ name: 'TWILIO_API_SECRET', least: 16, description: 'The secret of that API key.' }),
  twilioApiUrl: optionalUrl({
    name: 'PARLEY_TWILIO_API_URL',
    protocols: ['http:', 'https:'],
    example: 'http://127.0.0.1:4010',
    description: "Where Twilio's REST API answers, for a stand-in of it. Without it, at Twilio.",
  }),
  telnyxPublicKey: formed(
    {
      name: 'TELNYX_PUBLIC_KEY',
      description:
        'The public key of an account at Telnyx whose numbers agents answer, with which requests are known to come from there.',
    },
    /^[A-Za-z0-9+/]{43}=$/,
    '44 characters of base64, as the portal of Telnyx shows it',
  ),
  callDestinations: prefixes({
    name: 'PARLEY_CALL_DESTINATIONS',
    description:
      'Which numbers agents may call, and hand calls on to, by how they begin. Without it, none. Keep it as narrow as you can: whoever has an API key can call these numbers at your expense.',
  }),
  maxCalls: wholeNumber({
    name: 'PARLEY_MAX_CALLS',
    default: 50,
    least: 1,
    most: 100_000,
    unit: 'calls',
    description: 'How many calls that agents make may run at once, for all accounts and servers together.',
  }),
  callsPerKey: wholeNumber({
    name: 'PARLEY_CALLS_PER_KEY',
    default: 10,
    least: 1,
    most: 100_000,
    unit: 'calls',
    description: 'How many of them one API key may have running at once.',
  }),
  callsPerKeyAndDay: wholeNumber({
    name: 'PARLEY_CALLS_PER_KEY_PER_DAY',
    default: 200,
    least: 1,
    most: 10_000_000,
    unit: 'calls in 24 hours',
    description: 'How many calls one API key may make within a day, whether somebody answers or not.',
  }),
} as const

interface Read {
  readonly twilioAccountSid: string | undefined
  readonly twilioAuthToken: string | undefined
  readonly twilioApiKey: string | undefined
  readonly twilioApiSecret: string | undefined
  readonly twilioApiUrl: string | undefined
  readonly callDestinations: readonly string[]
  readonly publicUrl: string | undefined
}

/** What is wrong with them together; each a sentence. */
export const phoneProblems = (read: Read): readonly string[] => [
  ...together('TWILIO_ACCOUNT_SID', read.twilioAccountSid, 'TWILIO_AUTH_TOKEN', read.twilioAuthToken),
  ...together('TWILIO_API_KEY', read.twilioApiKey, 'TWILIO_API_SECRET', read.twilioApiSecret),
  ...needsTwilio('TWILIO_API_KEY', read.twilioApiKey !== undefined, read),
  ...needsTwilio('PARLEY_CALL_DESTINATIONS', read.callDestinations.length > 0, read),
  ...(read.callDestinations.length > 0 && read.publicUrl === undefined
    ? [
        'PARLEY_CALL_DESTINATIONS needs PARLEY_PUBLIC_URL too, the address at which Twilio reaches this server. Set it, or leave the destinations out.',
      ]
    : []),
]

const together = (one: string, first: string | undefined, other: string, second: string | undefined) => {
  if ((first === undefined) === (second === undefined)) return []
  const [set, missing] = first === undefined ? [other, one] : [one, other]
  return [`${set} is set, but ${missing} is not. Set both, or leave both out.`]
}

const needsTwilio = (name: string, isSet: boolean, { twilioAccountSid, twilioAuthToken }: Read) =>
  isSet && twilioAccountSid === undefined && twilioAuthToken === undefined
    ? [`${name} needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN too. Set them, or leave it out.`]
    : []
