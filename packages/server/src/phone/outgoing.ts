// Calls that agents make: who may call whom from which number, how many, and how they are hung up.
import { type CallCreate, type Problem, phoneNumberPattern, type RestErrorCode } from '@parley/protocol'
import type { Clock } from '../session/clock.js'
import type { Owner } from '../session/places.js'
import type { SessionLog } from '../session/session.js'
import type { CallLimits, ReachedLimit, StoredCall } from '../storage/call-records.js'
import type { PageOf, Store, StoredAgent } from '../storage/store.js'
import type { AgentAnswers } from './agent-answers.js'
import { CarrierError, type CarrierRest } from './carrier-rest.js'
import { askPath, isOver } from './desk-ports.js'
import { mayCall } from './destinations.js'
import { newCallId } from './reception.js'
import type { CallSwitchboard } from './switchboard.js'

export interface OutgoingPorts {
  readonly store: Pick<Store, 'calls' | 'phoneNumbers' | 'agents'>
  readonly switchboard: CallSwitchboard
  readonly agents: Pick<AgentAnswers, 'callerId'>
  readonly clock: Pick<Clock, 'unixMs'>
  readonly log: SessionLog
  /** Why there can be no session for a call of this account, or of this key, now; undefined while there can. */
  refusal(owner: Owner): Problem | undefined
  /** Undefined: no carrier places calls. */
  readonly twilio: CarrierRest | undefined
  readonly settings: OutgoingSettings
}

export interface OutgoingSettings {
  /** Beginnings of the numbers that may be called. */
  readonly destinations: readonly string[]
  readonly limits: CallLimits
  /** How long a call may last, in seconds. */
  readonly mostSeconds: number
  /** This server as carriers know it. */
  readonly publicUrl: string | undefined
}

/** Why a call is not made, as the REST interface says it. */
export interface NotPlaced {
  readonly code: RestErrorCode
  readonly message?: string
  readonly param?: string
}

export interface Outgoing {
  place(by: Owner, body: CallCreate): Promise<StoredCall | NotPlaced>
  /** Rejects with a `CarrierError`. Nothing happens to a call that is over. */
  hangUp(call: StoredCall): Promise<void>
}

const RING_SECONDS = 30

export function outgoing(ports: OutgoingPorts): Outgoing {
  const { store, switchboard, clock, twilio, settings } = ports

  async function hangUpAtCarrier({ carrier, carrierCallId }: StoredCall): Promise<void> {
    if (carrier === 'twilio' && carrierCallId !== undefined) await twilio?.hangUp(carrierCallId)
  }

  return {
    async place(owner, body) {
      const { accountId, keyId } = owner
      const base = settings.publicUrl?.replace(/\/+$/, '')
      if (twilio === undefined || base === undefined) return noCarrier
      if (!mayCall(settings.destinations, body.to)) return notAllowed(body.to, settings.destinations)
      const parties = await partiesOf(accountId, body, ports)
      if ('code' in parties) return parties
      // nobody is called to hear that there is no place
      const refusal = ports.refusal(owner)
      if (refusal) return { code: 'call_limit_reached', message: refusal.message }
      const id = newCallId()
      const call = await store.calls.place(
        {
          ...{ id, accountId, keyId, agentId: parties.agent.id, carrier: 'twilio', carrierCallId: undefined },
          ...{ direction: 'outbound', from: parties.from, to: body.to, variables: body.variables ?? {} },
        },
        settings.limits,
        new Date(clock.unixMs()),
      )
      if (typeof call === 'string') return { code: 'call_limit_reached', message: limitTexts[call](settings.limits) }
      return start(call, body, base, twilio)
    },

    async hangUp(call) {
      if (isOver(call)) return
      // a line is hung up with the end, at whichever server it is
      await switchboard.endBy(() => hangUpAtCarrier(call), call.id, 'hung_up_by_api')
    },
  }

  async function start(
    call: StoredCall,
    body: CallCreate,
    base: string,
    carrier: CarrierRest,
  ): Promise<StoredCall | NotPlaced> {
    const about = { call: call.id }
    try {
      const carrierCallId = await carrier.place({
        from: call.from,
        to: call.to,
        ringTimeoutSeconds: body.ring_timeout_seconds ?? RING_SECONDS,
        detectsMachines: body.machine_detection ?? true,
        mostSeconds: settings.mostSeconds,
        voiceUrl: base + askPath('twilio', 'voice', about),
        statusUrl: base + askPath('twilio', 'status', about),
        machineUrl: base + askPath('twilio', 'machine', about),
      })
      const placed = await store.calls.change(call.id, { carrierCallId })
      if (placed) return placed
      // it was hung up before it had a name
      const ended = await store.calls.withId(call.id)
      if (ended?.reason === 'hung_up_by_api' || ended === undefined) await carrier.hangUp(carrierCallId)
      return ended ?? { ...call, carrierCallId, status: 'ended' }
    } catch (error) {
      if (!(error instanceof CarrierError)) throw error
      ports.log('warn', 'A call could not be placed.', { call: call.id, error: error.message })
      await switchboard.end(call.id, 'failed', 'carrier_error')
      return { code: 'telephony_provider_error', message: error.message }
    }
  }
}

