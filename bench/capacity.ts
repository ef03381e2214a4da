// (d) How many sessions a machine holds: latency, the loop's delay and CPU as their number grows.
import { Caller, pause, utterance } from './caller.js'
import { ask } from './latency.js'
import { scripted } from './overhead.js'
import { type ServerProcess, startServer } from './server-process.js'
import { questions, tone } from './speech.js'
import { figure, p50, p95, table } from './stats.js'

export async function capacity(): Promise<string> {
  const head = [
    'engines',
    'sessions',
    'cores used',
    'latency p50',
    'latency p95',
    'loop delay p99 ms',
    'answered',
    'RSS MB',
  ]
  const rows: string[][] = []
  for (const count of [300, 600]) rows.push(await load('scripted', scripted, count, [tone(2000)]))
  const speech = await questions()
  for (const count of [10, 20, 30]) rows.push(await load('embedded', {}, count, speech))
  return table(head, rows)
}

async function load(
  name: string,
  environment: Readonly<Record<string, string>>,
  count: number,
  speech: readonly Int16Array[],
  seconds = 24,
): Promise<string[]> {
  const server = await startServer({ ...environment, LOG_LEVEL: 'info' })
  try {
    const callers: Caller[] = []
    for (let index = 0; index < count; index++)
      callers.push(await Caller.connect(server.url, server.key, { system_prompt: 'We open at seven.' }))
    await pause(1000)
    const before = { cpu: server.cpuMs(), at: performance.now() }
    const results = await Promise.all(
      callers.map(async (caller, index) => {
        await pause((index * 8000) / count)
        const totals: (number | undefined)[] = []
        while (performance.now() - before.at < seconds * 1000) {
          const next = pause(8000)
          totals.push((await ask(caller, utterance(speech[(index + totals.length) % speech.length]!)))?.total)
          await next
        }
        return totals
      }),
    )
    const cores = (server.cpuMs() - before.cpu) / (performance.now() - before.at)
    const all = results.flat()
    const answered = all.filter((total) => total !== undefined)
    const row = [
      name,
      String(count),
      figure(cores, 2),
      figure(p50(answered)),
      figure(p95(answered)),
      figure(await loopDelayP99(server), 1),
      `${answered.length}/${all.length}`,
      figure(server.memoryMb()),
    ]
    await Promise.all(callers.map((caller) => caller.end()))
    return row
  } finally {
    await server.stop()
  }
}

/** As the server's own metrics tell it. */
async function loopDelayP99(server: ServerProcess): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const line = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)
  return line ? Number(line[1]) * 1000 : Number.NaN
}
