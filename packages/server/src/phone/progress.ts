// What carriers tell of a call while it goes on: that it was answered, that it is over, that a machine has answered it.
import type { Asked } from './asked.js'
import { endingOf } from './asked.js'
import { phoneCallOf } from './call-news.js'
import { callAsked, type DeskPorts, isOver } from './desk-ports.js'

/** The call has got further. */
export async function progress(asked: Asked, ports: DeskPorts): Promise<void> {
  const call = await callAsked(asked, ports)
  if (!call || isOver(call)) return
  await ports.switchboard.settled(call.id)
  const ending = endingOf(asked)
  if (ending) await ports.switchboard.end(call.id, ending.status, ending.reason)
  else if (asked.CallStatus === 'in-progress' && call.direction === 'outbound')
    await ports.store.calls.change(call.id, { answeredAt: new Date(ports.clock.unixMs()) })
}

/** The carrier has found out who answered. It counts once. */
export async function answeredBy(asked: Asked, ports: DeskPorts): Promise<void> {
  const { store, switchboard, agents } = ports
  const call = await callAsked(asked, ports)
  if (call?.direction !== 'outbound' || isOver(call)) return
  if (!/^(machine|fax)/.test(asked.AnsweredBy ?? '')) return
  if (!(await store.calls.noteMachine(call.id))) return
  const agent = await store.agents.find(call.accountId, call.agentId)
  const answer = agent ? agents.machineAnswer(agent, phoneCallOf(call)) : ({ do: 'hang up' } as const)
  if (answer.do === 'continue') return
  if (answer.do === 'leave') return switchboard.order(call.id, { do: 'leave_message', message: answer.message })
  await switchboard.end(call.id, 'ended', 'machine')
  await ports.hangUp(call)
}