interface Parties {
  readonly from: string
  readonly agent: StoredAgent
}

/** Only numbers of the account are called from, so that nobody calls in somebody else's name or at their expense. */
async function partiesOf(
  accountId: string,
  { from: asked, agent_id: named }: CallCreate,
  { store, agents }: OutgoingPorts,
): Promise<Parties | NotPlaced> {
  const agent = named == null ? undefined : await store.agents.find(accountId, named)
  if (named != null && !agent) return { code: 'agent_not_found', param: 'agent_id' }
  const from = asked ?? (agent && agents.callerId(agent)) ?? (await onlyNumber(accountId, store))
  if (from === undefined)
    return {
      code: 'validation_error',
      message: 'Field required, because the account does not have one number alone',
      param: 'from',
    }
  const number = phoneNumberPattern.test(from) ? await store.phoneNumbers.find(accountId, from) : undefined
  if (!number)
    return {
      code: 'phone_number_not_found',
      message: `${from} is not a phone number of this account. Make it one with PUT /v1/phone-numbers/${from}/agent`,
      param: 'from',
    }
  if (agent) return { from, agent }
  const assigned = number.agentId === undefined ? undefined : await store.agents.find(accountId, number.agentId)
  return assigned ? { from, agent: assigned } : { code: 'phone_number_has_no_agent', param: 'agent_id' }
}

const TWO: PageOf = { limit: 2, after: undefined }

async function onlyNumber(accountId: string, { phoneNumbers }: OutgoingPorts['store']): Promise<string | undefined> {
  const { numbers } = await phoneNumbers.list(accountId, TWO)
  return numbers.length === 1 ? numbers[0]?.number : undefined
}

const noCarrier: NotPlaced = {
  code: 'telephony_provider_error',
  message:
    'No carrier is set up to place calls. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, PARLEY_PUBLIC_URL and PARLEY_CALL_DESTINATIONS',
}

const notAllowed = (to: string, destinations: readonly string[]): NotPlaced => ({
  code: 'destination_not_allowed',
  param: 'to',
  message:
    destinations.length === 0
      ? 'This server makes no calls. Set PARLEY_CALL_DESTINATIONS to the beginnings of the numbers that may be called, such as +49'
      : `This server does not call ${to}. Numbers that may be called begin with ${destinations.join(', ')} (PARLEY_CALL_DESTINATIONS)`,
})

const limitTexts: Readonly<Record<ReachedLimit, (limits: CallLimits) => string>> = {
  most: ({ most }) => `The server makes its most calls at once, ${most} (PARLEY_MAX_CALLS). Try again later`,
  perKey: ({ perKey }) => `The key makes its most calls at once, ${perKey} (PARLEY_CALLS_PER_KEY). Try again later`,
  perKeyAndDay: ({ perKeyAndDay }) =>
    `The key has made its ${perKeyAndDay} calls of 24 hours (PARLEY_CALLS_PER_KEY_PER_DAY). Try again later`,
}
