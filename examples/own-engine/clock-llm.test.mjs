// The clock does what every language model must: node --test examples/own-engine/clock-llm.test.mjs
import { llmSuite } from '@parley/server/engines/kit/suite-llm.js'
import clock from './clock-llm.mjs'

llmSuite('clock', async () => ({
  llm: await clock.create(clock.options.parse({}), { dataDir: '.parley', log: () => {} }),
}))
