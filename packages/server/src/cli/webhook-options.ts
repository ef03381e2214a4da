// What the commands of `parley webhooks` have in common: paging, the secret, and how an answer is shown.
import { type Command, Option } from 'commander'
import type { Cli } from './context.js'
import { wholeNumber } from './numbers.js'
import { withServerOptions } from './server-address.js'

export interface Paging {
  readonly limit: number
  readonly cursor?: string
}

export const paged = (command: Command): Command =>
  command
    .option('--limit <number>', 'how many at most, 1 to 200', wholeNumber(1, 200), 50)
    .option('--cursor <cursor>', 'where to go on, as the list before said')

export const pageOf = ({ limit, cursor }: Paging) => ({ limit, ...(cursor !== undefined && { cursor }) })

export const secretOption = () =>
  new Option('--secret <secret>', 'key of the signatures, 32 to 256 printable characters without spaces')

export const onWebhooks = (command: Command): Command =>
  withServerOptions(command.option('--json', 'print what the server answers, as JSON'))

export function show(cli: Cli, command: Command, answer: unknown, text: () => string): void {
  cli.terminal.print(command.opts<{ json?: true }>().json ? JSON.stringify(answer, null, 2) : text())
}
