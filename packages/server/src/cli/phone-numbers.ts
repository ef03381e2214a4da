// `parley numbers`: which agent answers which telephone number.
import type { PhoneNumberRecord } from '@parley/client'
import { Command } from 'commander'
import { phoneNumber } from './calls.js'
import type { Cli } from './context.js'
import { withExamples } from './help.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'
import { type Paging, paged, pageOf, show } from './webhook-options.js'

export const numbersCommand = (cli: Cli): Command =>
  new Command('numbers')
    .description('Say which agent answers which telephone number.')
    .addCommand(listCommand(cli))
    .addCommand(assignCommand(cli))
    .addCommand(unassignCommand(cli))

const listCommand = (cli: Cli) =>
  withExamples(
    onNumbers(paged(new Command('list').description('List the telephone numbers, newest first.'))).action(
      async (options: Paging, command: Command) => {
        const page = await onServer(serverAddress(command), (api) => api.phoneNumbers.list(pageOf(options)))
        show(cli, command, page, () =>
          page.phone_numbers.length === 0
            ? 'There are no numbers yet. Assign one with `parley numbers assign`.'
            : aligned(page.phone_numbers.map(rowOf)),
        )
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      },
    ),
    [{ does: 'Those of the server at PARLEY_URL', line: 'parley numbers list' }],
  )

const assignCommand = (cli: Cli) =>
  withExamples(
    onNumbers(
      new Command('assign')
        .description('Have an agent answer a number. The carrier must ask this server: see `parley twilio connect`.')
        .argument('<number>', 'such as +15550100', phoneNumber)
        .requiredOption('--agent <id>', 'the agent that answers'),
    ).action(async (number: string, { agent }: { agent: string }, command: Command) => {
      const record = await onServer(serverAddress(command), (api) => api.phoneNumbers.assign(number, agent))
      show(cli, command, record, () => `${record.phone_number} is answered by ${record.agent_id}.`)
    }),
    [{ does: 'The number of the shop', line: 'parley numbers assign +15550100 --agent "$AGENT"' }],
  )

const unassignCommand = (cli: Cli) =>
  withExamples(
    onNumbers(
      new Command('unassign')
        .description('Have nobody answer a number. It stays with the account, to call from.')
        .argument('<number>', 'such as +15550100', phoneNumber)
        .option('--delete', 'give the number up altogether'),
    ).action(async (number: string, options: { delete?: true }, command: Command) => {
      const server = serverAddress(command)
      if (options.delete) {
        await onServer(server, (api) => api.phoneNumbers.delete(number))
        return show(cli, command, { phone_number: number, deleted: true }, () => `${number} is given up.`)
      }
      const record = await onServer(server, (api) => api.phoneNumbers.unassign(number))
      show(cli, command, record, () => `${record.phone_number} is answered by nobody.`)
    }),
    [{ does: 'A number that is not used any more', line: 'parley numbers unassign +15550100 --delete' }],
  )

const onNumbers = (command: Command): Command =>
  withServerOptions(command.option('--json', 'print what the server answers, as JSON'))

const rowOf = ({ phone_number, agent_id, updated_at }: PhoneNumberRecord): readonly string[] => [
  phone_number,
  agent_id ?? 'nobody',
  `since ${updated_at.slice(0, 19)}`,
]
