// `parley secrets`: the key that encrypts stored secrets is changed.
import { Command } from 'commander'
import { readConfig } from '../config.js'
import type { Rotation } from '../rotate-secrets.js'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { serverEnvironment } from './serve.js'

export const secretsCommand = (cli: Cli): Command =>
  new Command('secrets')
    .description('Change the key that encrypts stored secrets: headers of tools, keys of models.')
    .addCommand(rotateCommand(cli))

const rotateCommand = (cli: Cli): Command =>
  withExamples(
    new Command('rotate')
      .description(
        'Encrypt every stored secret anew with the newest key. Works on the database of the settings (DATABASE_URL, PARLEY_DATA_DIR), not through a server; the embedded database must not be in use. May be stopped and repeated at any time.',
      )
      .option('--forget', 'make no new key; remove older ones from the key file, which nothing needs any more')
      .action(({ forget = false }: { forget?: boolean }) => rotate(cli, forget)),
    [
      { does: 'With the key file of the data folder: a new key is made', line: 'parley secrets rotate' },
      { does: 'Afterwards, when no backup needs the old one', line: 'parley secrets rotate --forget' },
    ],
  )

async function rotate(cli: Cli, forget: boolean): Promise<void> {
  const { terminal } = cli
  const { config } = readConfig(serverEnvironment(cli.environment))
  // Loaded only here: the store is no part of the commands that ask a server.
  const [{ storeOf }, { rotateSecrets }] = await Promise.all([
    import('../storage/configured.js'),
    import('../rotate-secrets.js'),
  ])
  const store = await storeOf(config)
  const progress = (done: number) => terminal.live(`Encrypting stored secrets … ${done}`)
  const rotation = await rotateSecrets(store, config, { forget, progress }).finally(() => store.close())
  terminal.live('')
  terminal.print(summary(rotation))
  if (rotation.failed.length > 0) throw new CliError('failed', complaint(rotation))
  terminal.note(advice(rotation, config.secretKeys !== undefined))
}

function summary({ keyId, isNewKey, sealed, kept }: Rotation): string {
  const anew = `${sealed} ${sealed === 1 ? 'secret was' : 'secrets were'} encrypted anew with the ${isNewKey ? 'new ' : ''}key ${keyId}`
  return kept === 0 ? `${anew}.` : `${anew}; ${kept} had it already.`
}

function complaint({ failed }: Rotation): string {
  const shown = failed.slice(0, 10).map(({ where, why }) => `  ${where}: ${why}`)
  const more = failed.length > shown.length ? [`  and ${failed.length - shown.length} more`] : []
  return [
    `${failed.length} stored ${failed.length === 1 ? 'secret' : 'secrets'} could not be read:`,
    ...shown,
    ...more,
  ].join('\n')
}

/** What is left to do for whoever runs the server. */
function advice({ older, forgotten }: Rotation, isConfigured: boolean): string {
  if (forgotten.length > 0) return `The key file no longer holds ${forgotten.join(', ')}.`
  if (isConfigured)
    return older.length > 0
      ? `Nothing in this database needs ${older.join(', ')} any more: take it out of PARLEY_SECRET_KEY.`
      : 'To change the key, put a new one in front of the one that is set: PARLEY_SECRET_KEY=new,old. Make one with `openssl rand -hex 32`.'
  return older.length > 0
    ? `Restart servers that use this key file. Older keys stay in it for backups: ${older.join(', ')}; --forget removes them.`
    : 'There are no older keys.'
}
