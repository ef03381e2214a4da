// (e) What keeping sessions costs: the same conversations with their sound recorded, with their words alone, with neither.
import { conversations, scripted } from './overhead.js'
import { figure, table } from './stats.js'

const MS_PER_MINUTE = 60_000

/** CPU of the whole server, its recording thread included, for each session; as a share of one core. */
export async function recording(count = 40, seconds = 24): Promise<string> {
  const share = async (recordings: string) => {
    const { cpuPerMinute, memoryMb } = await conversations(count, seconds, {
      ...scripted,
      PARLEY_RECORDINGS: recordings,
    })
    return { percent: (cpuPerMinute / MS_PER_MINUTE) * 100, memoryMb }
  }
  const without = await share('off')
  const rows: (readonly [string, typeof without])[] = [['off', without]]
  for (const kept of ['text', 'on']) rows.push([kept, await share(kept)])
  return table(
    ['PARLEY_RECORDINGS', 'sessions', 'CPU of a core per session, %', 'added, %', 'RSS MB'],
    rows.map(([kept, { percent, memoryMb }]) => [
      kept,
      String(count),
      figure(percent, 2),
      figure(percent - without.percent, 2),
      figure(memoryMb),
    ]),
  )
}
