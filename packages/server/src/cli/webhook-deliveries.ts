// `parley webhooks deliveries`, `redeliver` and `verify`: what became of events.
import { readFile } from 'node:fs/promises'
import type { WebhookDelivery } from '@parley/client'
import { Command } from 'commander'
import { type Verdict, verifySignature } from '../webhooks/signature.js'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { onServer, serverAddress } from './server-address.js'
import { aligned } from './text.js'
import { onWebhooks, type Paging, paged, pageOf, secretOption, show } from './webhook-options.js'

export const deliveriesCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(
      paged(
        new Command('deliveries')
          .description('What was posted, or will be, about a session; newest first.')
          .argument('<session>', 'id of the session, sess_…'),
      ),
    )
      .option('--latest', 'only the newest one of each subscription')
      .action(async (session: string, options: Paging & { latest?: true }, command: Command) => {
        const page = await onServer(serverAddress(command), (api) =>
          options.latest ? api.webhooks.latestDeliveries(session) : api.webhooks.deliveries(session, pageOf(options)),
        )
        show(cli, command, page, () => aligned(page.deliveries.map(deliveryLine)))
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      }),
    [{ does: 'What became of a session’s events', line: 'parley webhooks deliveries "$SESSION"' }],
  )

export const redeliverCommand = (cli: Cli) =>
  withExamples(
    onWebhooks(
      new Command('redeliver')
        .description('Post an event once more; it keeps its event id.')
        .argument('<delivery>', 'id of an earlier delivery'),
    ).action(async (id: string, _options, command: Command) => {
      const delivery = await onServer(serverAddress(command), (api) => api.webhooks.redeliver(id))
      show(cli, command, delivery, () => delivery.id)
    }),
    [{ does: 'After the receiver was mended', line: 'parley webhooks redeliver "$DELIVERY"' }],
  )

export const verifyCommand = (cli: Cli) =>
  withExamples(
    new Command('verify')
      .description('Check the X-AAI-Signature of a delivery against its body; asks no server.')
      .requiredOption('--signature <header>', 'the value of the header X-AAI-Signature')
      .addOption(secretOption().env('PARLEY_WEBHOOK_SECRET').makeOptionMandatory())
      .option('--body <file>', 'the body, to the byte; - reads it from the standard input', '-')
      .option('--any-time', 'also when it was signed more than five minutes ago')
      .action(async (options: { signature: string; secret: string; body: string; anyTime?: true }) => {
        const body = options.body === '-' ? await readAll(cli.stdin) : await readFile(options.body, 'utf8')
        const now = options.anyTime ? undefined : Math.floor(cli.clock.unixMs() / 1000)
        const verdict = verifySignature(options.signature, body, options.secret, now)
        if (verdict !== 'valid') throw new CliError('failed', complaints[verdict])
        cli.terminal.print('The signature is valid.')
      }),
    [
      {
        does: 'A delivery that was written to a file',
        line: 'parley webhooks verify --signature "$HEADER" --secret "$WEBHOOK_SECRET" --body delivery.json',
      },
    ],
  )

const complaints: Readonly<Record<Exclude<Verdict, 'valid'>, string>> = {
  malformed: 'That is no X-AAI-Signature. It has the form t=<seconds>,v1=<64 hexadecimal digits>.',
  wrong:
    'The signature does not fit. The secret is another one, or the body was changed: it has to be the bytes as they came, not JSON that was read and written again.',
  'too old':
    'The signature fits, but is more than five minutes old. --any-time accepts it; a receiver should refuse it.',
  'from the future':
    'The signature fits, but is more than five minutes ahead of the clock of this machine. Set the clock.',
}

const deliveryLine = (delivery: WebhookDelivery): readonly string[] => [
  delivery.id,
  delivery.event,
  delivery.status,
  `${delivery.attempt_count} ${delivery.attempt_count === 1 ? 'attempt' : 'attempts'}`,
  delivery.error ?? delivery.delivered_at ?? '',
]

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of stdin) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
