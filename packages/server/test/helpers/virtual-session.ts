// A session in virtual time: engines that follow a script, a line that remembers what was sent.
import type { EngineKind } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import type { Engines, LlmOutput, LlmRequest, SttOutput, VadOutput } from '../../dist/engines/engine.js'
import { VirtualClock } from '../../dist/session/clock.js'
import type { SessionObserver } from '../../dist/session/observer.js'
import { PacingWheel } from '../../dist/session/playout.js'
import { type Line, Session, type SessionPorts, type StoredAgent } from '../../dist/session/session.js'
import type { TurnTimes } from '../../dist/session/stopwatch.js'

export interface Script {
  readonly vad?: readonly { readonly at: number; readonly out: VadOutput }[]
  readonly stt?: readonly { readonly at: number; readonly out: SttOutput }[]
  readonly llm?: (request: LlmRequest, sleep: (ms: number) => Promise<void>) => AsyncIterable<LlmOutput>
  /** Milliseconds of sound for each character of a clause. */
  readonly msPerCharacter?: number
  /** How long after its sound a clause is said to be whole. */
  readonly markedAfterMs?: number
  readonly agents?: Readonly<Record<string, StoredAgent>>
  /** Why the store cannot be read. */
  readonly storeFails?: Error
}

export interface Sent {
  readonly at: number
  readonly event: ServerEvent | { readonly type: 'frame'; readonly reply_id: string; readonly bytes: number }
}

const never = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

export function virtualSession(script: Script = {}, observers: readonly SessionObserver[] = []) {
  const clock = new VirtualClock()
  const sent: Sent[] = []
  const requests: LlmRequest[] = []
  const measured: TurnTimes[] = []
  const failed: EngineKind[] = []
  const logged: { level: string; message: string }[] = []
  let closed: { code: number; reason: string } | undefined
  let over: string | undefined
  let breaks: (event: ServerEvent) => boolean = () => false
  const info = (kind: keyof Engines) => ({ kind, name: 'test', description: 'For tests.', version: '1' })
  const close = async () => {}

  async function* play<Out>(lines: readonly { at: number; out: Out }[], signal: AbortSignal) {
    for (const { at, out } of lines) {
      await clock.sleep(at - clock.now())
      if (signal.aborted) return
      yield out
    }
    await never(signal)
  }

  const engines: Engines = {
    vad: {
      info: info('vad'),
      sampleRateHz: 24_000,
      close,
      open: (_audio, _settings, signal) => play(script.vad ?? [], signal),
    },
    stt: {
      info: info('stt'),
      sampleRateHz: 24_000,
      close,
      open: (_input, _settings, signal) => play(script.stt ?? [], signal),
    },
    turn: undefined,
    llm: {
      info: info('llm'),
      close,
      open(request) {
        requests.push(request)
        return (script.llm ?? async function* () {})(request, (ms) => clock.sleep(ms))
      },
    },
    tts: {
      info: info('tts'),
      sampleRateHz: 24_000,
      voices: [],
      close,
      async *open(clauses, _settings, signal) {
        for await (const clause of clauses) {
          await clock.sleep(50)
          if (signal.aborted) return
          const samples = Math.round(clause.length * (script.msPerCharacter ?? 60) * 24)
          if (samples > 0) yield { type: 'audio', samples: new Int16Array(samples).fill(1000) }
          if (script.markedAfterMs !== undefined) await clock.sleep(script.markedAfterMs)
          yield { type: 'clause' }
        }
      },
    },
  }
  const line: Line = {
    send(event) {
      if (breaks(event)) throw new TypeError('The line broke.')
      sent.push({ at: clock.now(), event })
    },
    sendFrame: (reply_id, _bytes, start, end) =>
      sent.push({ at: clock.now(), event: { type: 'frame', reply_id, bytes: end - start } }),
    close: (code, reason) => {
      closed = { code, reason }
    },
  }
  const ports: SessionPorts = {
    clock,
    wheel: new PacingWheel(clock),
    engines: { engines, loaded: Promise.resolve(engines) },
    line,
    resumeToken: 'parley_rt_test',
    findAgent: async (id) => {
      if (script.storeFails) throw script.storeFails
      return script.agents?.[id]
    },
    log: (level, message) => logged.push({ level, message }),
    observers,
    measured: (times) => measured.push(times),
    failed: (engine) => failed.push(engine),
    over: (reason) => {
      over = reason
    },
  }
  const session = Session.open(ports, {
    id: `sess_${'0123456789abcdef'.repeat(2)}`,
    cap: 3_600_000,
    firstMessageWithin: 30_000,
    grace: 30_000,
    defaultVoice: 'alba',
  })
  return {
    session,
    /** What the session was given. */
    ports,
    engines,
    /** The line that opened the session. */
    line,
    clock,
    sent,
    requests,
    measured,
    logged,
    /** The engines that were counted as failed. */
    failed,
    /** Event types in order, frames left out. */
    types: () => sent.map(({ event }) => event.type).filter((type) => type !== 'frame'),
    find: <Type extends ServerEvent['type']>(type: Type) =>
      sent.flatMap(({ at, event }) =>
        event.type === type ? [{ at, event: event as Extract<ServerEvent, { type: Type }> }] : [],
      ),
    frames: () => sent.filter(({ event }) => event.type === 'frame'),
    closed: () => closed,
    over: () => over,
    /** From now on the line throws at such events. */
    breakLine(at: (event: ServerEvent) => boolean) {
      breaks = at
    },
  }
}
