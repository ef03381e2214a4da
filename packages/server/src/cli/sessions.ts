// `parley sessions`: what ran on a server, and what it kept of that.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SessionRecord, SessionSummary } from '@parley/client'
import { Command, Option } from 'commander'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'

export function sessionsCommand(cli: Cli): Command {
  return new Command('sessions')
    .description('Look at, fetch and delete what the server has kept of sessions.')
    .addCommand(listCommand(cli))
    .addCommand(getCommand(cli))
    .addCommand(deleteCommand(cli))
}

interface ListOptions {
  readonly limit: number
  readonly cursor?: string
  readonly status?: 'created' | 'completed'
  readonly agent?: string
}

const listCommand = (cli: Cli) =>
  withExamples(
    onSessions(new Command('list').description('List the sessions, newest first.'))
      .option('--limit <number>', 'how many at most, 1 to 200', wholeNumber(1, 200), 50)
      .option('--cursor <cursor>', 'where to go on, as the list before said')
      .addOption(new Option('--status <status>', 'only those that are open, or over').choices(['created', 'completed']))
      .option('--agent <id>', 'only those of this agent')
      .action(async ({ limit, cursor, status, agent }: ListOptions, command: Command) => {
        const page = await onServer(serverAddress(command), (api) =>
          api.sessions.list({
            limit,
            ...(cursor !== undefined && { cursor }),
            ...(status && { status }),
            ...(agent !== undefined && { agent_id: agent }),
          }),
        )
        show(cli, command, page, () =>
          page.sessions.length === 0
            ? 'There are no sessions. Have one with `parley talk`.'
            : aligned(page.sessions.map(rowOf)),
        )
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      }),
    [{ does: 'The last ten of an agent', line: 'parley sessions list --agent "$AGENT" --limit 10' }],
  )

interface GetOptions {
  readonly audio?: string
  readonly timeline?: string
}

const getCommand = (cli: Cli) =>
  withExamples(
    onSessions(new Command('get').description('Show one session.').argument('<id>', 'its id, sess_…'))
      .option('--audio <file>', 'write its sound to this file: Ogg/Opus, the user left, the agent right')
      .option('--timeline <file>', 'write its turns, with their latency, to this file: JSON')
      .action(async (id: string, { audio, timeline }: GetOptions, command: Command) => {
        const record = await onServer(serverAddress(command), (api) => api.sessions.get(id))
        if (audio !== undefined) await fetchTo(record, 'audio', audio)
        if (timeline !== undefined) await fetchTo(record, 'timeline', timeline)
        show(cli, command, record, () => portrait(record))
      }),
    [{ does: 'To listen to it', line: 'parley sessions get "$SESSION" --audio call.ogg' }],
  )

const deleteCommand = (cli: Cli) =>
  withExamples(
    onSessions(
      new Command('delete')
        .description('Delete sessions for good, with their sound and their words.')
        .argument('<id...>', 'ids of sessions, sess_…'),
    ).action(async (ids: string[], _options, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.sessions.delete(id))
        show(cli, command, { id, deleted: true }, () => `Deleted ${id}.`)
      }
    }),
    [{ does: 'One session', line: 'parley sessions delete "$SESSION"' }],
  )

const onSessions = (command: Command): Command =>
  withServerOptions(command.option('--json', 'print what the server answers, as JSON'))

function show(cli: Cli, command: Command, answer: unknown, text: () => string): void {
  cli.terminal.print(command.opts<{ json?: true }>().json ? JSON.stringify(answer, null, 2) : text())
}

async function fetchTo(session: SessionRecord, type: string, path: string): Promise<void> {
  const artifact = session.artifacts.find((one) => one.type === type)
  if (!artifact) throw new CliError('notFound', `The server has no ${type} of ${session.id}: ${reasonFor(session)}.`)
  // the address is the key; ours is not for whoever keeps the file
  const response = await fetch(artifact.url).catch(() => undefined)
  if (!response?.ok || !response.body)
    throw new CliError('failed', `The ${type} of ${session.id} could not be fetched. Try again.`)
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path))
}

const reasonFor = ({ status, artifacts }: SessionRecord): string =>
  status === 'created'
    ? 'it is still open'
    : artifacts.length === 0
      ? 'nothing was kept, or it is not finished yet'
      : 'it was not kept'

const rowOf = (session: SessionSummary): readonly string[] => [
  session.id,
  session.created_at.slice(0, 19),
  session.duration_seconds === null ? 'open' : `${session.duration_seconds.toFixed(1)} s`,
  session.public_close_reason ?? '',
  session.agent_id ?? '',
]

const portrait = (session: SessionRecord): string =>
  aligned([
    ['Id', session.id],
    ['Agent', session.agent_id ?? 'none: the client sent the settings'],
    ['Status', session.public_close_reason ? `${session.status}: ${session.public_close_reason}` : session.status],
    ['Began', session.created_at],
    ['Ended', session.ended_at ?? 'not yet'],
    ['Length', session.duration_seconds === null ? 'not known yet' : `${session.duration_seconds.toFixed(1)} s`],
    ['Kept', session.artifacts.map(({ type }) => type).join(', ') || 'nothing'],
  ])
