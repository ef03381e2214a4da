// (a) From the end of speech to the first audible reply, on the embedded engines, split into its parts.

import { Caller, pause, utterance } from './caller.js'
import type { LogLine, ServerProcess } from './server-process.js'
import { startServer } from './server-process.js'
import { questions } from './speech.js'
import { figure, p50, p95, table } from './stats.js'

const PROMPT =
  'You are the assistant of Blue Door Bakery in Leeds. We open at seven in the morning and close at five. Sourdough costs four pounds. We do not deliver.'

/** How long after the end of speech the reply was heard, in ms. */
export interface Turn {
  readonly total: number
  readonly reply: string
}

export async function latency(sessionCounts: readonly number[] = [1, 20], turns = 6): Promise<string> {
  const server = await startServer()
  try {
    const rows: string[][] = []
    for (const count of sessionCounts) rows.push(await measure(server, count, turns))
    return table(
      [
        'sessions',
        'turns',
        'total p50',
        'total p95',
        'judging p50',
        'words p50',
        'voice p50',
        'on its way p50',
        'transcript ready after p50',
        'answered',
      ],
      rows,
    )
  } finally {
    await server.stop()
  }
}

async function measure(server: ServerProcess, count: number, turns: number): Promise<string[]> {
  const asked = await questions()
  const before = server.log.length
  const callers = await Promise.all(
    Array.from({ length: count }, () => Caller.connect(server.url, server.key, { system_prompt: PROMPT })),
  )
  const results = await Promise.all(
    callers.map(async (caller, index) => {
      await pause(1000 + (index * 4000) / count)
      const seen: (Turn | undefined)[] = []
      for (let turn = 0; turn < turns; turn++) {
        seen.push(await ask(caller, utterance(asked[(index + turn) % asked.length]!)))
        await pause(500)
      }
      await caller.end()
      return seen
    }),
  )
  const all = results.flat()
  const answered = all.filter((turn) => turn !== undefined)
  const parts = partsOf(server.log.slice(before), new Set(answered.map(({ reply }) => reply)))
  const median = (name: keyof (typeof parts)[number]) => figure(p50(parts.map((part) => part[name])))
  const totals = answered.map(({ total }) => total)
  return [
    String(count),
    String(all.length),
    figure(p50(totals)),
    figure(p95(totals)),
    median('judging'),
    median('words'),
    median('voice'),
    median('sending'),
    median('transcript'),
    `${answered.length}/${all.length}`,
  ]
}

/** Asks and listens; undefined when no answer could be heard. */
export async function ask(caller: Caller, question: ReturnType<typeof utterance>): Promise<Turn | undefined> {
  const { ended } = caller.say(question)
  const isLater = (at: number) => at > ended - 300
  const started = await caller
    .next(({ type }) => type === 'reply.started' && isLater(performance.now()))
    .catch(() => undefined)
  if (!started) return undefined
  const reply = String(started.event.reply_id)
  await caller.next(({ type, reply_id }) => type === 'reply.done' && reply_id === reply)
  const audible = caller.heard.get(reply)?.audible
  return audible === undefined ? undefined : { total: audible - ended, reply }
}

/** The server's own account of each reply, as it logs it. */
function partsOf(log: readonly LogLine[], replies: ReadonlySet<string>) {
  return log
    .filter(({ msg, reply }) => msg === 'reply' && replies.has(String(reply)))
    .map((line) => {
      const at = (name: string) => (typeof line[name] === 'number' ? line[name] : Number.NaN)
      return {
        judging: at('committed') - at('speechEnded'),
        transcript: at('transcribed') - at('speechEnded'),
        words: at('firstWord') - at('committed'),
        voice: at('firstSound') - at('firstWord'),
        sending: at('firstSent') - at('firstSound'),
      }
    })
}
