// (c) What the server itself adds and costs, with engines that cost nothing, beside a bare relay of the same frames.
import { fileURLToPath } from 'node:url'
import { Caller, pause, utterance } from './caller.js'
import { ask, type Turn } from './latency.js'
import { type LogLine, startProcess, startServer } from './server-process.js'
import { tone } from './speech.js'
import { figure, p50, percentile, table } from './stats.js'

/** Engines that take the wire's own rate and do next to nothing; what they themselves wait is taken off the latency. */
export const scripted = {
  PARLEY_VAD: 'scripted',
  PARLEY_VAD_OPTIONS: '{"sampleRateHz":24000}',
  PARLEY_STT: 'scripted',
  PARLEY_STT_OPTIONS: '{"sampleRateHz":24000,"texts":["What time is it?"]}',
  PARLEY_LLM: 'scripted',
  PARLEY_TTS: 'scripted',
}

interface Measured {
  readonly cpuPerMinute: number
  readonly framesOutPerSecond: number
  readonly added: readonly number[]
  readonly memoryMb: number
}

export async function overhead(counts: readonly number[] = [100, 300], seconds = 24): Promise<string> {
  const rows: string[][] = []
  for (const count of counts) {
    const served = await conversations(count, seconds)
    const relayed = await relay(count, seconds, served.framesOutPerSecond)
    rows.push([
      String(count),
      figure(served.cpuPerMinute),
      figure(relayed),
      figure(served.cpuPerMinute / relayed, 2),
      figure(p50(served.added), 1),
      figure(percentile(served.added, 0.99), 1),
      figure(served.framesOutPerSecond, 1),
      figure(served.memoryMb),
    ])
  }
  return table(
    [
      'sessions',
      'server CPU ms/session-min',
      'bare ws relay',
      'ratio',
      'added p50 ms',
      'added p99 ms',
      'frames out/s',
      'RSS MB',
    ],
    rows,
  )
}

/** Everybody talks: a question of 2 s every 8 s. */
export async function conversations(
  count: number,
  seconds: number,
  environment: Readonly<Record<string, string>> = scripted,
): Promise<Measured> {
  const server = await startServer({ ...environment, LOG_LEVEL: 'info' })
  try {
    const callers = await connectAll(count, () => Caller.connect(server.url, server.key, { system_prompt: 'Answer.' }))
    const question = utterance(tone(2000))
    await pause(2000)
    const before = { cpu: server.cpuMs(), at: performance.now(), frames: framesIn(callers) }
    const turns = (
      await Promise.all(
        callers.map(async (caller, index) => {
          await pause((index * 8000) / count)
          const seen: Turn[] = []
          while (performance.now() - before.at < seconds * 1000) {
            const next = pause(8000)
            const turn = await ask(caller, question)
            if (turn) seen.push(turn)
            await next
          }
          return seen
        }),
      )
    ).flat()
    const minutes = ((performance.now() - before.at) / 60_000) * count
    const measured = {
      cpuPerMinute: (server.cpuMs() - before.cpu) / minutes,
      framesOutPerSecond: (framesIn(callers) - before.frames) / (minutes * 60),
      added: added(turns, server.log),
      memoryMb: server.memoryMb(),
    }
    await Promise.all(callers.map((caller) => caller.end()))
    return measured
  } finally {
    await server.stop()
  }
}

/** All but the wait that the rules of the turn ask for: the way in, the engines' next to nothing, the way out. */
function added(turns: readonly Turn[], log: readonly LogLine[]): number[] {
  const waits = new Map(
    log
      .filter(({ msg }) => msg === 'reply')
      .map((line) => [line.reply, Number(line.committed) - Number(line.speechEnded)]),
  )
  return turns.map(({ total, reply }) => total - (waits.get(reply) ?? Number.NaN)).filter(Number.isFinite)
}

async function relay(count: number, seconds: number, framesOutPerSecond: number): Promise<number> {
  const server = await startProcess(['--max-semi-space-size=64', fileURLToPath(new URL('relay.js', import.meta.url))], {
    FRAMES_OUT_PER_SECOND: String(framesOutPerSecond),
  })
  try {
    const callers = await connectAll(count, () => Caller.connect(server.url, '', {}))
    await pause(2000)
    const before = { cpu: server.cpuMs(), at: performance.now() }
    await pause(seconds * 1000)
    const used = (server.cpuMs() - before.cpu) / (((performance.now() - before.at) / 60_000) * count)
    await Promise.all(callers.map((caller) => caller.end()))
    return used
  } finally {
    await server.stop()
  }
}

async function connectAll(count: number, connect: () => Promise<Caller>): Promise<Caller[]> {
  const callers: Caller[] = []
  for (let index = 0; index < count; index++) callers.push(await connect())
  return callers
}

const framesIn = (callers: readonly Caller[]) => callers.reduce((sum, caller) => sum + caller.framesIn, 0)
