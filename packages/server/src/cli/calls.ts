// `parley call` and `parley calls`: have an agent call somebody, look at calls, hang up.
import type { CallInput, CallRecord } from '@parley/client'
import { callDirections, callStatuses, phoneNumberPattern } from '@parley/protocol'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { onServer, type ServerAddress, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'
import { type Paging, paged, pageOf, show } from './webhook-options.js'

const LOOK_EVERY_MS = 1_000

interface CallOptions {
  readonly agent?: string
  readonly from?: string
  readonly variable?: Readonly<Record<string, string>>
  readonly ring?: number
  readonly machineDetection: boolean
  readonly follow?: true
}

export const callCommand = (cli: Cli): Command =>
  withExamples(
    onCalls(
      new Command('call')
        .summary('Have an agent call somebody.')
        .description(
          'Have an agent call somebody; prints the id of the call.\n' +
            'The server must be connected to Twilio and allow the number (PARLEY_CALL_DESTINATIONS).',
        )
        .argument('<number>', 'the number to call, such as +15550100', phoneNumber),
    )
      .option('--agent <id>', 'the agent that speaks; without it, the one that --from is assigned to')
      .option('--from <number>', "the number to call from; without it, the agent's own, or the only one", phoneNumber)
      .option(
        '--variable <name=value>',
        'what stands for {{name}} in the prompt and the greeting; may be repeated',
        variable,
      )
      .option('--ring <seconds>', 'how long it may ring, 5 to 600', wholeNumber(5, 600))
      .option('--no-machine-detection', 'do not have Twilio find out whether a machine has answered')
      .option('--follow', 'stay until the call is over, and tell how it goes')
      .action(async (to: string, options: CallOptions, command: Command) => {
        const server = serverAddress(command)
        const call = await onServer(server, (api) => api.calls.create(inputOf(to, options)))
        if (!options.follow) return show(cli, command, call, () => call.id)
        const ended = await follow(cli, server, call)
        show(cli, command, ended, () => portrait(ended))
        if (ended.status !== 'ended')
          throw new CliError(
            'failed',
            `The call ${ended.status === 'refused' ? 'was refused' : 'failed'}: ${ended.reason}.`,
          )
      }),
    [
      {
        does: 'A reminder of an order, followed to its end',
        line: 'parley call +4930123456 --agent "$AGENT" --variable order=4711 --follow',
      },
    ],
  )

export const callsCommand = (cli: Cli): Command =>
  new Command('calls')
    .description('Look at telephone calls, and hang them up.')
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(hangUpCommand(cli))

interface ListOptions extends Paging {
  readonly status?: (typeof callStatuses)[number]
  readonly direction?: (typeof callDirections)[number]
  readonly agent?: string
}

const listCommand = (cli: Cli) =>
  withExamples(
    onCalls(paged(new Command('list').description('List the calls, newest first.')))
      .addOption(new Option('--status <status>', 'only those that are at this point').choices(callStatuses))
      .addOption(new Option('--direction <direction>', 'only those in this direction').choices(callDirections))
      .option('--agent <id>', 'only those of this agent')
      .action(async ({ status, direction, agent, ...paging }: ListOptions, command: Command) => {
        const page = await onServer(serverAddress(command), (api) =>
          api.calls.list({
            ...pageOf(paging),
            ...(status && { status }),
            ...(direction && { direction }),
            ...(agent !== undefined && { agent_id: agent }),
          }),
        )
        show(cli, command, page, () =>
          page.calls.length === 0 ? 'There are no calls. Make one with `parley call`.' : aligned(page.calls.map(rowOf)),
        )
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      }),
    [{ does: 'Those that go on', line: 'parley calls list --status active' }],
  )

const showCommand = (cli: Cli) =>
  withExamples(
    onCalls(new Command('show').description('Show one call.').argument('<id>', 'its id, call_…')).action(
      async (id: string, _options, command: Command) => {
        const call = await onServer(serverAddress(command), (api) => api.calls.get(id))
        show(cli, command, call, () => portrait(call))
      },
    ),
    [{ does: 'How a call ended', line: 'parley calls show "$CALL"' }],
  )

const hangUpCommand = (cli: Cli) =>
  withExamples(
    onCalls(
      new Command('hang-up')
        .description('Hang calls up. Nothing happens to those that are over.')
        .argument('<id...>', 'ids of calls, call_…'),
    ).action(async (ids: string[], _options, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.calls.hangUp(id))
        show(cli, command, { id, hung_up: true }, () => `Hung up ${id}.`)
      }
    }),
    [{ does: 'One call', line: 'parley calls hang-up "$CALL"' }],
  )

const onCalls = (command: Command): Command =>
  withServerOptions(command.option('--json', 'print what the server answers, as JSON'))

/** Reads a telephone number. */
export function phoneNumber(text: string): string {
  const number = text.replace(/[\s().-]/g, '')
  if (phoneNumberPattern.test(number)) return number
  throw new InvalidArgumentError('It must be a number with its country, such as +15550100.')
}

function variable(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.')
  return { ...before, [name]: value }
}

const inputOf = (to: string, { agent, from, variable, ring, machineDetection }: CallOptions): CallInput => ({
  to,
  ...(agent !== undefined && { agent_id: agent }),
  ...(from !== undefined && { from }),
  ...(variable && { variables: variable }),
  ...(ring !== undefined && { ring_timeout_seconds: ring }),
  ...(!machineDetection && { machine_detection: false }),
})

/** The call when it is over. Ctrl-C leaves it as it is. */
async function follow(cli: Cli, server: ServerAddress, placed: CallRecord): Promise<CallRecord> {
  const { terminal, clock } = cli
  let isStopped = false
  let wake = () => {}
  const release = cli.onSignal(() => {
    isStopped = true
    wake()
  })
  try {
    for (let call = placed, told = ''; ; call = await onServer(server, (api) => api.calls.get(placed.id))) {
      if (call.ended_at !== null) return call
      if (told !== call.status) terminal.note(`${call.id} is ${call.status}.`)
      told = call.status
      await new Promise<void>((resolve) => {
        const cancel = clock.wake(clock.now() + LOOK_EVERY_MS, resolve)
        wake = () => {
          cancel()
          resolve()
        }
      })
      if (isStopped)
        throw new CliError('interrupted', `The call goes on. End it with \`parley calls hang-up ${placed.id}\`.`)
    }
  } finally {
    release()
  }
}

const lengthOf = ({ duration_seconds: seconds }: CallRecord): string =>
  seconds === null ? '' : `${seconds.toFixed(1)} s`

const rowOf = (call: CallRecord): readonly string[] => [
  call.id,
  call.created_at.slice(0, 19),
  call.direction === 'inbound' ? `from ${call.from_number}` : `to ${call.to_number}`,
  call.reason === null ? call.status : `${call.status}: ${call.reason}`,
  lengthOf(call),
]

const portrait = (call: CallRecord): string =>
  aligned([
    ['Id', call.id],
    ['Status', call.reason === null ? call.status : `${call.status}: ${call.reason}`],
    ['From', call.from_number],
    ['To', call.to_number],
    ['Agent', call.agent_id],
    ['Session', call.session_id ?? 'none'],
    ['Carrier', call.carrier_call_id === null ? call.carrier : `${call.carrier}, ${call.carrier_call_id}`],
    ['Began', call.created_at],
    ['Answered', call.answered_at ?? 'no'],
    ['Ended', call.ended_at ?? 'not yet'],
    ['Length', lengthOf(call) || 'not known'],
  ])
