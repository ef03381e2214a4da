// (b) How soon the agent is silent when the user speaks over it.
import { Caller, pause, utterance } from './caller.js'
import { startServer } from './server-process.js'
import { interruptions } from './speech.js'
import { figure, p50, p95, table } from './stats.js'

const LONG_GREETING =
  'Thank you for calling. Let me tell you everything about our opening hours, our bread, our cakes, our prices and our delivery area, one after the other, and please do not hesitate to stop me at any time, because this will take me quite a while to say in full.'

export async function bargeIn(times = 10): Promise<string> {
  const server = await startServer()
  const silent: number[] = []
  const told: number[] = []
  try {
    for (let round = 0; round < times; round++) {
      const [first] = await interruptions()
      const caller = await Caller.connect(server.url, server.key, { greeting: LONG_GREETING })
      const { event } = await caller.first(({ type }) => type === 'reply.started')
      await pause(1500 + round * 37)
      const { began } = caller.say(utterance(first!))
      const done = await caller.next(({ type }) => type === 'reply.done')
      const heard = caller.heard.get(String(event.reply_id))!
      // what was sent is still played: the last frame at its place after the first
      silent.push(Math.max(heard.last, heard.first + heard.frames * 20) - began)
      if (done.event.status === 'interrupted') told.push(done.at - began)
      await caller.end()
    }
    const stops = server.log
      .filter(({ msg, interrupted }) => msg === 'reply' && interrupted === true)
      .map((line) => Number(line.stoppedAfter ?? 0))
    return table(
      ['what', 'p50', 'p95', 'most', 'n'],
      [
        row('speech onset → client silent (all that was sent is played)', silent),
        row('decision to pause → last frame sent', stops),
        row('speech onset → reply.done{interrupted}', told),
      ],
    )
  } finally {
    await server.stop()
  }
}

const row = (what: string, values: readonly number[]) => [
  what,
  figure(p50(values)),
  figure(p95(values)),
  figure(Math.max(...values)),
  String(values.length),
]
