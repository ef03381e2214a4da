// `parley talk`: a conversation in the terminal, from WAV files.
import { writeFile } from 'node:fs/promises'
import { type ConnectOptions, connect } from '@parley/client'
import type { SessionPatch } from '@parley/protocol'
import { Command, Option } from 'commander'
import { WebSocket } from 'ws'
import { writeWav } from '../audio/wav.js'
import { encodingFlags, modelOf, wireFormat, withModelOptions } from './agent-fields.js'
import type { Cli } from './context.js'
import { CliError, exitCodes } from './exit.js'
import { explain } from './explain.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { type ServerAddress, serverAddress, withServerOptions } from './server-address.js'
import { type CallResult, call, type Turn } from './talk/call.js'
import { withServer, withStoredAgent } from './talk/host.js'
import { readTurns } from './talk/turns.js'
import { jsonView, textView } from './talk/view.js'

const DEFAULT_PROMPT = 'You are a friendly voice assistant. Answer in one or two short sentences.'
const DEFAULT_VOICE = 'alba'

interface Options {
  readonly agent?: string
  readonly prompt?: string
  readonly greeting?: string
  readonly voice?: string
  readonly encoding?: (typeof encodingFlags)[number]
  readonly llmUrl?: string
  readonly llmModel?: string
  readonly llmKey?: string
  readonly file?: readonly string[]
  readonly out?: string
  readonly bargeIn?: true
  readonly timeout: number
  readonly json?: true
}

export const talkCommand = (cli: Cli): Command =>
  withExamples(
    withServerOptions(
      withModelOptions(
        new Command('talk')
          .summary('Talk to an agent with WAV files.')
          .description(
            'Talk to an agent: says WAV files in real time, shows the transcript as it grows, and measures each answer.\n' +
              'Without a server at the default address, one is started for the length of the call.',
          )
          .option('--file <wav>', 'what to say; give it again for further turns; - reads raw sound', collect)
          .option('--out <wav>', 'write what the agent said, as it was heard')
          .addOption(
            new Option('--agent <id>', 'a stored agent').conflicts([
              'prompt',
              'greeting',
              'voice',
              'encoding',
              'llmUrl',
            ]),
          )
          .option('--prompt <text>', 'what the agent is and how it speaks')
          .option('--greeting <text>', 'what it says first')
          .option('--voice <name>', 'how it sounds; `parley voices` lists them')
          .addOption(
            new Option('--encoding <name>', 'sound in and out; pcmu and pcma as on a telephone').choices(encodingFlags),
          )
          .option('--barge-in', 'speak while the agent still speaks')
          .option('--timeout <seconds>', 'how long to wait for an answer', wholeNumber(1, 600), 30)
          .option('--json', 'print every event, and how each turn went, as one JSON object per line'),
      ),
    ).action((options: Options, command: Command) => talk(cli, options, serverAddress(command))),
    [
      { does: 'One question', line: 'parley talk --file question.wav --out reply.wav' },
      {
        does: 'A stored agent, two turns, the latency of each',
        line: 'parley talk --agent "$AGENT" --file hello.wav --file question.wav --json | grep talk.turn',
      },
      {
        does: 'With the microphone of a Linux machine, until Ctrl-C',
        line: 'arecord -q -t raw -f S16_LE -c 1 -r 24000 | parley talk --greeting "Hello!" --file -',
      },
    ],
  )

async function talk(cli: Cli, options: Options, address: ServerAddress): Promise<void> {
  if (!options.file) throw new CliError('usage', howToMakeSound)
  const turns = await readTurns(options.file, cli.stdin)
  const model = modelOf(options)
  const result = await withServer(cli, address, (server) => {
    const settings = inlineSettings(options)
    if (options.agent !== undefined) return hold(cli, options, turns, server, { agentId: options.agent })
    if (!model) return hold(cli, options, turns, server, { session: settings })
    const { system_prompt, greeting, input, output } = settings
    const agent = {
      name: 'parley talk',
      system_prompt,
      voice: { voice_id: options.voice ?? DEFAULT_VOICE },
      input,
      output,
    }
    return withStoredAgent(server, { ...agent, greeting: greeting ?? null, llm: [model] }, (agentId) =>
      hold(cli, options, turns, server, { agentId }),
    )
  })
  await conclude(cli, options, result)
}

async function hold(
  cli: Cli,
  options: Options,
  turns: readonly Turn[],
  { url, key }: ServerAddress,
  settings: { readonly agentId: string } | { readonly session: SessionPatch },
): Promise<CallResult> {
  const stop = new AbortController()
  const forget = cli.onSignal(() => (stop.signal.aborted ? cli.exit(exitCodes.interrupted.code) : stop.abort()))
  const view = options.json ? jsonView(cli.terminal) : textView(cli.terminal)
  try {
    // `ws` has every member that the client uses of a socket; only its types of listeners are wider
    // a call that was cut is one that failed: what it measures would be of two connections
    const opened: ConnectOptions = { url, WebSocket, resume: false, ...(key === undefined ? {} : { key }), ...settings }
    return await call(connect(opened), turns, {
      bargeIn: options.bargeIn === true,
      patienceMs: options.timeout * 1000,
      clock: cli.clock,
      signal: stop.signal,
      tell: (event) => view.show(event),
    })
  } catch (error) {
    throw explain(error, url)
  } finally {
    forget()
  }
}

async function conclude({ terminal }: Cli, options: Options, { heard, reports, failure }: CallResult): Promise<void> {
  if (options.out !== undefined) {
    await writeFile(options.out, writeWav(heard))
    terminal.note(`${(heard.samples.length / heard.sampleRateHz).toFixed(1)} s of sound are in ${options.out}.`)
  }
  if (failure) throw explain(failure)
  const unanswered = reports.filter(({ answered }) => !answered).map(({ file }) => file)
  if (unanswered.length > 0)
    throw new CliError(
      'failed',
      `No answer to ${unanswered.join(', ')} came within ${options.timeout} s. Check that there is speech in it; \`parley doctor\` checks the engines.`,
    )
}

function inlineSettings({ prompt, greeting, voice, encoding }: Options) {
  const format = encoding && wireFormat(encoding)
  return {
    system_prompt: prompt ?? DEFAULT_PROMPT,
    ...(greeting !== undefined && { greeting }),
    ...(format && { input: { format } }),
    ...((format || voice !== undefined) && {
      output: { ...(voice !== undefined && { voice }), ...(format && { format }) },
    }),
  }
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const howToMakeSound = `There is nothing to say: name a WAV file with --file. To make one, record yourself
  on Linux     arecord -f S16_LE -c 1 -r 24000 -d 5 question.wav
  on a Mac     sox -d -c 1 -r 24000 -b 16 question.wav trim 0 5
  by ffmpeg    ffmpeg -i anything.mp3 -ac 1 -ar 24000 -sample_fmt s16 question.wav
or send raw sound (16-bit, one channel, 24000 Hz) with --file -`
