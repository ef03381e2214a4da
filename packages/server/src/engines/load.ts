// Loads the engines that a server uses, and tells how far they are.
import { pathToFileURL } from 'node:url'
import type { EngineKind } from '@parley/conversation'
import { z } from 'zod'
import type { EngineContext, EngineInfo, EngineOf, Engines, Llm } from './engine.js'
import { EngineError, failureOf } from './engine.js'

/** Which engine of a kind to use, with its options before they are checked. */
export interface EngineChoice {
  /** A name from the list of engines, or the path of a module whose default export was made with `defineEngine`. */
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** An engine definition of any options, as the list of engines holds it. */
export interface AnyDefinition<Kind extends EngineKind = EngineKind> {
  readonly kind: Kind
  readonly name: string
  readonly options: z.ZodType
  // options are parsed by the schema right before, so whatever it gives is what `create` takes
  create(options: never, context: EngineContext): Promise<EngineOf[Kind]>
}

export type EngineState =
  | { readonly kind: EngineKind; readonly state: 'loading'; readonly name: string }
  | {
      readonly kind: EngineKind
      readonly state: 'ready'
      readonly name: string
      readonly info: EngineInfo
      readonly loadMs: number
    }
  | { readonly kind: EngineKind; readonly state: 'failed'; readonly name: string; readonly message: string }

const Definition = z.object({
  kind: z.enum(['vad', 'stt', 'turn', 'llm', 'tts']),
  name: z.string(),
  options: z.custom<z.ZodType>((value) => value instanceof Object && 'safeParse' in value),
  create: z.custom<AnyDefinition['create']>((value) => typeof value === 'function'),
})

/** Loads one engine. Rejects with an `EngineError` that says what to do. */
export async function loadChoice<Kind extends EngineKind>(
  kind: Kind,
  choice: EngineChoice,
  definitions: readonly AnyDefinition[],
  context: EngineContext,
): Promise<EngineOf[Kind]> {
  const definition = await findDefinition(kind, choice.name, definitions)
  const options = definition.options.safeParse(choice.options)
  if (!options.success)
    throw new EngineError({
      code: 'invalid_options',
      message: complaint(kind, choice.name, options.error),
      retryable: false,
    })
  // the schema of this very definition has just produced the options
  return definition.create(options.data as never, context)
}

const isPath = (name: string) => name.startsWith('.') || name.startsWith('/') || name.startsWith('file:')

async function findDefinition<Kind extends EngineKind>(
  kind: Kind,
  name: string,
  definitions: readonly AnyDefinition[],
): Promise<AnyDefinition<Kind>> {
  const isOfKind = (definition: AnyDefinition): definition is AnyDefinition<Kind> => definition.kind === kind
  if (isPath(name)) {
    const definition = await importDefinition(kind, name)
    if (isOfKind(definition)) return definition
    throw refuse(`PARLEY_${kind.toUpperCase()}=${name} is an engine of kind ${definition.kind}, not ${kind}.`)
  }
  const known = definitions.filter(isOfKind)
  const found = known.find((definition) => definition.name === name)
  if (found) return found
  const names = known.map((definition) => definition.name).join(', ')
  throw refuse(
    `There is no ${kind} engine named "${name}". There are: ${names}; or give the path of a module (./my-engine.js).`,
  )
}

async function importDefinition(kind: EngineKind, path: string): Promise<AnyDefinition> {
  const url = path.startsWith('file:') ? path : new URL(path, pathToFileURL(`${process.cwd()}/`)).href
  const module: unknown = await import(url).catch((error) => {
    throw refuse(
      `The ${kind} engine at ${path} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  const parsed = z.object({ default: Definition }).safeParse(module)
  if (!parsed.success) throw refuse(`${path} has no default export made with defineEngine.`)
  return parsed.data.default
}

const refuse = (message: string) => new EngineError({ code: 'unknown_engine', message, retryable: false })

const complaint = (kind: EngineKind, name: string, error: z.ZodError): string =>
  `The options of the ${kind} engine "${name}" do not fit: ${error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`).join('; ')}. Set them in PARLEY_${kind.toUpperCase()}_OPTIONS as JSON.`

/** The engines of a server while they load, and afterwards. */
export class EngineSet {
  readonly #states = new Map<EngineKind, EngineState>()
  readonly #settled: Promise<readonly PromiseSettledResult<{ close(): Promise<void> } | undefined>[]>
  #engines: Engines | undefined
  /** Settles when every engine has loaded; rejects with the first that did not. */
  readonly loaded: Promise<Engines>

  /** `chosen`: more than one are a chain. `dress` is put around the language model before anybody is given it. */
  constructor(
    chosen: readonly { readonly kind: EngineKind; readonly choices: readonly EngineChoice[] }[],
    loadOne: <Kind extends EngineKind>(kind: Kind, choices: readonly EngineChoice[]) => Promise<EngineOf[Kind]>,
    now: () => number,
    dress: (llm: Llm) => Llm,
  ) {
    const load = async <Kind extends EngineKind>(kind: Kind): Promise<EngineOf[Kind] | undefined> => {
      const choices = chosen.find((candidate) => candidate.kind === kind)?.choices ?? []
      if (choices.length === 0) return undefined
      const name = choices.map((choice) => choice.name).join(',')
      this.#states.set(kind, { kind, name, state: 'loading' })
      const started = now()
      try {
        const engine = await loadOne(kind, choices)
        this.#states.set(kind, { kind, name, state: 'ready', info: engine.info, loadMs: now() - started })
        return engine
      } catch (error) {
        this.#states.set(kind, { kind, name, state: 'failed', message: failureOf(error).message })
        throw error
      }
    }
    const loading = [
      load('vad'),
      load('stt'),
      load('turn'),
      load('llm').then((llm) => llm && dress(llm)),
      load('tts'),
    ] as const
    this.#settled = Promise.allSettled(loading)
    this.loaded = Promise.all(loading).then(([vad, stt, turn, llm, tts]) => {
      if (!vad || !stt || !llm || !tts) throw refuse('A server needs engines of the kinds vad, stt, llm and tts.')
      this.#engines = { vad, stt, turn, llm, tts }
      return this.#engines
    })
    // whoever needs the engines hears of it through `loaded` or `states`
    this.loaded.catch(() => {})
  }

  /** The engines once all have loaded. */
  get engines(): Engines | undefined {
    return this.#engines
  }

  get states(): readonly EngineState[] {
    return [...this.#states.values()]
  }

  /** Waits for what is still loading, then frees what has loaded, also when another engine failed. */
  async close(): Promise<void> {
    const results = await this.#settled
    await Promise.all(results.map((result) => (result.status === 'fulfilled' ? result.value?.close() : undefined)))
  }
}
