// (f) A thousand short calls, ended in every way that calls end: what they leave behind in the server.
import { Caller, pause, utterance } from './caller.js'
import { type ServerProcess, startServer } from './server-process.js'
import { questions } from './speech.js'
import { figure, table } from './stats.js'

const PROMPT =
  'You are the assistant of Blue Door Bakery in Leeds. We open at seven in the morning. Sourdough costs four pounds.'
const SAMPLES = 10
/** What is left of a vanished call is gone after the grace; a little more, for the last rows to be written. */
const GRACE_SECONDS = 5
const REST_MS = 15_000

/** How a call ends, by its number: half of them as they should. */
const ENDINGS = ['end', 'vanish', 'end', 'vanish in speech', 'end', 'vanish in reply', 'end', 'end unheard'] as const
type Ending = (typeof ENDINGS)[number]

/** What the server holds, by its own metrics and by the kernel. */
interface Held {
  readonly minutes: number
  readonly calls: number
  readonly sessions: number
  readonly rssMb: number
  readonly heapMb: number
  readonly externalMb: number
  readonly files: number
  readonly handles: number
}

/** `calls` over `minutes`, evenly spread, on the embedded engines. */
export async function soak(calls = 1000, minutes = 20): Promise<string> {
  const server = await startServer({ LOG_LEVEL: 'warn', PARLEY_RESUME_GRACE_SECONDS: String(GRACE_SECONDS) })
  try {
    const speech = (await questions()).map(utterance)
    const began = performance.now()
    const held: Held[] = []
    const sample = async (done: number) => held.push(await heldBy(server, (performance.now() - began) / 60_000, done))
    const running: Promise<string | undefined>[] = []
    for (let call = 0; call < calls; call++) {
      await pause(began + (call * minutes * 60_000) / calls - performance.now())
      if (call % Math.ceil(calls / SAMPLES) === 0) await sample(call)
      running.push(one(server, speech[call % speech.length]!, ENDINGS[call % ENDINGS.length]!))
    }
    const stuck = (await Promise.all(running)).filter((stage) => stage !== undefined)
    await pause(REST_MS)
    await sample(calls)
    const warnings = server.log.length
    const ended = `${calls - stuck.length} of ${calls} calls went as they should${stages(stuck)}`
    return `${tableOf(held)}\n\n${ended}; ${warnings} warnings in the server's log.`
  } finally {
    await server.stop()
  }
}

/** What a call waited for in vain; undefined when it went as it should. Whatever happens, its line is closed. */
async function one(
  server: ServerProcess,
  question: ReturnType<typeof utterance>,
  ending: Ending,
): Promise<string | undefined> {
  const caller = await Caller.connect(server.url, server.key, { system_prompt: PROMPT, greeting: 'Good morning.' })
  const stage = { is: 'the greeting' }
  try {
    await converse(caller, question, ending, (next) => {
      stage.is = next
    })
    if (ending.startsWith('end')) await caller.end()
    return undefined
  } catch {
    return stage.is
  } finally {
    caller.vanish()
  }
}

/** A greeting, a question and, in most calls, its answer. */
async function converse(
  caller: Caller,
  question: ReturnType<typeof utterance>,
  ending: Ending,
  reach: (stage: string) => void,
): Promise<void> {
  await caller.first((event) => event.type === 'reply.done')
  if (ending === 'end unheard') return
  reach('being heard')
  caller.say(question)
  await caller.next((event) => event.type === 'input.speech.started')
  if (ending === 'vanish in speech') return
  reach('an answer')
  const { event: reply } = await caller.next((event) => event.type === 'reply.started')
  if (ending === 'vanish in reply') return
  reach('the end of the answer')
  await caller.next((event) => event.type === 'reply.done' && event.reply_id === reply.reply_id)
  reach('a sound in the answer')
  if (caller.heard.get(String(reply.reply_id))?.audible === undefined) throw new Error('The answer has no sound.')
}

/** How many calls waited in vain, for what. */
function stages(stuck: readonly string[]): string {
  const kinds = [...new Set(stuck)].map((kind) => `${stuck.filter((stage) => stage === kind).length} for ${kind}`)
  return kinds.length === 0 ? '' : `; in vain waited ${kinds.join(', ')}`
}

async function heldBy(server: ServerProcess, minutes: number, calls: number): Promise<Held> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN)
  const MB = 1024 * 1024
  return {
    minutes,
    calls,
    sessions: value('parley_sessions_active'),
    rssMb: server.memoryMb(),
    heapMb: value('nodejs_heap_size_used_bytes') / MB,
    externalMb: value('nodejs_external_memory_bytes') / MB,
    files: value('process_open_fds'),
    handles: value('nodejs_active_handles_total'),
  }
}

const tableOf = (held: readonly Held[]): string =>
  table(
    ['minute', 'calls', 'sessions open', 'RSS MB', 'heap MB', 'external MB', 'open files', 'handles'],
    held.map((at) => [
      figure(at.minutes, 1),
      String(at.calls),
      figure(at.sessions),
      figure(at.rssMb),
      figure(at.heapMb),
      figure(at.externalMb),
      figure(at.files),
      figure(at.handles),
    ]),
  )
