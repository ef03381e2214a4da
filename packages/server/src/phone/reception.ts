// A call has come in, or somebody has answered one that an agent has made: who is to talk, and whether at all.
import { randomBytes } from 'node:crypto'
import type { StoredCall } from '../storage/call-records.js'
import type { StoredAgent } from '../storage/store.js'
import type { Asked } from './asked.js'
import { phoneCallOf } from './call-news.js'
import { callAsked, connectCall, type DeskPorts, isOver } from './desk-ports.js'

/** What the carrier is to do with the call. */
export const receive = (asked: Asked, ports: DeskPorts): Promise<string> =>
  asked.call === undefined ? comesIn(asked, ports) : isAnswered(asked, ports)

async function comesIn(asked: Asked, ports: DeskPorts): Promise<string> {
  const { store, answers, switchboard, clock } = ports
  const known = await callAsked(asked, ports)
  if (known) return again(known, asked, ports)
  const answering = await answeringAgent(asked, ports)
  if (answering === undefined) return answers.reject('rejected')
  const { accountId, agent } = answering
  const { call, isNew } = await store.calls.admit(
    {
      ...{ id: newCallId(), accountId, keyId: undefined, agentId: agent.id, variables: {} },
      ...{ carrier: asked.carrier, carrierCallId: asked.CallSid, from: asked.From, to: asked.To },
      direction: 'inbound',
    },
    new Date(clock.unixMs()),
  )
  if (!isNew) return again(call, asked, ports)
  const refusal = ports.refusal({ accountId })
  if (refusal) {
    await switchboard.end(call.id, 'refused', refusal.code)
    return answers.reject('busy')
  }
  const prepared = await prepare(call, agent, ports)
  return prepared ? connectCall(prepared, asked, ports) : answers.reject('rejected')
}

/** The carrier asks twice about one call: it may have another ticket as long as nobody has used one. */
async function again(call: StoredCall, asked: Asked, ports: DeskPorts): Promise<string> {
  const wasConnected = call.line !== 'none' || (call.leg > 0 && call.ticketUsed)
  if (isOver(call) || wasConnected || call.direction === 'outbound') return ports.answers.hangUp()
  return connectCall(call, asked, ports)
}

async function isAnswered(asked: Asked, ports: DeskPorts): Promise<string> {
  const { store, answers, clock, switchboard, log } = ports
  const call = await callAsked(asked, ports)
  if (call?.direction !== 'outbound' || isOver(call) || call.line !== 'none' || (call.leg > 0 && call.ticketUsed))
    return answers.hangUp()
  if (call.leg > 0) return connectCall(call, asked, ports)
  const answered = await store.calls.change(call.id, {
    carrierCallId: asked.CallSid,
    answeredAt: new Date(clock.unixMs()),
  })
  const agent = answered && (await store.agents.find(call.accountId, call.agentId))
  if (!agent) {
    log('warn', 'A call was answered whose agent is not there any more.', { call: call.id, agent: call.agentId })
    await switchboard.end(call.id, 'failed', 'agent_not_found')
    return answers.hangUp()
  }
  const prepared = await prepare(answered, agent, ports)
  return prepared ? connectCall(prepared, asked, ports) : answers.hangUp()
}

interface Answering {
  readonly accountId: string
  readonly agent: StoredAgent
}

/** The agent that the address names, or the one that the number is assigned to. */
async function answeringAgent(asked: Asked, { store, log }: DeskPorts): Promise<Answering | undefined> {
  const { carrier, agentId: named, To: to } = asked
  const number = named === undefined ? await store.phoneNumbers.whose(to) : undefined
  const agentId = named ?? number?.agentId
  const accountId = agentId === undefined ? undefined : (number?.accountId ?? (await store.agents.accountOf(agentId)))
  const agent = agentId !== undefined && accountId !== undefined && (await store.agents.find(accountId, agentId))
  if (accountId !== undefined && agent) return { accountId, agent }
  const why =
    named === undefined ? 'no agent is assigned to the number' : 'there is no agent with the id in its address'
  log(
    'warn',
    `A call is rejected: ${why}. Assign one with \`parley numbers assign\`, or name one with ?agent_id= in the address that the carrier asks.`,
    { carrier, to, ...(named !== undefined && { agent: named }) },
  )
  return undefined
}

/** The call as the agent is to know it; undefined when it is not to be answered, and is over. */
async function prepare(call: StoredCall, agent: StoredAgent, ports: DeskPorts): Promise<StoredCall | undefined> {
  const { store, agents, switchboard, log } = ports
  const before = await agents.beforeAnswer(phoneCallOf(call), agent).catch((error: unknown) => {
    log('error', 'What is asked before a call is answered has failed; it is answered without.', {
      call: call.id,
      error: String(error),
    })
    return { reject: false, variables: {}, greeting: undefined }
  })
  if (before.reject) {
    await switchboard.end(call.id, 'refused', 'rejected')
    return undefined
  }
  // what came with the call was meant for this call alone, and says more
  const variables = { ...before.variables, ...call.variables }
  return store.calls.change(call.id, { variables, greeting: before.greeting })
}

export const newCallId = (): string => `call_${randomBytes(16).toString('hex')}`
