// The telephone, put together: the desk that carriers ask, the lines on which they carry sound, and what both need.
import type { Config } from './config.js'
import type { Guard } from './net/guard.js'
import type { Metrics } from './observe/metrics.js'
import { agentAnswers } from './phone/agent-answers.js'
import { carrierNames } from './phone/call.js'
import type { CallSessions } from './phone/media-connection.js'
import { type PhoneMedia, phoneMedia } from './phone/media-socket.js'
import { type Phone, type PhoneParts, phoneOf } from './phone/phone.js'
import { phoneAgent } from './phone/phone-agent.js'
import type { SecretBox } from './secrets.js'
import type { SocketDoor } from './transports/upgrades.js'

export interface Telephony {
  readonly phone: Phone
  readonly observe: PhoneMedia['observe']
  /** Lets the streams of carriers in. */
  door(sessions: CallSessions): SocketDoor
}

interface Parts extends Omit<PhoneParts, 'agents'> {
  readonly guard: Guard
  readonly secrets: SecretBox
  readonly metrics: Metrics
}

/** Undefined while no carrier is configured. */
export async function telephonyOf(config: Config, parts: Parts): Promise<Telephony | undefined> {
  const { guard, secrets, metrics, clock, log } = parts
  const agents = agentAnswers({ guard, clock, log, secrets })
  const phone = await phoneOf(config, { ...parts, agents })
  if (!phone) return undefined
  const { switchboard, signatures } = phone
  const terms = {
    mayDial: (number: string) => phone.mayCall(number),
    warn: (message: string, fields: Readonly<Record<string, unknown>>) => log('warn', message, fields),
  }
  const media = phoneMedia({
    ...{ clock, log, metrics, switchboard },
    adapt: (agent, call) => phoneAgent(agent, call, terms),
    verifyUpgrade: (carrier, request) => signatures[carrier]?.upgrade(request),
    pingEveryMs: config.pingSeconds * 1000,
    mostWaiting: config.maxSessions,
  })
  const carriers = carrierNames.filter((carrier) => signatures[carrier] !== undefined)
  return { phone, observe: media.observe, door: (sessions) => media.door(carriers, sessions) }
}
