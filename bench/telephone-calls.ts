// (g) Telephone calls: what one costs the server, and how long a caller waits for the first sound of an answer at the ear.
import { type Call, SimulatedTwilio, type Stream } from '@parley/conformance/phone'
import { muLaw } from '@parley/server/audio/g711.js'
import { pause, SAMPLE_RATE_HZ, utterance } from './caller.js'
import { type ServerProcess, startServer } from './server-process.js'
import { questions, tone } from './speech.js'
import { figure, p50, p95, table } from './stats.js'
import { resampled } from './telephone.js'

const PUBLIC = 'https://phone.example'
const NUMBER = '+15550100'
const PHONE_HZ = 8000
const ASK_EVERY_MS = 8000
/** A sample from which a reply can be heard. */
const AUDIBLE = 300
const QUIET_MS = 400
const ANSWER_WITHIN_MS = 30_000

/** Engines that take the rate of the line and do next to nothing. */
const scripted = {
  PARLEY_VAD: 'scripted',
  PARLEY_VAD_OPTIONS: '{"sampleRateHz":8000}',
  PARLEY_STT: 'scripted',
  PARLEY_STT_OPTIONS: '{"sampleRateHz":8000,"texts":["What time is it?"]}',
  PARLEY_LLM: 'scripted',
  PARLEY_TTS: 'scripted',
  PARLEY_TTS_OPTIONS: '{"sampleRateHz":8000}',
}

/** What a caller says, in mu-law, and where its acoustic end lies, in ms. */
interface Question {
  readonly sound: Uint8Array
  readonly ends: number
}

export async function telephoneCalls(seconds = 24): Promise<string> {
  const rows: string[][] = []
  for (const count of [100, 200]) rows.push(await load('scripted', scripted, count, seconds, [tone(2000)]))
  const speech = await questions()
  for (const count of [1, 10, 20]) rows.push(await load('embedded', {}, count, seconds, speech))
  const head = ['engines', 'calls', 'CPU ms per call and minute', 'calls per core', 'to the ear p50 ms', 'p95 ms']
  return table([...head, 'answered', 'RSS MB'], rows)
}

async function load(
  name: string,
  environment: Readonly<Record<string, string>>,
  count: number,
  seconds: number,
  speech: readonly Int16Array[],
): Promise<string[]> {
  let server: ServerProcess | undefined
  // `ws` opens sockets at addresses of http, too
  const route = (url: string) => url.replace(/^(?:https|wss):\/\/phone\.example/, () => server?.url ?? '')
  const twilio = await SimulatedTwilio.start({ numbers: { [NUMBER]: '' }, route })
  try {
    server = await startServer({
      ...{ LOG_LEVEL: 'info', PARLEY_PUBLIC_URL: PUBLIC, PARLEY_RECORDINGS: 'off' },
      ...{ TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken },
      ...environment,
    })
    twilio.connect(NUMBER, `${PUBLIC}/v1/twilio/voice?agent_id=${await agentOf(server)}`)
    const lines = await connected(twilio, count)
    await Promise.all(lines.map(quiet))
    const before = { cpu: server.cpuMs(), at: performance.now() }
    const asked = speech.map(questionOf)
    const waits = (
      await Promise.all(lines.map((line, index) => converse(line, index / count, before.at + seconds * 1000, asked)))
    ).flat()
    const minutes = ((performance.now() - before.at) / 60_000) * count
    const perMinute = (server.cpuMs() - before.cpu) / minutes
    const answered = waits.filter((wait) => wait !== undefined)
    return [
      ...[name, String(count), figure(perMinute), figure(60_000 / perMinute)],
      ...[
        figure(p50(answered)),
        figure(p95(answered)),
        `${answered.length}/${waits.length}`,
        figure(server.memoryMb()),
      ],
    ]
  } finally {
    await twilio.close()
    await server?.stop()
  }
}

async function agentOf({ url, key }: ServerProcess): Promise<string> {
  const response = await fetch(`${url}/v1/agents`, {
    method: 'POST',
    headers: { authorization: key, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Baker',
      system_prompt: 'You are the assistant of a bakery. We open at seven in the morning. Sourdough costs four pounds.',
      voice: { voice_id: 'alba' },
      greeting: 'Good morning.',
    }),
  })
  // the schema of the answer says so
  const { id } = (await response.json()) as { readonly id: string }
  return id
}

/** One after another, as calls come. */
async function connected(twilio: SimulatedTwilio, count: number): Promise<readonly Stream[]> {
  const calls: Call[] = []
  for (let index = 0; index < count; index++) {
    calls.push(twilio.dial(`+1555${String(index).padStart(6, '0')}`, NUMBER))
    await pause(20)
  }
  return Promise.all(calls.map((call) => call.stream()))
}

const questionOf = (samples: Int16Array): Question => ({
  sound: muLaw.encode(resampled(samples, SAMPLE_RATE_HZ, PHONE_HZ)),
  ends: utterance(samples).ends,
})

/** Asks every so often, beginning at `share` of the time between two questions. How long each answer took. */
async function converse(
  line: Stream,
  share: number,
  until: number,
  asked: readonly Question[],
): Promise<readonly (number | undefined)[]> {
  await pause(share * ASK_EVERY_MS)
  const waits: (number | undefined)[] = []
  while (performance.now() < until) {
    const next = pause(ASK_EVERY_MS)
    const question = asked[waits.length % asked.length]!
    const spoken = line.say(question.sound).begins + question.ends
    waits.push(await heardAfter(line, spoken))
    await quiet(line)
    await next
  }
  return waits
}

/** From the end of the speech to the first sound at the ear; undefined when there was none. */
async function heardAfter(line: Stream, spoken: number): Promise<number | undefined> {
  let from = Math.ceil(spoken * 8)
  while (line.now < spoken + ANSWER_WITHIN_MS) {
    const { heard } = line
    const first = muLaw.decode(heard.slice(from)).findIndex((sample) => Math.abs(sample) >= AUDIBLE)
    if (first >= 0) return (from + first) / 8 - spoken
    from = Math.max(from, heard.length)
    await pause(20)
  }
  return undefined
}

/** Waits until the caller has heard something, and then nothing for a while. */
async function quiet(line: Stream): Promise<void> {
  for (const end = line.now + ANSWER_WITHIN_MS; line.now < end; await pause(50)) {
    const last = line.spans.at(-1)
    if (last && line.now - (last.at + last.length) / 8 > QUIET_MS) return
  }
}
