// The trials of `parley doctor` with engines that do as they are told, well and badly.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examine, type Finding } from '../../dist/cli/doctor/examination.js'
import { findingsJson, findingText } from '../../dist/cli/doctor.js'
import { plain } from '../../dist/cli/terminal.js'
import { readConfig } from '../../dist/config.js'
import { type EngineContext, EngineError, type Engines, type Llm, type Tts } from '../../dist/engines/engine.js'
import { scriptedStt } from '../../dist/engines/stt/scripted.js'
import { scriptedVad } from '../../dist/engines/vad/scripted.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { tone } from './sounds.js'

const SENTENCE = 'The weather is nice today, so let us go for a walk.'
const context: EngineContext = { dataDir: '/nowhere', log: () => {} }
const info = <Kind extends keyof Engines>(kind: Kind) => ({
  kind,
  name: `test-${kind}`,
  version: '1',
  description: 'For tests.',
})

type Loaders = { readonly [Kind in keyof Engines]: (clock: VirtualClock) => Promise<Engines[Kind] | undefined> }

const loaders = {
  tts: async (clock: VirtualClock): Promise<Tts> => ({
    info: info('tts'),
    sampleRateHz: 16_000,
    voices: [{ id: 'alba', language: 'en', description: '', sample: '' }],
    async *open(clauses) {
      for await (const text of clauses) {
        assert.equal(text, SENTENCE)
        await clock.sleep(50)
        yield { type: 'audio', samples: tone(1000, 16_000) }
        await clock.sleep(150)
        yield { type: 'audio', samples: tone(1000, 16_000) }
        yield { type: 'clause' }
      }
    },
    close: async () => {},
  }),
  vad: () => scriptedVad.create(scriptedVad.options.parse({}), context),
  stt: () => scriptedStt.create(scriptedStt.options.parse({ texts: [SENTENCE] }), context),
  turn: async () => ({
    info: info('turn'),
    async *open(input) {
      for await (const { turn } of input) yield { turn, complete: 0.75 }
    },
    close: async () => {},
  }),
  llm: async (clock: VirtualClock): Promise<Llm> => ({
    info: info('llm'),
    async *open() {
      await clock.sleep(300)
      yield { type: 'wrote', text: 'I am ' }
      await clock.sleep(100)
      yield { type: 'wrote', text: 'an assistant.' }
    },
    close: async () => {},
  }),
} satisfies Loaders

async function findings(changed: Partial<Loaders> = {}): Promise<readonly Finding[]> {
  const clock = new VirtualClock()
  const all: Loaders = { ...loaders, ...changed }
  const found: Finding[] = []
  const examining = (async () => {
    const ports = { config: readConfig({}).config, context, clock }
    for await (const finding of examine({ ...ports, loadEngine: (kind) => all[kind](clock) })) found.push(finding)
  })()
  let isOver = false
  examining.finally(() => (isOver = true))
  for (let time = 0; !isOver; time += 100) await clock.to(time)
  await examining
  assert.equal(clock.pending, 0)
  return found
}

const of = (found: readonly Finding[], kind: Finding['kind']) => found.find((finding) => finding.kind === kind)!

test('engines that work are told with their speed', async () => {
  const found = await findings()
  assert.deepEqual(
    found.map(({ kind, is }) => [kind, is]),
    ['tts', 'vad', 'stt', 'turn', 'llm'].map((kind) => [kind, 'well']),
  )
  const { engines, healthy } = findingsJson(found)
  assert.equal(healthy, true)
  assert.deepEqual(engines[0]?.trial, { sound_ms: 2000, took_ms: 200, real_time_factor: 0.1, first_sound_ms: 50 })
  assert.deepEqual(engines[2]?.trial?.words_right_percent, 100)
  assert.deepEqual(engines[4]?.trial, { took_ms: 400, first_words_ms: 300, characters: 18 })
  assert.equal(
    findingText(of(found, 'tts'), plain),
    [
      '  works  tts   test-tts 1',
      '               For tests.',
      '               Loaded in 0 ms; spoke 2.0 s of sound in 200 ms (real-time factor 0.100), first',
      '               sound after 50 ms.',
    ].join('\n'),
  )
})

test('an engine that does not load is told with its own sentence and what to do', async () => {
  const message = 'The model file is damaged. Run npm ci.'
  const found = await findings({
    stt: async () => {
      throw new EngineError({ code: 'model_damaged', message, retryable: false })
    },
  })
  const finding = of(found, 'stt')
  assert.equal(finding.is === 'failed' && finding.message, message)
  assert.match(
    findingText(finding, plain),
    /fails {2}stt {3}did not load\n.*The model file is damaged.*\n.*another recogniser with\n +PARLEY_STT/,
  )
  assert.deepEqual([findingsJson(found).healthy, of(found, 'llm').is], [false, 'well'])
})

test('a voice that fails leaves the ears untried, and everything else tried', async () => {
  const silent = await findings({
    tts: async (clock) => ({ ...(await loaders.tts(clock)), async *open() {} }),
  })
  assert.deepEqual(
    silent.map(({ is }) => is),
    ['failed', 'untried', 'untried', 'well', 'well'],
  )
  assert.equal(findingsJson(silent).healthy, false)
})

test('a recogniser that understands something else fails, and both sentences are shown', async () => {
  const deaf = () => scriptedStt.create(scriptedStt.options.parse({ texts: ['whether'] }), context)
  const finding = of(await findings({ stt: deaf }), 'stt')
  assert.match(finding.is === 'failed' ? finding.message : '', /understood "whether"/)
})

test('a recogniser may get a word wrong', async () => {
  const hard = () =>
    scriptedStt.create(scriptedStt.options.parse({ texts: [SENTENCE.replace('nice', 'ice')] }), context)
  assert.equal(of(await findings({ stt: hard }), 'stt').is, 'well')
})

test('voice activity that finds no speech in speech fails', async () => {
  const deaf = () => scriptedVad.create(scriptedVad.options.parse({ loudness: 40_000 }), context)
  const finding = of(await findings({ vad: deaf }), 'vad')
  assert.match(finding.is === 'failed' ? finding.message : '', /found no speech/)
})

test('voice activity that never ends fails', async () => {
  const endless = () => scriptedVad.create(scriptedVad.options.parse({ offsetMs: 60_000 }), context)
  const finding = of(await findings({ vad: endless }), 'vad')
  assert.match(finding.is === 'failed' ? finding.message : '', /did not notice that the speech had ended/)
})

test('a language model that writes nothing fails', async () => {
  const mute = await findings({ llm: async (clock) => ({ ...(await loaders.llm(clock)), async *open() {} }) })
  const finding = of(mute, 'llm')
  assert.match(finding.is === 'failed' ? finding.message : '', /answered nothing/)
})

test('an engine that hangs is given up after a minute and closed', async () => {
  let closed = 0
  const hanging = await findings({
    llm: async (clock) => ({
      ...(await loaders.llm(clock)),
      async *open() {
        await new Promise(() => {})
      },
      close: async () => void closed++,
    }),
  })
  const finding = of(hanging, 'llm')
  assert.match(finding.is === 'failed' ? finding.message : '', /did not answer within 60 s/)
  assert.equal(closed, 1)
})

test('settings that ask for no turn detector are no failure', async () => {
  const found = await findings({ turn: async () => undefined })
  assert.deepEqual([of(found, 'turn').is, findingsJson(found).healthy], ['absent', true])
})
