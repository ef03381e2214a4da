// A language model that answers as each row says, behind a proxy, and the settings of a server that asks it.
import { type ScriptedModel, scriptedModel } from '../helpers/scripted-model.js'
import { type FaultyLink, startProxy } from './proxy.js'
import { SEED, type Stage } from './scene.js'

/** As short as it can be while a busy machine still answers in time. */
const TOKEN_TIMEOUT_MS = 1_000

export interface ModelStage extends Stage {
  readonly model: ScriptedModel
  /** Between the server and the model. */
  readonly link: FaultyLink
  mend(): Promise<void>
}

export async function modelStage(): Promise<ModelStage> {
  const model = await scriptedModel({ keepAlive: false })
  const link = await startProxy(Number(new URL(model.baseUrl).port), SEED)
  const patience = { firstTokenTimeoutMs: TOKEN_TIMEOUT_MS, nextTokenTimeoutMs: TOKEN_TIMEOUT_MS }
  return {
    model,
    link,
    environment: {
      ...model.environment,
      OPENAI_BASE_URL: `http://127.0.0.1:${link.port}/v1`,
      PARLEY_LLM_OPTIONS: JSON.stringify({ maxRetries: 1, ...patience }),
      PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 5 }),
    },
    async mend() {
      link.fault = { is: 'none' }
      model.begin()
    },
    async close() {
      await link.close()
      await model.stop()
    },
  }
}
