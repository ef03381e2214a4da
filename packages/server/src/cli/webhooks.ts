// `parley webhooks`: who is told of what happens, and what became of it.
import type { WebhookPatch, WebhookRecord } from '@parley/client'
import { webhookEvents } from '@parley/protocol'
import { Command, Option } from 'commander'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { onServer, serverAddress } from './server-address.js'
import { aligned } from './text.js'
import { deliveriesCommand, redeliverCommand, verifyCommand } from './webhook-deliveries.js'
import { onWebhooks, type Paging, paged, pageOf, secretOption, show } from './webhook-options.js'

export function webhooksCommand(cli: Cli): Command {
  return new Command('webhooks')
    .description('Have events posted to a server of yours, and see what became of them.')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(getCommand(cli))
    .addCommand(updateCommand(cli))
    .addCommand(deleteCommand(cli))
    .addCommand(deliveriesCommand(cli))
    .addCommand(redeliverCommand(cli))
    .addCommand(verifyCommand(cli))
}

const createCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(
      withFields(
        new Command('create').description('Subscribe an address to events; prints the id.'),
        secretOption().env('PARLEY_WEBHOOK_SECRET'),
      ),
    ).action(async (_options, command: Command) => {
      const { url, events, secret, ...rest } = fieldsOf(command)
      if (url === undefined || secret === undefined)
        throw new CliError('usage', 'A subscription needs an address and a secret. Give --to and --secret.')
      const body = { url, secret, events: events ?? ['session.started', 'session.completed'], ...rest }
      const record = await onServer(serverAddress(command), (api) => api.webhooks.create(body))
      show(cli, command, record, () => record.id)
    }),
    [
      {
        does: 'Told when a session begins and when it ends',
        line: 'parley webhooks create --to https://example.com/parley --secret "$WEBHOOK_SECRET"',
      },
    ],
  )

const listCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(paged(new Command('list').description('List the subscriptions, newest first.')))
      .option('--all', 'those that are disabled, too')
      .action(async (options: Paging & { all?: true }, command: Command) => {
        const page = await onServer(serverAddress(command), (api) =>
          api.webhooks.list({ ...pageOf(options), ...(options.all && { include_disabled: true }) }),
        )
        show(cli, command, page, () =>
          page.subscriptions.length === 0
            ? 'There are no subscriptions yet. Make one with `parley webhooks create`.'
            : aligned(
                page.subscriptions.map(({ id, url, events, enabled }) => [id, url, state(enabled), events.join(' ')]),
              ),
        )
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      }),
    [{ does: 'For a program', line: 'parley webhooks list --all --json' }],
  )

const getCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(new Command('get').description('Show one subscription.').argument('<id>', 'its id')).action(
      async (id: string, _options, command: Command) => {
        const record = await onServer(serverAddress(command), (api) => api.webhooks.get(id))
        show(cli, command, record, () => portrait(record))
      },
    ),
    [{ does: 'One subscription', line: 'parley webhooks get "$WEBHOOK"' }],
  )

const updateCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(
      withFields(
        new Command('update')
          .description('Change a subscription. What is not named stays as it is.')
          .argument('<id>', 'its id'),
        secretOption(),
      ),
    )
      .option('--enable', 'deliver to it again')
      .option('--disable', 'deliver nothing to it')
      .action(async (id: string, options: { enable?: true; disable?: true }, command: Command) => {
        const enabled = options.disable ? false : options.enable
        const patch = { ...fieldsOf(command), ...(enabled !== undefined && { enabled }) }
        if (Object.keys(patch).length === 0)
          throw new CliError('usage', 'Nothing to change was named. `parley webhooks update --help` lists the fields.')
        const record = await onServer(serverAddress(command), (api) => api.webhooks.update(id, patch))
        show(cli, command, record, () => portrait(record))
      }),
    [
      {
        does: 'A new secret; for a day deliveries carry a signature by the former one, too',
        line: 'parley webhooks update "$WEBHOOK" --secret "$NEW_SECRET"',
      },
    ],
  )

const deleteCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(
      new Command('delete').description('Delete subscriptions for good.').argument('<id...>', 'their ids'),
    ).action(async (ids: string[], _options, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.webhooks.delete(id))
        show(cli, command, { id, deleted: true }, () => `Deleted ${id}.`)
      }
    }),
    [{ does: 'One subscription', line: 'parley webhooks delete "$WEBHOOK"' }],
  )

/** `secret`: for a change it is never taken from the environment, where it might be another one's. */
const withFields = (command: Command, secret: Option): Command =>
  command
    .option('--to <url>', 'where events are posted')
    .addOption(
      new Option(
        '--event <name...>',
        'an event to post; session.started and session.completed if none is named',
      ).choices(webhookEvents),
    )
    .addOption(secret)
    .option('--agent <id>', 'only sessions of this agent')

/** The fields that were given. */
function fieldsOf(command: Command): WebhookPatch {
  const { to, event, secret, agent } = command.opts<{
    to?: string
    event?: NonNullable<WebhookPatch['events']>
    secret?: string
    agent?: string
  }>()
  return {
    ...(to !== undefined && { url: to }),
    ...(event && { events: event }),
    ...(secret !== undefined && { secret }),
    ...(agent !== undefined && { agent_id: agent }),
  }
}

const state = (enabled: boolean): string => (enabled ? 'enabled' : 'disabled')

const portrait = (webhook: WebhookRecord): string =>
  aligned([
    ['Id', webhook.id],
    ['Address', webhook.url],
    ['Events', webhook.events.join(', ')],
    ['Agent', webhook.agent_id ?? 'all'],
    ['State', state(webhook.enabled)],
    ['Secret', `version ${webhook.secret_version}`],
    ['Changed', webhook.updated_at],
  ])
