// What `parley serve` says when it is ready.
import type { EngineInfo } from '../engines/engine.js'
import { plain, type Style } from './terminal.js'
import { aligned, wrapped } from './text.js'

export interface Ready {
  readonly url: string
  readonly dataDir: string
  readonly engines: readonly EngineInfo[]
  /** `made`: by this start, and shown only now. `given`: in PARLEY_API_KEY. `kept`: made earlier, known only by its hash. */
  readonly apiKey: { readonly is: 'made'; readonly key: string } | { readonly is: 'given' } | { readonly is: 'kept' }
  readonly warnings: readonly string[]
}

/** The name by which the built-in dialogue rules go among the language models. */
export const BUILT_IN_DIALOGUE = 'dialogue'

export function banner(ready: Ready, style: Style = plain): string {
  const facts = [
    ['Page', style.cyan(`${ready.url}/`)],
    ['API key', keyLine(ready.apiKey, style)],
    ['Data', ready.dataDir],
    ...engineLines(ready.engines, style).map((line, index) => [index === 0 ? 'Engines' : '', line]),
  ]
  const paragraphs = [
    style.bold('Parley is ready.'),
    aligned(facts),
    ...(ready.engines.some(isBuiltInDialogue) ? [noModel] : []),
    ...ready.warnings.map((warning) => wrapped(warning, 'Note: ').split('\n').map(style.yellow).join('\n')),
    style.dim('Stop with Ctrl-C.'),
  ]
  return `\n${paragraphs.join('\n\n')}\n`
}

const engineLines = (engines: readonly EngineInfo[], style: Style): readonly string[] =>
  aligned(engines.map(({ kind, name, description }) => [kind, style.bold(name), style.dim(shortened(description))]))
    .split('\n')
    .map((line) => line.trimStart())

const isBuiltInDialogue = ({ kind, name }: EngineInfo) => kind === 'llm' && name === BUILT_IN_DIALOGUE

const noModel = wrapped(
  'Replies come from built-in dialogue rules, which are not a language model. To connect one, start again with ' +
    'OPENAI_BASE_URL (Ollama, llama.cpp, vLLM and others) or OPENAI_API_KEY, and PARLEY_LLM_MODEL.',
)

function keyLine(apiKey: Ready['apiKey'], style: Style): string {
  switch (apiKey.is) {
    case 'made':
      return `${style.bold(apiKey.key)}  (new; keep it, it is shown only now)`
    case 'given':
      return 'the one in PARLEY_API_KEY'
    case 'kept':
      return 'the one shown at the first start, or one of your own in PARLEY_API_KEY'
  }
}

const LONGEST_DESCRIPTION = 66

/** The first sentence, or as much of it as fits on a line. */
function shortened(description: string): string {
  const [sentence = description] = description.split(/[.;](?=\s|$)/)
  return sentence.length <= LONGEST_DESCRIPTION ? sentence : `${sentence.slice(0, LONGEST_DESCRIPTION - 2).trimEnd()} …`
}
