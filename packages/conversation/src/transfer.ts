// The tool with which the agent hands a caller on to somebody else, and which calls of it are in order.
import type { Tool } from '@parley/protocol'
import { TRANSFER_CALL } from './call-ending.js'
import { isEnglish } from './filler.js'
import type { Called, Telephony } from './model.js'
import type { Live } from './state.js'

type Targets = Telephony['transferTargets']

/** Offered only where there is somebody to hand a caller on to. */
export const transferTool = (targets: Targets): Tool => ({
  type: 'function',
  name: TRANSFER_CALL,
  description: `Puts the caller through to somebody else and ends your part of the call. Call it only when the caller wants it or you cannot help them. You will be heard out first. Targets:\n${targets.map(lineOf).join('\n')}`,
  parameters: {
    type: 'object',
    properties: {
      target: { type: 'string', enum: targets.map(({ name }) => name), description: 'To whom.' },
      words: {
        type: 'string',
        description:
          'Your last words to the caller: that you put them through, and to whom. Leave it out if you have just said so.',
      },
    },
    required: ['target'],
  },
  timeout_seconds: 120,
  execution_mode: 'interactive',
  http: null,
  response_instructions: null,
})

/** Stands for the result of the call until the session is over. */
export const PUTTING_THROUGH = 'The caller is put through as soon as you were heard out.'

/** To whom, by the name of a target; undefined for a call that names none. */
export const targetOf = ({ phone }: Live, { arguments: { target } }: Called): string | undefined =>
  phone?.transferTargets.find(({ name }) => name === target)?.name

export const namesNoTarget = ({ phone }: Live): string =>
  `The call was not made: target must be one of ${(phone?.transferTargets ?? []).map(({ name }) => name).join(', ')}.`

/** What is said when the model has said nothing. The sentence of the server is English: in another language only the model has words. */
export const wordsBefore = ({ config }: Live, { arguments: { words } }: Called): string => {
  if (typeof words === 'string' && words.trim() !== '') return words
  return isEnglish(config.input.language_codes) ? 'One moment, I am putting you through.' : ''
}

const lineOf = ({ name, description }: Targets[number]): string =>
  description === '' ? `- ${name}` : `- ${name}: ${description}`
