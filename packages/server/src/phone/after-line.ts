// The carrier comes back because a stream or a transfer is over: the call ends, goes on elsewhere, or is connected again.
import type { StoredCall } from '../storage/call-records.js'
import { type Asked, endingOf } from './asked.js'
import { askPath, callAsked, connectCall, type DeskPorts, isOver } from './desk-ports.js'

/** How long the carrier is kept waiting until it is known here how the line ended, which it may have heard of earlier. */
const KNOWN_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 100
/** So often a call is connected or handed on at most, which ends what would go in circles. */
const MOST_LEGS = 20
/** How long it rings at a transfer target that says nothing of it. */
const RING_SECONDS = 30

/** What the carrier is to do now. */
export async function comeBack(asked: Asked, ports: DeskPorts): Promise<string> {
  const { answers, switchboard } = ports
  const asking = await callAsked(asked, ports)
  if (!asking || asked.leg === undefined) return answers.hangUp()
  await switchboard.settled(asking.id)
  const ending = endingOf(asked)
  if (ending) {
    await switchboard.end(asking.id, ending.status, ending.reason)
    return answers.hangUp()
  }
  const call = await lineKnown(asking.id, asked.leg, ports)
  // it has come back from there before
  if (!call || call.leg !== asked.leg) return answers.hangUp()
  if (isOver(call)) return goodbye(call, ports)
  if (call.leg >= MOST_LEGS) return failed(call, 'too_many_lines', ports)
  switch (call.line) {
    case 'transferred':
      return asked.DialCallStatus === undefined ? forward(call, asked, ports) : forwarded(call, asked, ports)
    case 'up':
    case 'lost':
      return resume(call, asked, ports)
    default:
      return failed(call, 'not_connected', ports)
  }
}

/** The call as it stands when its line is known to be gone, or when that took too long: then the carrier knows better. */
async function lineKnown(id: string, leg: number, { store, clock }: DeskPorts): Promise<StoredCall | undefined> {
  for (const until = clock.now() + KNOWN_WITHIN_MS; ; ) {
    const call = await store.calls.withId(id)
    if (call?.line !== 'up' || isOver(call) || call.leg !== leg || clock.now() >= until) return call
    await new Promise<void>((resolve) => void clock.wake(clock.now() + LOOK_EVERY_MS, resolve))
  }
}

const brokenOff: ReadonlySet<string> = new Set(['error', 'refused', 'not_connected', 'server_stopping'])

const goodbye = ({ reason }: StoredCall, { answers, apology }: DeskPorts): string =>
  brokenOff.has(reason ?? '') ? answers.giveUp(apology) : answers.hangUp()

async function failed(call: StoredCall, reason: string, { switchboard, answers, apology }: DeskPorts): Promise<string> {
  await switchboard.end(call.id, 'failed', reason)
  return answers.giveUp(apology)
}

/** The line was lost: the session goes on with another one while it may. */
async function resume(call: StoredCall, asked: Asked, ports: DeskPorts): Promise<string> {
  if (!call.ticketUsed) return failed(call, 'not_connected', ports)
  const lostFor = call.line === 'lost' ? ports.clock.unixMs() - call.seenAt.getTime() : 0
  return lostFor < ports.graceMs ? connectCall(call, asked, ports) : failed(call, 'line_lost', ports)
}

/** The agent has handed the call on. */
async function forward(call: StoredCall, asked: Asked, ports: DeskPorts): Promise<string> {
  const { store, agents, answers, log, mayCall } = ports
  const agent = await store.agents.find(call.accountId, call.agentId)
  const target = agent && agents.transferTarget(agent, call.transfer ?? '')
  const left = await store.calls.leave(call.id, call.leg)
  if (!left) return answers.hangUp()
  const after = asked.address + askPath(asked.carrier, 'after', { call: call.id, leg: call.leg + 1 })
  if (target && mayCall(target.phoneNumber))
    return answers.forward({
      number: target.phoneNumber,
      // the number that is certainly ours, which carriers accept
      callerId: call.direction === 'inbound' ? call.to : call.from,
      ringTimeoutSeconds: target.ringTimeoutSeconds ?? RING_SECONDS,
      mostSeconds: ports.mostSeconds,
      after,
    })
  log(
    'warn',
    'A call cannot be handed on: its target is gone, or PARLEY_CALL_DESTINATIONS does not allow the number.',
    {
      call: call.id,
      agent: call.agentId,
      target: call.transfer,
    },
  )
  return unreached(call.id, call.transfer, asked, ports)
}

/** The other call is over, or nobody has answered it. */
async function forwarded(call: StoredCall, asked: Asked, ports: DeskPorts): Promise<string> {
  const { switchboard, answers } = ports
  if (asked.DialCallStatus !== 'completed' && asked.DialCallStatus !== 'answered')
    return unreached(call.id, call.transfer, asked, ports)
  await switchboard.end(call.id, 'ended', 'transferred')
  return answers.hangUp()
}

/** Nobody could be reached: the caller talks to the agent again, in a new session. */
async function unreached(callId: string, target: string | undefined, asked: Asked, ports: DeskPorts): Promise<string> {
  const { store, clock, answers } = ports
  const greeting = `I am sorry, I could not reach ${target ?? 'anybody there'}. How else can I help you?`
  const back = await store.calls.change(callId, { line: 'lost', greeting, seenAt: new Date(clock.unixMs()) })
  return back ? connectCall(back, asked, ports) : answers.hangUp()
}
