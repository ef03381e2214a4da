// The page docs/engines.md: its prose as it stands there, its tables and listings made from the engines and the examples.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { EngineInfo } from './engine.js'
import { definitions } from './index.js'
import { type AnyDefinition, loadChoice } from './load.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** What stands in the page between `<!-- made: name -->` and `<!-- /made -->`. */
const PARTS = /(<!-- made: (\S+) -->\n).*?(<!-- \/made -->)/gs

/**
 * The whole of docs/engines.md with all that is made in it made anew. Loads every engine there is, to ask it what it is.
 * Rejects when the page asks for a part that nothing makes.
 */
export async function enginesPage(): Promise<string> {
  const page = await readFile(join(root, 'docs/engines.md'), 'utf8')
  const names = [...page.matchAll(PARTS)].map(([, , name]) => name!)
  const made = new Map(await Promise.all(names.map(async (name) => [name, await part(name)] as const)))
  return page.replace(PARTS, (_, start: string, name: string, end: string) => `${start}\n${made.get(name)}\n${end}`)
}

async function part(name: string): Promise<string> {
  if (name === 'engines') return enginesTable(await everyInfo())
  if (name === 'options') return definitions.map(optionsSection).join('\n')
  if (name.startsWith('examples/')) return `\`\`\`js\n${await readFile(join(root, name), 'utf8')}\`\`\`\n`
  throw new Error(`docs/engines.md has a part named "${name}", which nothing makes. Take it out or write its maker.`)
}

// ── Which there are ──

/** What an engine cannot be loaded without, in place of what a configuration would give it. */
const needed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { openai: { apiKey: 'none' } }

async function everyInfo(): Promise<readonly EngineInfo[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-engines-'))
  try {
    return await Promise.all(
      definitions.map(async ({ kind, name }) => {
        const choice = { name, options: needed[name] ?? {} }
        const engine = await loadChoice(kind, choice, definitions, { dataDir, log: () => {} })
        await engine.close()
        return engine.info
      }),
    )
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

const enginesTable = (infos: readonly EngineInfo[]): string =>
  table(
    ['kind', 'name', 'version', 'what it is'],
    infos.map(({ kind, name, version, description }) => [`\`${kind}\``, `\`${name}\``, version, description]),
  )

// ── What can be set ──

const Property = z.object({
  type: z.string().optional(),
  format: z.string().optional(),
  default: z.unknown().optional(),
  description: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
})
type Property = z.output<typeof Property>
const Schema = z.object({ properties: z.record(z.string(), Property) })

function optionsSection({ kind, name, options }: AnyDefinition): string {
  const { properties } = Schema.parse(z.toJSONSchema(options, { io: 'input' }))
  const rows = Object.entries(properties).map(([option, property]) => [
    `\`${option}\``,
    typeOf(property),
    property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``,
    property.description,
  ])
  const body = rows.length > 0 ? table(['option', 'type', 'default', 'meaning'], rows) : 'It has no options.\n'
  return `### \`${name}\` (${kind})\n\n${body}`
}

const WORDS: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', array: 'list of texts' }

function typeOf({ type = 'any', format, minimum, maximum, exclusiveMinimum }: Property): string {
  const word = format === 'uri' ? 'URL' : (WORDS[type] ?? type)
  // the bounds of whole numbers as such say nothing
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const bounds = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(most === undefined ? [] : [`to ${most}`]),
  ]
  return [word, ...bounds].join(' ')
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')
