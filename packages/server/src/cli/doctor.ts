// `parley doctor`: tries every engine in use and says what to do about those that fail.
import { Command } from 'commander'
import { readConfig } from '../config.js'
import type { EngineContext } from '../engines/engine.js'
import type { Cli } from './context.js'
import { examine, type Finding } from './doctor/examination.js'
import { examinePhone, type PhoneFinding } from './doctor/phone.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { serverEnvironment } from './serve.js'
import type { Style } from './terminal.js'
import { aligned, wrapped } from './text.js'

export const doctorCommand = (cli: Cli): Command =>
  withExamples(
    new Command('doctor')
      .summary('Try every engine in use.')
      .description(
        'Try every engine that `parley serve` would use with these settings: load it, have the voice say a sentence,\n' +
          'have the ears hear it back, ask the language model for an answer. Needs no server.',
      )
      .option('--phone', 'ask Twilio whether it accepts the credentials, too')
      .option('--json', 'print the findings as JSON')
      .action((options: Options) => doctor(cli, options)),
    [
      { does: 'The engines of the default settings', line: 'parley doctor' },
      {
        does: 'Whether a language model can be reached',
        line: 'OPENAI_BASE_URL=http://127.0.0.1:11434/v1 PARLEY_LLM_MODEL=llama3.2 parley doctor',
      },
    ],
  )

interface Options {
  readonly json?: true
  readonly phone?: true
}

async function doctor(cli: Cli, { json, phone: asksTwilio }: Options): Promise<void> {
  const { terminal, clock, services } = cli
  const { config, warnings } = readConfig(serverEnvironment(cli.environment))
  const context: EngineContext = {
    dataDir: config.dataDir,
    log: (level, message) => {
      if (level === 'warn' || level === 'error') terminal.note(message)
    },
  }
  for (const warning of warnings) terminal.note(warning)
  const findings: Finding[] = []
  terminal.live('Trying the engines …')
  for await (const finding of examine({ loadEngine: services.loadEngine, config, context, clock })) {
    findings.push(finding)
    if (!json) terminal.print(findingText(finding, terminal.style))
    terminal.live('Trying the next engine …')
  }
  terminal.live('')
  const phone = await examinePhone(config, asksTwilio === true)
  if (!json) for (const finding of phone) terminal.print(phoneText(finding, terminal.style))
  if (json) terminal.print(JSON.stringify(findingsJson(findings, phone), null, 2))
  const failed = findings.filter(({ is }) => is === 'failed' || is === 'untried').map(({ kind }) => kind)
  if (failed.length > 0) throw new CliError('engine', `Not everything works: ${failed.join(', ')}.`)
  if (phone.some(({ is }) => is === 'failed'))
    throw new CliError('usage', 'The telephone does not work as it is set up.')
}

export function findingText(finding: Finding, style: Style): string {
  const kind = finding.kind.padEnd(4)
  switch (finding.is) {
    case 'well':
      return [
        head(style.green('works'), kind, engineName(finding.info, style)),
        details([finding.info.description, `Loaded in ${Math.round(finding.loadMs)} ms; ${finding.trial.summary}.`]),
      ].join('\n')
    case 'failed':
      return [
        head(style.red('fails'), kind, finding.info ? engineName(finding.info, style) : 'did not load'),
        details([finding.message, finding.advice]),
      ].join('\n')
    case 'untried':
      return [
        head(style.yellow('loads'), kind, engineName(finding.info, style)),
        details([`Not tried: ${finding.reason}.`]),
      ].join('\n')
    case 'absent':
      return head(style.dim('none '), kind, style.dim('not asked for by the settings'))
  }
}

const phoneWords = { well: 'works', failed: 'fails', untried: 'notes' } as const
const phoneColours = { well: 'green', failed: 'red', untried: 'yellow' } as const

const phoneText = ({ is, what, message }: PhoneFinding, style: Style): string =>
  [head(style[phoneColours[is]](phoneWords[is]), 'tel ', style.bold(what)), details([message])].join('\n')

/** Times in milliseconds. */
export const findingsJson = (findings: readonly Finding[], phone: readonly PhoneFinding[] = []) => ({
  healthy: findings.every(({ is }) => is === 'well' || is === 'absent') && phone.every(({ is }) => is !== 'failed'),
  engines: findings.map((finding) => ({
    kind: finding.kind,
    status: finding.is,
    ...('info' in finding && finding.info
      ? { name: finding.info.name, version: finding.info.version, description: finding.info.description }
      : {}),
    ...('loadMs' in finding ? { load_ms: Math.round(finding.loadMs) } : {}),
    ...(finding.is === 'well' ? { trial: finding.trial.figures } : {}),
    ...(finding.is === 'failed' ? { message: finding.message, advice: finding.advice } : {}),
    ...(finding.is === 'untried' ? { message: finding.reason } : {}),
  })),
  ...(phone.length > 0 && { phone: phone.map(({ is, what, message }) => ({ what, status: is, message })) }),
})

const head = (...cells: string[]): string => aligned([cells])
const engineName = ({ name, version }: { name: string; version: string }, style: Style): string =>
  `${style.bold(name)} ${version}`
const details = (sentences: readonly string[]): string =>
  sentences.map((text) => wrapped(text, '             ')).join('\n')
