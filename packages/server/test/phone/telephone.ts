// A server with a telephone: a simulated Twilio that calls it, a model that answers by script, a voice that can be read.
import assert from 'node:assert/strict'
import { type Call, type Callee, type LineQuality, SimulatedTwilio, type Stream } from '@parley/conformance/phone'
import type { TimelineDocument, TimelineTurn } from '../../dist/history/timeline-document.js'
import { type FakeServer, fakeServer, type Received, type Script } from '../engines/openai-server.js'
import { promptedSttPath } from '../helpers/prompted-stt.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { stretchesHeard, wordsHeard } from './ear.js'
import { legibleVoicePath, wordsOf } from './legible-voice.js'

/** The address at which the carrier knows the server. */
export const PUBLIC = 'https://phone.example'
export const NUMBER = '+15550100'
export const CALLER = '+15550111'
export const CALLED = '+15550122'

export interface Json {
  readonly [name: string]: unknown
}

export interface TelephoneOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly quality?: LineQuality
}

/** What is kept of a session: how it ended, its turns, and its record. */
export interface Kept {
  readonly record: Json & { readonly public_close_reason: string; readonly artifacts: readonly Artifact[] }
  readonly turns: readonly TimelineTurn[]
  readonly timeline: TimelineDocument
}

interface Artifact {
  readonly type: string
  readonly url: string
}

export class Telephone {
  readonly server: TestServer
  readonly twilio: SimulatedTwilio
  readonly model: FakeServer
  /** The server's log, a line each. */
  readonly log: readonly string[]
  /** How the model answers. */
  answer: Script = says('All right.')
  /** Who is at the other end of a number. */
  phones: (number: string) => Callee = () => ({ does: 'answers' })

  private constructor(server: TestServer, twilio: SimulatedTwilio, model: FakeServer, log: readonly string[]) {
    this.server = server
    this.twilio = twilio
    this.model = model
    this.log = log
  }

  static async start({ environment = {}, quality }: TelephoneOptions = {}): Promise<Telephone> {
    let telephone: Telephone | undefined
    const route = (url: string) =>
      url
        .replace(PUBLIC, telephone?.server.url ?? PUBLIC)
        .replace(PUBLIC.replace('https', 'wss'), telephone?.server.url.replace('http', 'ws') ?? PUBLIC)
    const phones = (number: string): Callee => telephone?.phones(number) ?? { does: 'cannot be reached' }
    const twilio = await SimulatedTwilio.start({
      ...{ numbers: { [NUMBER]: '' }, route, phones, sayMsPerCharacter: 0 },
      ...(quality && { quality }),
    })
    const model = await fakeServer((request, count) => telephone?.answer(request, count))
    const log: string[] = []
    const settings = {
      ...{ LOG_LEVEL: 'debug', PARLEY_PUBLIC_URL: PUBLIC, PARLEY_RECORDINGS: 'on' },
      ...{ TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken },
      ...{ PARLEY_TWILIO_API_URL: twilio.url, PARLEY_CALL_DESTINATIONS: '+1555' },
      ...{ PARLEY_STT: promptedSttPath, PARLEY_TTS: legibleVoicePath },
      ...{ PARLEY_LLM: 'openai', OPENAI_BASE_URL: model.baseUrl, PARLEY_LLM_MODEL: 'tiny' },
      ...environment,
    }
    const server = await startTestServer(settings, { write: (line) => void log.push(line) })
    telephone = new Telephone(server, twilio, model, log)
    return telephone
  }

  /** A stored agent that answers the number. `hears`: what the recogniser makes of each utterance. */
  async agent(fields: Json = {}, hears: readonly string[] = ['Hello?']): Promise<string> {
    const agent = await this.ask('POST', '/v1/agents', {
      name: 'Baker',
      system_prompt: 'You bake.',
      voice: { voice_id: 'alba' },
      greeting: 'Good morning.',
      input: { transcription_prompt: hears.join('|') },
      ...fields,
    })
    const id = String(agent.id)
    this.twilio.connect(NUMBER, `${PUBLIC}/v1/twilio/voice?agent_id=${id}`, `${PUBLIC}/v1/twilio/status`)
    return id
  }

  /** Somebody calls the number. */
  dial(from = CALLER): Call {
    return this.twilio.dial(from, NUMBER)
  }

