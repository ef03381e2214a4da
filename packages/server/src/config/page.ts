// The settings as people read them: the text of `--help` and the page docs/configuration.md.
import { settings } from '../config.js'
import type { Setting } from './setting.js'

const all: readonly Setting<unknown>[] = Object.values(settings)

/** The part of `--help` that lists the settings, at most 100 columns wide. */
export function configurationHelp(): string {
  const entries = all.map((setting) =>
    [
      `  ${setting.name}`,
      ...wrap(plain(`${setting.description} It must be ${setting.allowed}. Default: ${setting.shownDefault}.`), 92).map(
        (line) => `      ${line}`,
      ),
    ].join('\n'),
  )
  return ['Settings (environment variables):', ...entries].join('\n')
}

/** The whole of docs/configuration.md. */
export function configurationPage(): string {
  const sections = all.map((setting) =>
    [
      `## \`${setting.name}\``,
      '',
      setting.description,
      '',
      `- Allowed: ${setting.allowed}`,
      ...(setting.unit ? [`- Unit: ${setting.unit}`] : []),
      `- Default: ${setting.shownDefault}`,
      ...(setting.secret ? ['- Secret: it is never printed or logged'] : []),
      '',
    ].join('\n'),
  )
  return [
    '<!-- Made from packages/server/src/config.ts by scripts/generate-docs.mjs. -->',
    '# Configuration',
    '',
    'Parley is configured by environment variables alone. Every one has a default, so `npm start` needs none of them.',
    'They are checked before anything starts: a value that is not allowed stops the start with a message that names',
    'the variable. A variable that is empty counts as not set. `parley serve --help` prints the same list.',
    '',
    ...sections,
  ].join('\n')
}

const plain = (markdown: string): string => markdown.replaceAll('`', '')

function wrap(words: string, width: number): string[] {
  const lines: string[] = []
  for (const word of words.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
