// The fields of an agent as flags and as a file.
import { readFile } from 'node:fs/promises'
import type { AgentPatch } from '@parley/client'
import { type AudioFormat, sampleRateHz } from '@parley/protocol'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { CliError } from './exit.js'

/** What the flags give; a language model is one thing in three flags. */
interface Flags {
  readonly from?: string
  readonly name?: string
  readonly prompt?: string
  readonly greeting?: string | false
  readonly voice?: string
  readonly keyterm?: readonly string[]
  readonly encoding?: Encoding
  readonly llmUrl?: string
  readonly llmModel?: string
  readonly llmKey?: string
}

export const encodingFlags = ['pcm', 'pcmu', 'pcma'] as const
type Encoding = (typeof encodingFlags)[number]
/** As the wire names it. */
export function wireFormat(name: Encoding): AudioFormat {
  const encoding = `audio/${name}` as const
  return { encoding, sample_rate: sampleRateHz[encoding] }
}

export const withAgentOptions = (command: Command): Command =>
  withModelOptions(
    command
      .option('--from <file>', 'take the fields from a JSON file; - reads it from the standard input')
      .option('--name <name>', 'what you call it')
      .option('--prompt <text>', 'what it is and how it speaks')
      .option('--greeting <text>', 'what it says first')
      .option('--voice <name>', 'how it sounds; `parley voices` lists them')
      .option('--keyterm <word>', 'a word to listen for; may be given again', collect)
      .addOption(
        new Option('--encoding <name>', 'sound in and out: pcm (24 kHz), pcmu or pcma (telephone)').choices(
          encodingFlags,
        ),
      ),
  )

export const withModelOptions = (command: Command): Command =>
  command
    .option('--llm-url <url>', 'an OpenAI-compatible language model of its own (needs --llm-model)')
    .option('--llm-model <name>', 'the name of that model')
    .addOption(
      new Option('--llm-key <key>', 'the key for that model; servers without keys take any').env('PARLEY_LLM_KEY'),
    )

/** The fields that were given: those of the file, with the flags over them. */
export async function agentFields(command: Command, stdin: AsyncIterable<Uint8Array>): Promise<AgentPatch> {
  const flags = command.opts<Flags>()
  const { from, name, prompt, greeting, voice, keyterm, encoding } = flags
  const file = from === undefined ? {} : await readFields(from, stdin)
  const llm = modelOf(flags)
  const format = encoding && wireFormat(encoding)
  return {
    ...file,
    ...(name !== undefined && { name }),
    ...(prompt !== undefined && { system_prompt: prompt }),
    ...(greeting !== undefined && { greeting: greeting || null }),
    ...(voice !== undefined && { voice: { voice_id: voice } }),
    ...((keyterm || format) && {
      input: { ...file.input, ...(keyterm && { keyterms: [...keyterm] }), ...(format && { format }) },
    }),
    ...(format && { output: { ...file.output, format } }),
    ...(llm && { llm: [llm] }),
  }
}

/** The model that the flags name, if they name one. Throws a `CliError` when they name half of it. */
export function modelOf({ llmUrl, llmModel, llmKey }: Pick<Flags, 'llmUrl' | 'llmModel' | 'llmKey'>) {
  if (llmUrl === undefined && llmModel === undefined) return undefined
  if (llmUrl === undefined || llmModel === undefined)
    throw new CliError('usage', 'A language model is named by --llm-url and --llm-model together. Give both.')
  return { base_url: llmUrl, model: llmModel, api_key: llmKey || 'none' }
}

const Fields = z.record(z.string(), z.unknown())

async function readFields(file: string, stdin: AsyncIterable<Uint8Array>): Promise<AgentPatch> {
  const text = file === '-' ? await readAll(stdin) : await readFile(file, 'utf8')
  const named = file === '-' ? 'The standard input' : file
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CliError(
      'usage',
      `${named} is not JSON. It has to hold an agent as \`parley agents get --json\` prints one.`,
    )
  }
  const fields = Fields.safeParse(json)
  if (!fields.success)
    throw new CliError('usage', `${named} holds no JSON object. It has to hold the fields of one agent.`)
  const { id: _id, created_at: _created, updated_at: _updated, ...rest } = fields.data
  // The server is who checks the fields: it names each one that does not fit.
  return rest as AgentPatch
}

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of stdin) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
