// A language model that answers as each test says, and the settings of a server that asks it.
import { fakeServer, type Received, type Script } from '../engines/openai-server.js'

export const says =
  (...pieces: readonly string[]): Script =>
  ({ answer }) =>
    answer.says(...pieces).done()

export interface ModelMessage {
  readonly role: string
  readonly content: string | null
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[]
  readonly tool_call_id?: string
}

export interface ScriptedModel {
  readonly baseUrl: string
  /** The server asks it, with the key `sk-of-the-server`. */
  readonly environment: Readonly<Record<string, string>>
  /** How it answers in this test: each request takes the next, and the last one stays. */
  script: readonly Script[]
  /** A test begins: what came before is forgotten, and the model is well. */
  begin(): void
  /** How many requests came in this test. */
  asked(): number
  /** Those of this test, as far as they have come. */
  requests(): readonly Received[]
  /** Waits for request number `count` of this test, from 0. */
  request(count: number): Promise<Received>
  /** What that request, which has come, told the model. */
  messages(count: number): readonly ModelMessage[]
  stop(): Promise<void>
}

/** `keepAlive` as of `fakeServer`. */
export async function scriptedModel(options?: { readonly keepAlive: boolean }): Promise<ScriptedModel> {
  let earlier = 0
  const server = await fakeServer((request, count) => {
    const { script } = model
    return script[Math.min(count - earlier, script.length - 1)]!(request, count)
  }, options)
  const model: ScriptedModel = {
    baseUrl: server.baseUrl,
    environment: {
      PARLEY_LLM: 'openai',
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_API_KEY: 'sk-of-the-server',
      PARLEY_LLM_MODEL: 'tiny',
    },
    script: [WELL],
    begin() {
      earlier = server.requests.length
      model.script = [WELL]
    },
    asked: () => server.requests.length - earlier,
    requests: () => server.requests.slice(earlier),
    request: (count) => server.request(earlier + count),
    // true of every chat completion that a client asks for
    messages: (count) => server.requests[earlier + count]!.body.messages as readonly ModelMessage[],
    stop: () => server.stop(),
  }
  return model
}

const WELL = says('A short ', 'answer.')
