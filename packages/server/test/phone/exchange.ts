// A telephone exchange for tests: sessions with scripted engines, and a switchboard that remembers what it was told.
import type { IncomingMessage } from 'node:http'
import { defaultConfig } from '@parley/protocol'
import type { Engines } from '../../dist/engines/engine.js'
import { scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { scriptedStt } from '../../dist/engines/stt/scripted.js'
import { scriptedTts } from '../../dist/engines/tts/scripted.js'
import { scriptedVad } from '../../dist/engines/vad/scripted.js'
import { createMetrics } from '../../dist/observe/metrics.js'
import type { CarrierName, ConnectedLine, LineEnd, PhoneCall } from '../../dist/phone/call.js'
import { phoneMedia } from '../../dist/phone/media-socket.js'
import type { Clock } from '../../dist/session/clock.js'
import { Keeper } from '../../dist/session/keeper.js'
import type { SessionObserver } from '../../dist/session/observer.js'
import { PacingWheel } from '../../dist/session/playout.js'
import type { StoredAgent } from '../../dist/session/session.js'
import { Sessions } from '../../dist/session/sessions.js'
import { MemoryConversations } from '../helpers/memory-conversations.js'

export const TICKET = 'a-ticket'
export const CALL_SID = 'CA00000000000000000000000000000001'
export const SIGNATURE = 'signed'

export const incoming: PhoneCall = {
  id: `call_${'0'.repeat(32)}`,
  accountId: 'mine',
  keyId: undefined,
  agentId: 'agent_1',
  carrier: 'twilio',
  carrierCallId: CALL_SID,
  direction: 'inbound',
  from: '+15550100',
  to: '+15550101',
  variables: {},
  greeting: undefined,
  sessionId: undefined,
}

export interface ExchangeSettings {
  readonly clock: Clock
  readonly greeting?: string
  readonly grace?: number
  readonly most?: number
  /** Calls by their tickets; each counts once. */
  readonly tickets?: Readonly<Record<string, PhoneCall>>
  readonly mostWaiting?: number
  readonly observe?: () => readonly SessionObserver[]
  /** Holds up the search for the agent. */
  readonly agentIsFound?: Promise<void>
}

const context = { dataDir: '', log() {} }

async function scripted(): Promise<Engines> {
  return {
    vad: await scriptedVad.create(scriptedVad.options.parse({}), context),
    stt: await scriptedStt.create(scriptedStt.options.parse({}), context),
    turn: undefined,
    llm: scriptedLlm(() => 'It is four.'),
    tts: scriptedTts({ knowsWords: true }),
  }
}

export type Exchange = Awaited<ReturnType<typeof exchange>>

export async function exchange(settings: ExchangeSettings) {
  const { clock, greeting = 'Hello there.', grace = 30_000, most = 10, tickets = { [TICKET]: incoming } } = settings
  const told: { what: 'connected' | 'disconnected'; session: string | undefined; end?: LineEnd | undefined }[] = []
  const connected: ConnectedLine[] = []
  const logged: string[] = []
  const spent = new Set<string>()
  const metrics = createMetrics()
  const config = defaultConfig
  const agent: StoredAgent = { config: { ...config, greeting } }
  const engines = await scripted()
  let breaks = false

  const media = phoneMedia({
    clock,
    log: (_level, message, fields) => void logged.push(`${message} ${fields?.why ?? ''}`.trim()),
    metrics,
    adapt: (stored, call) => ({
      ...stored,
      config: { ...stored.config, greeting: call.greeting ?? stored.config.greeting },
    }),
    pingEveryMs: 20_000,
    mostWaiting: settings.mostWaiting ?? 10,
    async verifyUpgrade(_carrier: CarrierName, request: IncomingMessage) {
      if (breaks) throw new Error('No signatures today.')
      const given = request.headers['x-twilio-signature']
      if (given === SIGNATURE) return undefined
      return given === undefined
        ? 'The header X-Twilio-Signature is missing.'
        : 'X-Twilio-Signature is wrong: check PUBLIC_URL.'
    },
    switchboard: {
      async redeem(carrier, ticket, carrierCallId) {
        const call = tickets[ticket]
        if (!call || spent.has(ticket) || call.carrier !== carrier || call.carrierCallId !== carrierCallId)
          return undefined
        spent.add(ticket)
        return call
      },
      connected(_call, session, line) {
        told.push({ what: 'connected', session })
        connected.push(line)
      },
      disconnected: (_call, session, end) => void told.push({ what: 'disconnected', session, end }),
    },
  })
  const keeper = new Keeper({
    clock,
    conversations: new MemoryConversations(clock),
    holder: 'one',
    log() {},
    takenOver() {},
  })
  const sessions = new Sessions(
    {
      clock,
      wheel: new PacingWheel(clock),
      engines: { engines, loaded: Promise.resolve(engines) },
      keeper,
      resumeToken: () => 'token',
      log: () => (_level, message) => void logged.push(message),
      async findAgent(_account, id) {
        await settings.agentIsFound
        return id === 'agent_1' ? agent : undefined
      },
      observe: (session) => [media.observe(session), ...(settings.observe?.() ?? [])],
      opened() {},
      ended() {},
    },
    {
      ...{ most, mostPerAccount: Number.POSITIVE_INFINITY, cap: 600_000, firstMessageWithin: 30_000 },
      ...{ grace, idleAfter: undefined, defaultVoice: 'alba' },
    },
  )
  return {
    media,
    metrics,
    sessions,
    /** What the switchboard was told, in order. */
    told,
    connected,
    logged,
    door: media.door(['twilio', 'telnyx'], sessions),
    /** From now on no signature can be checked. */
    breakSignatures() {
      breaks = true
    },
    close: () => keeper.close(),
  }
}
