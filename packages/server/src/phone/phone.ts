// The telephone, put together: who may ask, what is answered, and who keeps the calls.
import type { Problem } from '@parley/protocol'
import type { Config } from '../config.js'
import type { Clock } from '../session/clock.js'
import type { Owner } from '../session/places.js'
import type { SessionLog } from '../session/session.js'
import type { StoredCall } from '../storage/call-records.js'
import type { Store } from '../storage/store.js'
import type { Happening } from '../webhooks/events.js'
import { comeBack } from './after-line.js'
import type { AgentAnswers } from './agent-answers.js'
import { loadAnswers } from './answers.js'
import type { Asked } from './asked.js'
import { keepCalls } from './call-upkeep.js'
import type { DeskPorts } from './desk-ports.js'
import { mayCall } from './destinations.js'
import { type Outgoing, outgoing } from './outgoing.js'
import { answeredBy, progress } from './progress.js'
import { type PublicAddress, publicAddress } from './public-address.js'
import { receive } from './reception.js'
import { type Signatures, signaturesOf } from './signature.js'
import { CallSwitchboard } from './switchboard.js'
import { twilioRest } from './twilio-rest.js'

/** What carriers are answered. */
export interface Desk {
  /** A call has come in, or was answered; what the carrier is to do with it. */
  voice(asked: Asked): Promise<string>
  /** A stream or a transfer is over; what the carrier is to do now. */
  after(asked: Asked): Promise<string>
  /** The call has got further. */
  status(asked: Asked): Promise<void>
  /** It is known who has answered. */
  machine(asked: Asked): Promise<void>
}

export interface Phone {
  readonly switchboard: CallSwitchboard
  /** Of the carriers that are configured. */
  readonly signatures: Signatures
  readonly addressOf: PublicAddress
  readonly desk: Desk
  readonly outgoing: Outgoing
  /** Whether calls may go to this number. */
  mayCall(number: string): boolean
  /** Writes down what is on its way. */
  close(): Promise<void>
}

export interface PhoneParts {
  readonly store: Pick<Store, 'calls' | 'phoneNumbers' | 'agents' | 'keys'>
  readonly clock: Clock
  readonly log: SessionLog
  publish(happening: Happening): void
  /** Why the account, or the key, can have no session now; undefined while it can. */
  refusal(owner: Owner): Problem | undefined
  readonly agents: AgentAnswers
}

const APOLOGY = 'I am sorry, something went wrong. Please call again.'

/** Undefined while no carrier is configured; then nothing of a telephone is loaded. */
export async function phoneOf(config: Config, parts: PhoneParts): Promise<Phone | undefined> {
  if (config.twilioAuthToken === undefined && config.telnyxPublicKey === undefined) return undefined
  const { store, clock, log, publish, refusal, agents } = parts
  const addressOf = publicAddress(config)
  const signatures = await signaturesOf(config, addressOf, clock)
  const switchboard = new CallSwitchboard({ store, clock, log, publish })
  const graceMs = config.resumeGraceSeconds * 1000
  const twilio = config.twilioAccountSid === undefined ? undefined : twilioRest(config)
  const calls = outgoing({
    ...{ store, switchboard, agents, clock, log, refusal, twilio },
    settings: outgoingSettings(config),
  })
  const ports: DeskPorts = {
    ...{ store, switchboard, agents, clock, log, refusal, graceMs },
    answers: await loadAnswers(),
    hangUp: (call) => calls.hangUp(call).catch((error) => tellOfLine(call, error, log)),
    mayCall: (number) => mayCall(config.callDestinations, number),
    apology: config.apology ?? APOLOGY,
    mostSeconds: config.sessionCapSeconds,
  }
  const stopKeeping = keepCalls({
    ...{ clock, log, publish, graceMs, calls: store.calls, retentionDays: config.retentionDays },
    held: () => switchboard.held,
  })
  return {
    ...{ switchboard, signatures, addressOf, outgoing: calls, mayCall: ports.mayCall },
    desk: {
      voice: (asked) => receive(asked, ports),
      after: (asked) => comeBack(asked, ports),
      status: (asked) => progress(asked, ports),
      machine: (asked) => answeredBy(asked, ports),
    },
    async close() {
      await stopKeeping()
      await switchboard.close()
    },
  }
}

const outgoingSettings = (config: Config) => ({
  destinations: config.callDestinations,
  limits: { most: config.maxCalls, perKey: config.callsPerKey, perKeyAndDay: config.callsPerKeyAndDay },
  mostSeconds: config.sessionCapSeconds,
  publicUrl: config.publicUrl,
})

function tellOfLine({ id }: StoredCall, error: unknown, log: SessionLog): void {
  log('warn', 'A call could not be hung up at the carrier.', { call: id, error: String(error) })
}
