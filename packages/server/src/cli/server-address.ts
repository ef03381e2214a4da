// Which server a command asks, and with which key.
import { type Rest, rest } from '@parley/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { explain } from './explain.js'

export const defaultUrl = 'http://127.0.0.1:8080'

export interface ServerAddress {
  readonly url: string
  readonly key: string | undefined
  /** Whether somebody named the address, or it is the default. */
  readonly isNamed: boolean
}

export const withServerOptions = (command: Command): Command =>
  command
    .addOption(new Option('--url <address>', 'the server').env('PARLEY_URL').default(defaultUrl).argParser(serverUrl))
    .addOption(
      new Option('--key <key>', 'the API key; other users of this machine can see it here, so prefer the variable').env(
        'PARLEY_API_KEY',
      ),
    )

export function serverAddress(command: Command): ServerAddress {
  const { url, key } = command.opts<{ url: string; key?: string }>()
  // a variable that is empty counts as not set
  const isNamed = url !== '' && command.getOptionValueSource('url') !== 'default'
  return { url: url || defaultUrl, key: key || undefined, isNamed }
}

/** Runs `ask` with the REST API of the server; what goes wrong comes out as a `CliError`. */
export async function onServer<Answer>(
  { url, key }: ServerAddress,
  ask: (api: Rest) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(rest({ url, ...(key === undefined ? {} : { key }) }))
  } catch (error) {
    throw explain(error, url)
  }
}

/** `wss://host/v1/ws` names the same server as `https://host`. */
function serverUrl(given: string): string {
  if (given === '') return ''
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^(http|ws)s?:$/.test(url.protocol))
    throw new InvalidArgumentError('Give it as http://host:port or https://host.')
  url.protocol = url.protocol.replace('ws', 'http')
  return url.href.replace(/(\/v1\/ws)?\/?$/, '')
}
