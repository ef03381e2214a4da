// The agent as it is on a telephone call: what it says with what is known of the caller, and what can be done.
import type { SessionConfig, Tool } from '@parley/protocol'
import type { StoredAgent } from '../session/ports.js'
import type { PhoneCall } from './call.js'
import { factsOf } from './call-facts.js'
import type { MachineAnswer, PhoneSettings } from './phone-settings.js'
import { filled, plainText } from './placeholders.js'

/** What a call brings along, besides itself. */
export interface PhoneTerms {
  /** Whether the server lets this number be called. */
  mayDial(phoneNumber: string): boolean
  /** Told of what the agent says and is not done. No words of anybody are in it. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
}

/**
 * `agent` as it was found for any channel; what it says about phones is in `agent.phone`. The encodings are the line's
 * to say.
 */
export function phoneAgent(agent: StoredAgent, call: PhoneCall, { mayDial, warn }: PhoneTerms): StoredAgent {
  const { config, phone } = agent
  const tools = toolsOf(agent, warn)
  const targets = phone?.transferTargets.filter(({ phoneNumber }) => mayDial(phoneNumber)) ?? []
  tellOfTransfers(phone, targets.length, warn)
  return {
    ...agent,
    config: {
      ...config,
      ...words(config, call, warn),
      input: { ...config.input, type: 'audio' },
      output: { ...config.output, type: 'audio' },
      tools,
    },
    telephony: {
      transferTargets: targets.map(({ name, description }) => ({ name, description })),
      keypad: phone?.keypad.filter(({ tool }) => tools.some(({ name }) => name === tool)) ?? [],
    },
    variables: plainValues(call.variables),
  }
}

/** What becomes of a call that a machine has answered; a message with its placeholders filled. */
export function machineAnswerOf(phone: PhoneSettings, call: PhoneCall): MachineAnswer {
  const { onMachine } = phone
  return onMachine.do === 'leave' ? { do: 'leave', message: filled(onMachine.message, valuesOf(call)).text } : onMachine
}

type Warn = PhoneTerms['warn']

/** A greeting that came with the call is said as it is. */
function words(
  { system_prompt, greeting }: SessionConfig,
  call: PhoneCall,
  warn: Warn,
): Pick<SessionConfig, 'system_prompt' | 'greeting'> {
  const values = valuesOf(call)
  const prompt = filled(system_prompt, values)
  const opening = filled(greeting ?? '', values)
  const own = call.greeting === undefined
  const names = [...new Set([...prompt.unknown, ...(own ? opening.unknown : [])])]
  if (names.length > 0) warn('Placeholders without a value were left out.', { names })
  return {
    system_prompt: prompt.text,
    greeting: own ? (greeting === null ? null : opening.text) : plainText(call.greeting),
  }
}

/** What was captured, or given with the call, goes over what the carrier says. */
const valuesOf = (call: PhoneCall): Readonly<Record<string, string>> => ({
  ...factsOf(call),
  ...plainValues(call.variables),
})

const plainValues = (variables: PhoneCall['variables']): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, plainText(value)]))

/** A phone runs no tools: those that the server does not run either are not offered. */
function toolsOf({ config, phoneTools, tools: run }: StoredAgent, warn: Warn): Tool[] {
  const all = [...config.tools, ...(phoneTools ?? [])]
  const idle = all.filter(({ name }) => !run?.names.includes(name)).map(({ name }) => name)
  if (idle.length > 0)
    warn('These tools are not offered on the phone: they have no http address, so nobody would run them.', {
      tools: idle,
    })
  return all.filter(({ name }) => !idle.includes(name))
}

function tellOfTransfers(phone: PhoneSettings | undefined, reachable: number, warn: Warn): void {
  for (const remark of phone?.remarks ?? []) warn(remark, {})
  const left = (phone?.transferTargets.length ?? 0) - reachable
  if (left > 0)
    warn('Transfer targets were left out: PARLEY_CALL_DESTINATIONS does not let their numbers be called.', { left })
}
