// `parley twilio connect`: has Twilio ask this server when somebody calls a number.
import { Command } from 'commander'
import { type Config, readConfig } from '../config.js'
import { askPath } from '../phone/desk-ports.js'
import { type NumberUrls, type TwilioNumber, twilioRest } from '../phone/twilio-rest.js'
import { phoneNumber } from './calls.js'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { withExamples } from './help.js'
import { serverEnvironment } from './serve.js'
import { aligned } from './text.js'

export const twilioCommand = (cli: Cli): Command =>
  new Command('twilio')
    .description('Connect telephone numbers at Twilio to this server.')
    .addCommand(connectCommand(cli))

interface ConnectOptions {
  readonly agent?: string
  readonly yes?: true
}

const connectCommand = (cli: Cli) =>
  withExamples(
    new Command('connect')
      .summary('Have Twilio ask this server when somebody calls a number.')
      .description(
        'Have Twilio ask this server when somebody calls a number. Shows what would be changed at Twilio, and asks first.\n' +
          'Takes the settings of the server: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PARLEY_PUBLIC_URL. Needs no server.',
      )
      .argument('<number>', 'a number of the account at Twilio, such as +15550100', phoneNumber)
      .option('--agent <id>', 'the agent that answers; without it, the one that `parley numbers assign` names')
      .option('--yes', 'do not ask')
      .action((number: string, options: ConnectOptions) => connect(cli, number, options)),
    [
      { does: 'A number whose agent may change', line: 'parley twilio connect +15550100' },
      {
        does: 'A number for one agent, without a question',
        line: 'parley twilio connect +15550100 --agent "$AGENT" --yes',
      },
    ],
  )

async function connect(cli: Cli, phone: string, { agent, yes }: ConnectOptions): Promise<void> {
  const { terminal } = cli
  const { config } = readConfig(serverEnvironment(cli.environment))
  const urls = urlsOf(config, agent)
  const twilio = twilioRest(config)
  const number = await twilio.number(phone)
  if (!number)
    throw new CliError('notFound', `The account at Twilio has no number ${phone}. Look in its console which it has.`)
  const changes = changesOf(number, urls)
  if (changes.length === 0) return terminal.print(`${phone} is connected to this server already. Nothing is changed.`)
  terminal.note(`At Twilio, ${phone} would be changed:`)
  terminal.print(aligned(changes))
  if (!yes && !(await isAgreed(cli))) throw new CliError('failed', 'Nothing was changed.')
  await twilio.setNumber(number.sid, urls)
  terminal.note(
    agent === undefined
      ? `${phone} is connected. Say who answers with \`parley numbers assign ${phone} --agent …\`.`
      : `${phone} is connected to ${agent}.`,
  )
}

function urlsOf({ publicUrl, twilioAccountSid }: Config, agent: string | undefined): NumberUrls {
  if (twilioAccountSid === undefined)
    throw new CliError('usage', 'There are no credentials. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.')
  if (publicUrl === undefined || !publicUrl.startsWith('https:'))
    throw new CliError('usage', 'Twilio must reach the server over https. Set PARLEY_PUBLIC_URL to its address.')
  const base = publicUrl.replace(/\/+$/, '')
  const about = agent === undefined ? {} : { agent_id: agent }
  return {
    voiceUrl: base + askPath('twilio', 'voice', about),
    voiceMethod: 'POST',
    statusCallback: base + askPath('twilio', 'status', {}),
    statusCallbackMethod: 'POST',
  }
}

const names: Readonly<Record<keyof NumberUrls, string>> = {
  voiceUrl: 'A call comes in',
  voiceMethod: 'by',
  statusCallback: 'Status of calls',
  statusCallbackMethod: 'by',
}

/** A row for each that differs: what it is, what it was, what it becomes. */
const changesOf = (number: TwilioNumber, urls: NumberUrls): readonly (readonly string[])[] =>
  // true because these are the very keys of the object
  (Object.keys(names) as (keyof NumberUrls)[])
    .filter((key) => number[key] !== urls[key])
    .map((key) => [names[key], number[key] || 'nothing', '→', urls[key]])

async function isAgreed({ terminal, stdin }: Cli): Promise<boolean> {
  terminal.note('Change it? [y/N]')
  let typed = ''
  for await (const bytes of stdin) {
    typed += Buffer.from(bytes).toString()
    if (typed.includes('\n')) break
  }
  return /^y(es)?\s*$/i.test(typed.split('\n')[0] ?? '')
}
