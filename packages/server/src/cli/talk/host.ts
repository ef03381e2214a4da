// The server and the agent for a call: those that were named, or some that last as long as the call.
import { randomBytes } from 'node:crypto'
import type { AgentInput } from '@parley/client'
import { readConfig } from '../../config.js'
import type { Cli } from '../context.js'
import { withProgress } from '../progress.js'
import { serverEnvironment } from '../serve.js'
import { onServer, type ServerAddress } from '../server-address.js'

const REACHABLE_WITHIN_MS = 2000

/**
 * Runs `use` with a server: the one at `address`, or, when nobody named it and nothing is there, one that is
 * started in this process on a free port and closed afterwards.
 */
export async function withServer<Result>(
  cli: Cli,
  address: ServerAddress,
  use: (address: ServerAddress) => Promise<Result>,
): Promise<Result> {
  if (address.isNamed || (await isReachable(address.url))) return use(address)
  cli.terminal.note(`No server answers at ${address.url}; starting one for this call.`)
  const key = address.key ?? randomBytes(24).toString('hex')
  const { config } = readConfig({
    ...serverEnvironment(cli.environment),
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    PARLEY_API_KEY: key,
  })
  const server = await withProgress('Loading the engines', cli.services.startServer(config), cli)
  try {
    return await use({ url: server.url, key, isNamed: true })
  } finally {
    await server.close('now')
  }
}

/** Stores `agent`, runs `use` with its id, and deletes it again: a model of its own is taken only from a stored agent. */
export async function withStoredAgent<Result>(
  address: ServerAddress,
  agent: AgentInput,
  use: (agentId: string) => Promise<Result>,
): Promise<Result> {
  const { id } = await onServer(address, (api) => api.agents.create(agent))
  try {
    return await use(id)
  } finally {
    await onServer(address, (api) => api.agents.delete(id))
  }
}

/** Whether anything answers there at all. */
async function isReachable(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) })
    return true
  } catch {
    return false
  }
}
