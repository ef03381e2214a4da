// A language model that answers as each row says, behind a proxy, and the settings of a server that asks it.
import { type FakeServer, fakeServer, type Script } from '../engines/openai-server.js'
import { type FaultyLink, startProxy } from './proxy.js'
import { SEED, type Stage } from './scene.js'

/** As short as it can be while a busy machine still answers in time. */
const TOKEN_TIMEOUT_MS = 1_000

export const says =
  (...pieces: readonly string[]): Script =>
  ({ answer }) =>
    answer.says(...pieces).done()

const WELL = says('A short ', 'answer.')

export interface ModelStage extends Stage {
  readonly model: FakeServer
  /** Between the server and the model. */
  readonly link: FaultyLink
  /** How the model answers in this row: each request takes the next, and the last one stays. */
  script: readonly Script[]
  /** How many requests came in this row. */
  asked(): number
  mend(): Promise<void>
}

/** `more`: settings of the server. */
export async function modelStage(more: Readonly<Record<string, string>> = {}): Promise<ModelStage> {
  let earlier = 0
  const answer: Script = (request, count) => {
    const { script } = stage
    return script[Math.min(count - earlier, script.length - 1)]!(request, count)
  }
  const model = await fakeServer(answer, { keepAlive: false })
  const link = await startProxy(Number(new URL(model.baseUrl).port), SEED)
  const patience = { firstTokenTimeoutMs: TOKEN_TIMEOUT_MS, nextTokenTimeoutMs: TOKEN_TIMEOUT_MS }
  const stage: ModelStage = {
    model,
    link,
    script: [WELL],
    environment: {
      PARLEY_LLM: 'openai',
      OPENAI_BASE_URL: `http://127.0.0.1:${link.port}/v1`,
      PARLEY_LLM_MODEL: 'tiny',
      PARLEY_LLM_OPTIONS: JSON.stringify({ maxRetries: 1, ...patience }),
      PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 5 }),
      ...more,
    },
    asked: () => model.requests.length - earlier,
    async mend() {
      link.fault = { is: 'none' }
      stage.script = [WELL]
      earlier = model.requests.length
    },
    async close() {
      await link.close()
      await model.stop()
    },
  }
  return stage
}
