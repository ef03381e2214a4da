// `parley keys`: the API keys of an account.
import type { CreatedKey, KeyInput, KeyRecord } from '@parley/client'
import { KeyCreate, type Scope, scopes } from '@parley/protocol'
import { Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../config.js'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { serverEnvironment } from './serve.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'

const DAY_SECONDS = 24 * 3600

export function keysCommand(cli: Cli): Command {
  return new Command('keys')
    .description('Make, list and revoke API keys. This needs a key with the scope admin.')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(revokeCommand(cli))
}

interface CreateOptions {
  readonly name: string
  readonly scope?: readonly Scope[]
  readonly maxSessions?: number
  readonly expiresInDays?: number
  readonly account?: string
  readonly offline?: true
  readonly json?: true
}

const createCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('create')
        .description('Make an API key and print it. It is shown this one time; the server keeps only its hash.')
        .requiredOption('--name <name>', 'what it is for')
        .option(
          '--scope <scopes>',
          `what it may do, separated by commas: ${scopes.join(', ')}; without it all but metrics and admin`,
          scopesOf,
        )
        .option('--max-sessions <number>', 'how many sessions it may run at once', wholeNumber(1, 100_000))
        .option('--expires-in-days <days>', 'after how many days it is accepted no more', wholeNumber(1, 3650))
        .option('--account <id>', 'make it for another account; only the account default may')
        .option('--offline', 'write it to the database while no server runs, for when every key is lost')
        .option('--json', 'print all that is known of it, as JSON'),
    ).action(async (options: CreateOptions, command: Command) => {
      const key = keyOf(options)
      const made = options.offline
        ? await createdOffline(cli, key)
        : await onServer(serverAddress(command), (api) => api.keys.create(key))
      cli.terminal.print(options.json ? JSON.stringify(made, null, 2) : made.key)
      if (!options.json) cli.terminal.note(`This is ${made.id}. Keep the key now: it is not shown again.`)
    }),
    [
      {
        does: 'For the backend of a web site, which makes tokens for its pages',
        line: 'parley keys create --name "Web site" --scope tokens --max-sessions 20',
      },
      {
        does: 'When every key is lost: stop the server, then, with its settings',
        line: 'parley keys create --name Rescue --scope admin --offline',
      },
    ],
  )

const listCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('list')
        .description('List the API keys, newest first, without their secrets.')
        .option('--limit <number>', 'how many at most, 1 to 200', wholeNumber(1, 200), 50)
        .option('--cursor <cursor>', 'where to go on, as the list before said')
        .option('--json', 'print what the server answers, as JSON'),
    ).action(async ({ json, ...page }: { limit: number; cursor?: string; json?: true }, command: Command) => {
      const { limit, cursor } = page
      const answer = await onServer(serverAddress(command), (api) =>
        api.keys.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
      )
      cli.terminal.print(json ? JSON.stringify(answer, null, 2) : tableOf(answer.keys))
      if (answer.has_more) cli.terminal.note(`There are more: --cursor ${answer.response_metadata.next_cursor}`)
    }),
    [{ does: 'Those of the server at PARLEY_URL', line: 'parley keys list' }],
  )

const revokeCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('revoke')
        .description('Revoke API keys and the tokens that were made with them. Sessions that run go on.')
        .argument('<id...>', 'ids of keys, key_…')
        .option('--json', 'print one JSON object for each'),
    ).action(async (ids: string[], { json }: { json?: true }, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.keys.revoke(id))
        cli.terminal.print(json ? JSON.stringify({ id, revoked: true }) : `Revoked ${id}.`)
      }
    }),
    [{ does: 'One key', line: 'parley keys revoke "$KEY_ID"' }],
  )

function scopesOf(text: string): readonly Scope[] {
  const parsed = KeyCreate.shape.scopes.safeParse(text.split(',').map((scope) => scope.trim()))
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(`It must be some of ${scopes.join(', ')}, separated by commas.`)
}

const keyOf = ({ name, scope, maxSessions, expiresInDays, account }: CreateOptions): KeyInput => ({
  name,
  ...(scope && { scopes: scope }),
  ...(maxSessions !== undefined && { max_sessions: maxSessions }),
  ...(expiresInDays !== undefined && { expires_in_seconds: expiresInDays * DAY_SECONDS }),
  ...(account !== undefined && { account_id: account }),
})

async function createdOffline(cli: Cli, key: KeyInput): Promise<CreatedKey> {
  const checked = KeyCreate.safeParse(key)
  if (!checked.success) throw new CliError('usage', 'The name or the account of the key cannot be used.')
  const { config } = readConfig(serverEnvironment(cli.environment))
  return cli.services.createKey(config, checked.data)
}

const tableOf = (keys: readonly KeyRecord[]): string =>
  keys.length === 0
    ? 'There are no stored keys: the one in use is PARLEY_API_KEY of the server.'
    : aligned(
        keys.map(({ id, prefix, name, scopes, last_used_at, expires_at, max_sessions }) => [
          id,
          `${prefix}…`,
          name,
          scopes.join(','),
          last_used_at === null ? 'never used' : `used ${last_used_at.slice(0, 16)}`,
          max_sessions === null ? '' : `${max_sessions} sessions`,
          expires_at === null ? '' : `expires ${expires_at.slice(0, 16)}`,
        ]),
      )
