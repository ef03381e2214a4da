// The command line of the suite: what it means, and what is wrong with it.
import { parseArgs } from 'node:util'
import { defaultFacts, type Facts } from './facts.js'

export interface Options {
  readonly mode: 'run' | 'list' | 'help'
  /** `undefined`: the Parley of this checkout is asked. */
  readonly url: string | undefined
  readonly key: string
  readonly facts: Omit<Facts, 'log' | 'url' | 'key'>
  /** The numbers of the items to try; undefined: all. */
  readonly only: ReadonlySet<number> | undefined
  readonly jobs: number
  readonly again: boolean
  /** Whether docs/compatibility.md is written of the results. */
  readonly write: boolean
  /** Files: the results as JSON; the log of the server. */
  readonly json: string | undefined
  readonly serverLog: string | undefined
}

/** The message is for whoever typed the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const help = `Asks a voice-agent server, point by point, whether it does what the protocol says.

npm run conformance -- --url ws://127.0.0.1:8080 --key KEY [options]

  --url URL              where the server is: ws, wss, http or https, without a path
  --key KEY              an API key that it accepts (or the variable CONFORMANCE_KEY)
  --only LIST            only these items: 26,30-35
  --json FILE            write the results as JSON
  --list                 list the items and ask nothing
  --jobs N               how many items are tried at once (6)
  --once                 do not try again, alone, what has failed
  --other-key KEY        a key of another account, for the items about other accounts
  --grace-seconds N      how long a session outlives its connection (${defaultFacts.graceSeconds})
  --user-voice NAME      the server's voice in which the suite speaks to it (${defaultFacts.userVoice})
  --callback-host HOST   the host by which the server reaches this machine (${defaultFacts.callbackHost})
  --callback-port N      the port at which it does (a free one)
  --callback-url URL     or both in one: the public address of a tunnel to that port
  --server-log FILE      the log that the server writes, for the item about it
  --write                write docs/compatibility.md, when the Parley of this checkout is asked
  --help                 this page

Without --url, the Parley of this checkout is started and asked.

It creates agents, sessions and webhook subscriptions, and takes away what it created. The language model, the tools and
the webhook receiver that items need are its own, on this machine. A run takes a minute and a half, most of it waiting
for a session of a minute to end. Exit code: 0 when nothing failed, 1 when something did, 2 for a command line that it
does not understand or a server that does not answer.`

export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { values } = parsed(args)
  const mode = values.help ? 'help' : values.list ? 'list' : 'run'
  const key = values.key ?? environment.CONFORMANCE_KEY ?? ''
  if (mode === 'run' && values.url !== undefined && key === '')
    throw new UsageError('Name an API key of the server with --key, or in CONFORMANCE_KEY.')
  if (values.write && (values.url !== undefined || values.only !== undefined))
    throw new UsageError('--write is for a whole run over the Parley of this checkout: leave out --url and --only.')
  return {
    mode,
    url: values.url === undefined ? undefined : address(values.url),
    key,
    facts: {
      otherKey: values['other-key'],
      graceSeconds: wholeNumber('--grace-seconds', values['grace-seconds'], defaultFacts.graceSeconds),
      callbackUrl: values['callback-url'],
      callbackHost: values['callback-host'] ?? defaultFacts.callbackHost,
      callbackPort: wholeNumber('--callback-port', values['callback-port'], defaultFacts.callbackPort),
      userVoice: values['user-voice'] ?? defaultFacts.userVoice,
    },
    only: values.only === undefined ? undefined : numbersOf(values.only),
    jobs: Math.max(1, wholeNumber('--jobs', values.jobs, 6)),
    again: !values.once,
    write: values.write,
    json: values.json,
    serverLog: values['server-log'],
  }
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ url: text, key: text, only: text, json: text, jobs: text, 'other-key': text, 'grace-seconds': text },
        ...{
          'user-voice': text,
          'callback-host': text,
          'callback-port': text,
          'callback-url': text,
          'server-log': text,
        },
        ...{ list: flag, once: flag, help: flag, write: flag },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** `26,30-35` */
function numbersOf(list: string): ReadonlySet<number> {
  return new Set(
    list.split(',').flatMap((part) => {
      const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
      if (from === undefined || Number(to) < Number(from))
        throw new UsageError(`--only is "${list}". It must be like 26,30-35.`)
      return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
    }),
  )
}

function wholeNumber(name: string, given: string | undefined, preset: number): number {
  if (given === undefined) return preset
  if (!/^\d{1,5}$/.test(given)) throw new UsageError(`${name} is "${given}". It must be a whole number.`)
  return Number(given)
}

function address(url: string): string {
  if (!/^(ws|http)s?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError(`--url is "${url}". It must be like ws://127.0.0.1:8080.`)
  return new URL(url.replace(/^ws/, 'http')).origin
}
