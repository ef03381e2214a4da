// Where carriers connect the sound of a call: WebSocket upgrades that they have signed.
import type { IncomingMessage } from 'node:http'
import { WebSocketServer } from 'ws'
import type { Metrics } from '../observe/metrics.js'
import type { Clock } from '../session/clock.js'
import { Lobby } from '../session/lobby.js'
import type { SessionObserver } from '../session/observer.js'
import type { SessionLog } from '../session/session.js'
import { goodbye, refuseUpgrade, type SocketDoor } from '../transports/upgrades.js'
import { type CarrierName, carrierPath, type Switchboard } from './call.js'
import { CallLines } from './call-lines.js'
import type { MediaStream } from './carrier.js'
import { type CallSessions, connectMedia } from './media-connection.js'
import type { AdaptAgent } from './phone-channel.js'
import { telnyxStream } from './telnyx.js'
import { twilioStream } from './twilio.js'

/** No message of a carrier comes near it: a second of sound is 11 kB. */
const MOST_MESSAGE_BYTES = 65_536

/** Twilio has signed the upgrade, and may find a busy server slow to read; of Telnyx nothing is known before its ticket. */
const startWithinMs: Readonly<Record<CarrierName, number>> = { twilio: 30_000, telnyx: 10_000 }

const streams: Readonly<Record<CarrierName, () => MediaStream>> = { twilio: twilioStream, telnyx: telnyxStream }

export interface PhoneMediaPorts {
  readonly clock: Clock
  readonly log: SessionLog
  readonly metrics: Pick<Metrics, 'traffic' | 'lines' | 'callEnded' | 'requestRefused'>
  readonly switchboard: Switchboard
  readonly adapt: AdaptAgent
  /** Why the upgrade is not one of the carrier, and what to check; undefined for one that is. */
  verifyUpgrade(carrier: CarrierName, request: IncomingMessage): string | undefined | Promise<string | undefined>
  /** How often a carrier has to show that it is there. */
  readonly pingEveryMs: number
  /** The most streams of one carrier that may wait to be connected. */
  readonly mostWaiting: number
}

export interface PhoneMedia {
  /** Follows a session; of those that belong to a call the switchboard is told how they end. */
  observe(session: { readonly id: string }): SessionObserver
  /** What serves the streams of these carriers. */
  door(carriers: readonly CarrierName[], sessions: CallSessions): SocketDoor
}

export function phoneMedia(ports: PhoneMediaPorts): PhoneMedia {
  const { clock, log, metrics, switchboard, adapt, pingEveryMs } = ports
  const lines = new CallLines({ switchboard, ended: (carrier, reason) => metrics.callEnded(carrier, reason) })
  // strangers can crowd that of a carrier which signs no upgrade, and no other
  const lobbies: Readonly<Record<CarrierName, Lobby>> = {
    twilio: new Lobby(ports.mostWaiting),
    telnyx: new Lobby(ports.mostWaiting),
  }
  const { traffic, lines: tally } = metrics
  const shared = { clock, log, traffic, pingEveryMs, tally, switchboard, lines, adapt }
  return {
    observe: (session) => lines.observe(session),
    door(carriers, sessions) {
      const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false })
      const byPath = new Map(carriers.map((carrier) => [carrierPath(carrier, 'media'), carrier]))
      return {
        paths: new Set(byPath.keys()),
        async upgrade(request, stream, head, url) {
          // true because the door is asked for its own paths alone
          const carrier = byPath.get(url.pathname)!
          const problem = await problemWith(carrier, request, ports)
          if (problem === undefined)
            return sockets.handleUpgrade(request, stream, head, (socket) =>
              connectMedia(socket, streams[carrier](), {
                ...{ ...shared, carrier, sessions },
                ...{ lobby: lobbies[carrier], startWithinMs: startWithinMs[carrier] },
              }),
            )
          metrics.requestRefused(403)
          log('warn', 'The upgrade to the stream of a call is refused.', { carrier, why: problem })
          refuseUpgrade(stream, '403 Forbidden', problem)
        },
        async close() {
          await goodbye(sockets.clients, clock)
          sockets.close()
        },
      }
    },
  }
}

async function problemWith(
  carrier: CarrierName,
  request: IncomingMessage,
  { verifyUpgrade, log }: PhoneMediaPorts,
): Promise<string | undefined> {
  try {
    return await verifyUpgrade(carrier, request)
  } catch (error) {
    log('error', 'A signature could not be checked.', { carrier, error: String(error) })
    return 'The signature could not be checked. See the log of the server.'
  }
}
