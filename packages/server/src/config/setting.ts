// What a setting is, and the kinds of value that one can have.
import { areProxies } from '../admission/address.js'

/** One setting: how it is called, what it may be, and what it means. */
export interface Setting<Value> {
  /** The name of the environment variable. */
  readonly name: string
  readonly description: string
  /** What the value may be, to follow the words "It must be". */
  readonly allowed: string
  /** What holds when the variable is not set, as a person reads it. */
  readonly shownDefault: string
  readonly default: Value
  readonly unit?: string
  /** A secret is never printed, not even in an error about it. */
  readonly secret: boolean
  /** The value of `text`, which is not empty; undefined when it is not allowed. */
  parse(text: string): Value | undefined
}

interface Named {
  readonly name: string
  readonly description: string
}

interface WithDefault<Value> extends Named {
  readonly default: Value
  readonly shownDefault?: string
}

export type ValueOf<S> = S extends Setting<infer Value> ? Value : never

/** Any text. */
export const text = (setting: WithDefault<string>): Setting<string> => ({
  ...setting,
  allowed: 'some text',
  shownDefault: shown(setting),
  secret: false,
  parse: (value) => value,
})

/** A name that something else gives its meaning: an engine, a model, a voice. */
export const optionalText = (setting: Named): Setting<string | undefined> => ({
  ...setting,
  allowed: 'some text',
  default: undefined,
  shownDefault: 'not set',
  secret: false,
  parse: (value) => value,
})

/** A whole number from `least` to `most`. */
export const wholeNumber = (
  setting: WithDefault<number> & { readonly least: number; readonly most: number; readonly unit?: string },
): Setting<number> => ({
  ...setting,
  allowed: `a whole number from ${setting.least} to ${setting.most}${setting.unit ? ` (${setting.unit})` : ''}`,
  shownDefault: shown(setting),
  secret: false,
  parse(value) {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    return number >= setting.least && number <= setting.most ? number : undefined
  },
})

/** One of a few words. */
export const choice = <const Choice extends string>(
  setting: WithDefault<Choice> & { readonly choices: readonly Choice[] },
): Setting<Choice> => ({
  ...setting,
  allowed: `one of ${setting.choices.join(', ')}`,
  shownDefault: shown(setting),
  secret: false,
  parse: (value) => setting.choices.find((word) => word === value.toLowerCase()),
})

/** One of a few words; what holds when it is not set follows from other settings. */
export const dependentChoice = <const Choice extends string>(
  setting: Named & { readonly choices: readonly Choice[]; readonly shownDefault: string },
): Setting<Choice | undefined> => ({
  ...setting,
  allowed: `one of ${setting.choices.join(', ')}`,
  default: undefined,
  secret: false,
  parse: (value) => setting.choices.find((word) => word === value.toLowerCase()),
})

/** An absolute URL of one of `protocols` (`https:`). `secret`: it may hold a password. */
export const optionalUrl = (
  setting: Named & { readonly protocols: readonly string[]; readonly secret?: boolean; readonly example: string },
): Setting<string | undefined> => ({
  ...setting,
  allowed: `a URL such as ${setting.example}`,
  default: undefined,
  shownDefault: 'not set',
  secret: setting.secret ?? false,
  parse: (value) => (URL.canParse(value) && setting.protocols.includes(new URL(value).protocol) ? value : undefined),
})

/** A secret text of at least `least` characters without spaces. */
export const secretText = (setting: Named & { readonly least: number }): Setting<string | undefined> => ({
  ...setting,
  allowed: `at least ${setting.least} characters without spaces`,
  default: undefined,
  shownDefault: 'not set',
  secret: true,
  parse: (value) => (value.length >= setting.least && /^[\x21-\x7e]+$/.test(value) ? value : undefined),
})

/** Secret keys of exactly 32 bytes, written in hexadecimal or base64, separated by commas; at least one. */
export const secretKeys = (
  setting: Named & { readonly shownDefault: string },
): Setting<readonly [Uint8Array, ...Uint8Array[]] | undefined> => ({
  ...setting,
  allowed: '32 bytes, written as 64 hexadecimal digits or as 44 characters of base64; several separated by commas',
  default: undefined,
  secret: true,
  parse(value) {
    const [first, ...others] = value.split(',').map((key) => secretKey(key.trim()))
    if (first === undefined || others.includes(undefined)) return undefined
    return [first, ...others.flatMap((key) => key ?? [])]
  },
})

function secretKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** Web origins separated by commas; `*` stands for all. */
export const origins = (setting: Named): Setting<readonly string[]> => ({
  ...setting,
  allowed: 'origins such as https://example.com separated by commas, or *',
  default: [],
  shownDefault: 'none',
  secret: false,
  parse(value) {
    const list = value.split(',').map((origin) => origin.trim())
    return list.every((origin) => origin === '*' || isOrigin(origin)) ? list : undefined
  },
})

/** Addresses and networks of proxies, separated by commas. */
export const proxies = (setting: Named): Setting<readonly string[]> => ({
  ...setting,
  allowed: 'addresses such as 10.0.0.1, networks such as 10.0.0.0/8, or loopback, separated by commas',
  default: [],
  shownDefault: 'none',
  secret: false,
  parse(value) {
    const list = value.split(',').map((proxy) => proxy.trim())
    return areProxies(list) ? list : undefined
  },
})

/** A JSON object, such as the options of an engine; it may hold keys, so it counts as a secret. */
export const jsonObject = (setting: Named): Setting<Readonly<Record<string, unknown>>> => ({
  ...setting,
  allowed: 'a JSON object such as {"workers":2}',
  default: {},
  shownDefault: 'none',
  secret: true,
  parse(value) {
    try {
      const parsed: unknown = JSON.parse(value)
      return parsed instanceof Object && !Array.isArray(parsed) ? { ...parsed } : undefined
    } catch {
      return undefined
    }
  },
})

const isOrigin = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value

const shown = (setting: WithDefault<string | number>): string => setting.shownDefault ?? `\`${setting.default}\``
