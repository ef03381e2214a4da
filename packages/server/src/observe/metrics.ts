// What the server counts of itself, for Prometheus.
import type { EngineKind } from '@parley/conversation'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { CarrierName } from '../phone/call.js'
import type { LineTally } from '../phone/inbound.js'
import type { Departure } from '../session/ports.js'
import type { Traffic } from '../transports/wire.js'

export interface Metrics {
  readonly traffic: Traffic
  /** Of all telephone lines together. */
  readonly lines: LineTally
  sessionOpened(): void
  sessionEnded(reason: Departure): void
  /** A connection that never became a session: `unauthorized`, `concurrency_exceeded`, `at_capacity`. */
  sessionRefused(code: string): void
  /** The session of a telephone call is over, or never began (`refused`). */
  callEnded(carrier: CarrierName, reason: Departure): void
  /** A request that was answered with 401, 403 or 429. */
  requestRefused(status: number): void
  bargeIn(): void
  engineFailed(kind: EngineKind): void
  /** A tool of the server has run. `kind`: `http` or `mcp`. */
  toolRan(kind: string, outcome: string, durationMs: number): void
  /** From the end of the user's speech to the first sound of the reply, in milliseconds. */
  replied(latencyMs: number): void
  readonly activeSessions: number
  /** Everything in the text format of Prometheus, with its media type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

const LATENCY_SECONDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10]
const TOOL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // Among these are the delay of the event loop, the garbage collector and the memory.
  collectDefaultMetrics({ register: registry })
  const traffic: Traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 }
  const lines: LineTally = { silenceFilledMs: 0, soundDroppedMs: 0, marksLost: 0 }
  let activeSessions = 0

  new Gauge({
    name: 'parley_sessions_active',
    help: 'Sessions that are running.',
    registers,
    collect() {
      this.set(activeSessions)
    },
  })
  exposeCount('parley_frames_received_total', 'Messages received from clients.', () => traffic.framesIn)
  exposeCount('parley_frames_sent_total', 'Messages sent to clients.', () => traffic.framesOut)
  exposeCount('parley_received_bytes_total', 'Bytes of messages received from clients.', () => traffic.bytesIn)
  exposeCount('parley_sent_bytes_total', 'Bytes of messages sent to clients.', () => traffic.bytesOut)
  exposeCount(
    'parley_phone_silence_filled_seconds_total',
    'Silence put in place of sound that telephone lines have lost.',
    () => lines.silenceFilledMs / 1000,
  )
  exposeCount(
    'parley_phone_sound_dropped_seconds_total',
    'Sound of telephone lines that came twice, or too late to be used.',
    () => lines.soundDroppedMs / 1000,
  )
  exposeCount(
    'parley_phone_marks_lost_total',
    'Marks in the sound of telephone calls that carriers did not send back though a later one came.',
    () => lines.marksLost,
  )

  const opened = new Counter({ name: 'parley_sessions_opened_total', help: 'Sessions opened.', registers })
  const ended = new Counter({
    name: 'parley_sessions_ended_total',
    help: 'Sessions ended, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const refused = new Counter({
    name: 'parley_sessions_refused_total',
    help: 'Connections that were refused before they became a session, by error code.',
    labelNames: ['code'],
    registers,
  })
  const callsEnded = new Counter({
    name: 'parley_calls_ended_total',
    help: 'Telephone calls whose session is over, by carrier and reason.',
    labelNames: ['carrier', 'reason'],
    registers,
  })
  const requestsRefused = new Counter({
    name: 'parley_requests_refused_total',
    help: 'Requests that were refused, by status: no valid key (401), not with this key (403), too many (429).',
    labelNames: ['status'],
    registers,
  })
  const bargeIns = new Counter({ name: 'parley_barge_ins_total', help: 'Replies cut short by the user.', registers })
  const failures = new Counter({
    name: 'parley_engine_failures_total',
    help: 'Failures of engines, by kind.',
    labelNames: ['kind'],
    registers,
  })
  const toolRuns = new Counter({
    name: 'parley_tool_runs_total',
    help: 'Runs of tools of the server, by kind (http, mcp) and outcome.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const toolSeconds = new Histogram({
    name: 'parley_tool_run_seconds',
    help: 'How long tools of the server take, by kind.',
    labelNames: ['kind'],
    buckets: TOOL_SECONDS,
    registers,
  })
  const latency = new Histogram({
    name: 'parley_reply_latency_seconds',
    help: "From the end of the user's speech to the first sound of the reply.",
    buckets: LATENCY_SECONDS,
    registers,
  })

  function exposeCount(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  return {
    traffic,
    lines,
    get activeSessions() {
      return activeSessions
    },
    sessionOpened() {
      activeSessions++
      opened.inc()
    },
    sessionEnded(reason) {
      activeSessions--
      ended.inc({ reason })
    },
    sessionRefused: (code) => refused.inc({ code }),
    callEnded: (carrier, reason) => callsEnded.inc({ carrier, reason }),
    requestRefused: (status) => requestsRefused.inc({ status }),
    bargeIn: () => bargeIns.inc(),
    engineFailed: (kind) => failures.inc({ kind }),
    toolRan(kind, outcome, durationMs) {
      toolRuns.inc({ kind, outcome })
      toolSeconds.observe({ kind }, durationMs / 1000)
    },
    replied: (latencyMs) => latency.observe(latencyMs / 1000),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
