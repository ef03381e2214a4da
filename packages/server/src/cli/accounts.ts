// `parley accounts`: those who share a server without seeing each other.
import { Command } from 'commander'
import type { Cli } from './context.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'

export function accountsCommand(cli: Cli): Command {
  return new Command('accounts')
    .description('Make, list and delete accounts. This needs a key of the account default with the scope admin.')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(deleteCommand(cli))
}

const createCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('create')
        .description('Make an account; prints its id. Make its first key with `parley keys create --account`.')
        .requiredOption('--name <name>', 'whose it is')
        .option('--json', 'print what the server answers, as JSON'),
    ).action(async ({ name, json }: { name: string; json?: true }, command: Command) => {
      const account = await onServer(serverAddress(command), (api) => api.accounts.create({ name }))
      cli.terminal.print(json ? JSON.stringify(account, null, 2) : account.id)
    }),
    [
      {
        does: 'An account, and the key by which it rules itself',
        line: 'parley keys create --name Admin --scope admin --account "$(parley accounts create --name Second)"',
      },
    ],
  )

const listCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('list')
        .description('List the accounts, newest first.')
        .option('--limit <number>', 'how many at most, 1 to 200', wholeNumber(1, 200), 50)
        .option('--cursor <cursor>', 'where to go on, as the list before said')
        .option('--json', 'print what the server answers, as JSON'),
    ).action(async ({ limit, cursor, json }: { limit: number; cursor?: string; json?: true }, command: Command) => {
      const answer = await onServer(serverAddress(command), (api) =>
        api.accounts.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
      )
      const rows = answer.accounts.map(({ id, name, created_at }) => [id, name, `made ${created_at.slice(0, 16)}`])
      cli.terminal.print(json ? JSON.stringify(answer, null, 2) : aligned(rows))
      if (answer.has_more) cli.terminal.note(`There are more: --cursor ${answer.response_metadata.next_cursor}`)
    }),
    [{ does: 'For a program', line: 'parley accounts list --json' }],
  )

const deleteCommand = (cli: Cli) =>
  withExamples(
    withServerOptions(
      new Command('delete')
        .description('Delete accounts for good, with all that belongs to them. Their sessions are ended.')
        .argument('<id...>', 'ids of accounts, acct_…')
        .option('--json', 'print one JSON object for each'),
    ).action(async (ids: string[], { json }: { json?: true }, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.accounts.delete(id))
        cli.terminal.print(json ? JSON.stringify({ id, deleted: true }) : `Deleted ${id}.`)
      }
    }),
    [{ does: 'One account', line: 'parley accounts delete "$ACCOUNT"' }],
  )