  async ask(method: string, path: string, body?: unknown): Promise<Json> {
    const response = await fetch(this.server.url + path, {
      method,
      headers: { authorization: this.server.key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }

  /** The server's own record of a call of the carrier. */
  async record(call: Call): Promise<Json> {
    const { calls } = await this.ask('GET', '/v1/calls?limit=200')
    assert.ok(Array.isArray(calls))
    const found: Json | undefined = calls.find((each: Json) => each.carrier_call_id === call.id)
    assert.ok(found, `There is no record of call ${call.id}.`)
    return found
  }

  /** What is kept of the session of a call, once it is over and its files are there. */
  async kept(call: Call): Promise<Kept> {
    const id = await this.eventually(async () => (await this.record(call)).session_id ?? undefined)
    return this.session(String(id))
  }

  /** What is kept of a session, once its files are there. */
  session(id: string): Promise<Kept> {
    return this.eventually(async () => {
      // the schema of the record promises these members
      const record = (await this.ask('GET', `/v1/sessions/${id}`)) as Kept['record']
      const artifact = record.artifacts.find(({ type }) => type === 'timeline')
      if (!artifact) return undefined
      const timeline = (await (await fetch(this.local(artifact.url))).json()) as TimelineDocument
      return { record, timeline, turns: timeline.turns ?? [] }
    })
  }

  /** A public address of the server, as it is reached from here. */
  local(url: string): string {
    return url.replace(PUBLIC, this.server.url)
  }

  /** Asks again until there is something. */
  async eventually<T>(look: () => Promise<T | undefined> | T | undefined, withinMs = 30_000): Promise<T> {
    for (const end = performance.now() + withinMs; ; ) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > end) throw new Error(`It did not come about within ${withinMs} ms: ${look}`)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  /** Waits until the caller has heard these words, whatever came before or after them. */
  async hears(line: Stream, words: string): Promise<void> {
    const wanted = wordsOf(words).join(' ')
    await this.eventually(() => wordsHeard(line).join(' ').includes(wanted) || undefined).catch(() => {
      const heard = `The caller did not hear "${wanted}", but "${wordsHeard(line).join(' ')}"`
      throw new Error(`${heard}, up to ${JSON.stringify(line.events.slice(-3))}.`)
    })
  }

  async close(): Promise<void> {
    await this.twilio.close()
    await this.server.close()
    await this.model.stop()
  }
}

export const says =
  (...pieces: readonly string[]): Script =>
  ({ answer }) =>
    answer.says(...pieces).done()

/** The model's own words by what the user said last. */
export const answering =
  (answers: Readonly<Record<string, Script>>): Script =>
  (request, count) => {
    const said = lastUserText(request)
    const script = answers[said]
    assert.ok(script, `The script has no answer to "${said}".`)
    return script(request, count)
  }

export const messagesOf = ({ body }: Received): readonly { readonly role: string; readonly content: unknown }[] =>
  // the client of the server writes chat completions
  body.messages as readonly { readonly role: string; readonly content: unknown }[]

const lastUserText = (request: Received): string =>
  String(messagesOf(request).findLast(({ role }) => role === 'user')?.content ?? '')

/** That the words of the history are those that were heard on these lines, one after another; at cuts within one word. */
export function assertSameWords(turns: readonly TimelineTurn[], ...lines: readonly Stream[]): void {
  const stretches = lines.flatMap(stretchesHeard)
  const told = () => JSON.stringify({ stored: turns.map((turn) => [turn.status, turn.agent_text]), heard: stretches })
  let heard = stretches.shift() ?? []
  for (const { agent_text, status } of turns) {
    const stored = wordsOf(agent_text ?? '')
    if (stored.length === 0) continue
    while (heard.length === 0 && stretches.length > 0) heard = stretches.shift() ?? []
    const wasCut = status === 'interrupted'
    const seen = heard.splice(0, wasCut ? heard.length : stored.length)
    // the word in which it was cut may be there in part, or missing on one side
    const sure = wasCut ? Math.min(stored.length, seen.length) - 1 : stored.length
    assert.deepEqual(stored.slice(0, sure), seen.slice(0, sure), told())
    assert.ok(Math.abs(stored.length - seen.length) <= (wasCut ? 1 : 0), told())
  }
  assert.deepEqual([...heard, ...stretches.flat()], [], `more was heard than is stored: ${told()}`)
}
