// `parley agents`: the stored agents of a server.
import type { AgentInput, AgentPatch, AgentRecord, Rest } from '@parley/client'
import { Command } from 'commander'
import { agentFields, withAgentOptions } from './agent-fields.js'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned, wrapped } from './text.js'

const DEFAULT_VOICE = 'alba'

export function agentsCommand(cli: Cli): Command {
  return new Command('agents')
    .description('Make, look at, change and delete stored agents.')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(getCommand(cli))
    .addCommand(updateCommand(cli))
    .addCommand(deleteCommand(cli))
}

const createCommand = (cli: Cli) =>
  withExamples(
    onAgents(withAgentOptions(new Command('create').description('Make an agent; prints its id.'))).action(
      async (_options, command: Command) => {
        const agent = requiredFields(await agentFields(command, cli.stdin))
        const record = await onServer(serverAddress(command), (api) => api.agents.create(agent))
        show(cli, command, record, () => record.id)
      },
    ),
    [
      {
        does: 'From flags',
        line: 'parley agents create --name Host --prompt "You take bookings for a small restaurant." --greeting "Good evening!"',
      },
      {
        does: 'From a file in the form of the REST API; flags go over what it says',
        line: 'parley agents create --from agent.json --voice jane',
      },
    ],
  )

const listCommand = (cli: Cli) =>
  withExamples(
    onAgents(new Command('list').description('List the agents, newest first.'))
      .option('--limit <number>', 'how many at most, 1 to 200', wholeNumber(1, 200), 50)
      .option('--cursor <cursor>', 'where to go on, as the list before said')
      .action(async (options: { limit: number; cursor?: string }, command: Command) => {
        const { limit, cursor } = options
        const page = await onServer(serverAddress(command), (api) =>
          api.agents.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
        )
        show(cli, command, page, () =>
          page.agents.length === 0
            ? 'There are no agents yet. Make one with `parley agents create`.'
            : aligned(page.agents.map(({ id, name, updated_at }) => [id, name, `changed ${updated_at.slice(0, 16)}`])),
        )
        if (page.has_more) cli.terminal.note(`There are more: --cursor ${page.response_metadata.next_cursor}`)
      }),
    [{ does: 'For a program', line: 'parley agents list --json > agents.json' }],
  )

const getCommand = (cli: Cli) =>
  withExamples(
    onAgents(new Command('get').description('Show one agent.').argument('<id>', 'its id, agent_…')).action(
      async (id: string, _options, command: Command) => {
        const record = await onServer(serverAddress(command), (api) => api.agents.get(id))
        show(cli, command, record, () => portrait(record))
      },
    ),
    [{ does: 'To edit it in a file', line: 'parley agents get "$AGENT" --json > agent.json' }],
  )

const updateCommand = (cli: Cli) =>
  withExamples(
    onAgents(
      withAgentOptions(
        new Command('update')
          .description('Change an agent. What is not named stays as it is; running sessions are not touched.')
          .argument('<id>', 'its id, agent_…'),
      ).option('--no-greeting', 'let the caller speak first'),
    ).action(async (id: string, _options, command: Command) => {
      const patch = await agentFields(command, cli.stdin)
      if (Object.keys(patch).length === 0)
        throw new CliError('usage', 'Nothing to change was named. `parley agents update --help` lists the fields.')
      const record = await onServer(serverAddress(command), async (api) =>
        api.agents.update(id, await completed(api, id, patch)),
      )
      show(cli, command, record, () => portrait(record))
    }),
    [
      { does: 'Another voice', line: 'parley agents update "$AGENT" --voice jane' },
      { does: 'Write an edited file back', line: 'parley agents update "$AGENT" --from agent.json' },
    ],
  )

const deleteCommand = (cli: Cli) =>
  withExamples(
    onAgents(
      new Command('delete').description('Delete agents for good.').argument('<id...>', 'ids of agents, agent_…'),
    ).action(async (ids: string[], _options, command: Command) => {
      for (const id of ids) {
        await onServer(serverAddress(command), (api) => api.agents.delete(id))
        show(cli, command, { id, deleted: true }, () => `Deleted ${id}.`)
      }
    }),
    [{ does: 'One agent', line: 'parley agents delete "$AGENT"' }],
  )

const onAgents = (command: Command): Command =>
  withServerOptions(command.option('--json', 'print what the server answers, as JSON'))

function show(cli: Cli, command: Command, answer: unknown, text: () => string): void {
  cli.terminal.print(command.opts<{ json?: true }>().json ? JSON.stringify(answer, null, 2) : text())
}

/** What an agent cannot be without. A name and a voice are found for whoever gives none; a prompt is not. */
function requiredFields({ name, system_prompt, voice, ...rest }: AgentPatch): AgentInput {
  if (!system_prompt)
    throw new CliError(
      'usage',
      'An agent needs a prompt: what it is and how it speaks. Give it with --prompt or --from.',
    )
  return { name: name ?? 'Agent', system_prompt, voice: voice ?? { voice_id: DEFAULT_VOICE }, ...rest }
}

/** The server replaces `input` and `output` as a whole, so what the patch does not name in them is taken from the record. */
async function completed(api: Rest, id: string, patch: AgentPatch): Promise<AgentPatch> {
  if (!patch.input && !patch.output) return patch
  const { input, output } = await api.agents.get(id)
  const { voice: _, ...sound } = output
  return {
    ...patch,
    ...(patch.input && { input: { ...input, ...patch.input } }),
    ...(patch.output && { output: { ...sound, ...patch.output } }),
  }
}

function portrait(agent: AgentRecord): string {
  const model = agent.llm[0]
  const servers = agent.parley?.mcp_servers ?? []
  const facts = [
    ['Id', agent.id],
    ['Name', agent.name],
    ['Voice', agent.voice.voice_id],
    ['Greeting', agent.greeting ?? 'none: the caller speaks first'],
    ['Sound', `in ${agent.input.format.encoding}, out ${agent.output.format.encoding}`],
    ['Model', model ? `${model.model} at ${model.base_url}` : "the server's"],
    ['Tools', agent.tools.map(({ name }) => name).join(', ') || 'none'],
    ...(servers.length > 0 ? [['Tool servers', servers.map(({ name, url }) => `${name} at ${url}`).join(', ')]] : []),
    ['Changed', agent.updated_at],
  ]
  return `${aligned(facts)}\n\n${wrapped(agent.system_prompt)}`
}
