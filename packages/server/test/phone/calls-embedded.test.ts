// Human speech through a telephone, with nothing scripted: heard by the embedded recogniser, answered in the embedded voice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SILENCE } from '@parley/conformance/phone'
import { muLaw } from '../../dist/audio/g711.js'
import { joined } from '../../dist/audio/pcm.js'
import { Resampler } from '../../dist/audio/resample.js'
import type { Stt } from '../../dist/engines/engine.js'
import { wordErrorRate, wordErrors } from '../../dist/engines/kit/word-errors.js'
import { moonshineStt } from '../../dist/engines/stt/moonshine.js'
import { embeddedEngines } from '../helpers/server.js'
import { readBack, recorded, recordings } from '../helpers/speech.js'
import { Telephone } from './telephone.js'

const GREETING = 'Welcome to the bakery. How can I help you?'

const PROMPT =
  'You are the assistant of Blue Door Bakery in Leeds. We open at seven in the morning and close at five in the afternoon. Sourdough costs four pounds. We do not deliver.'

let telephone: Telephone
let reader: Stt
before(async () => {
  ;[telephone, reader] = await Promise.all([
    Telephone.start({ environment: embeddedEngines }),
    moonshineStt.create(moonshineStt.options.parse({}), { dataDir: '.parley', log: () => {} }),
  ])
})
after(async () => {
  await telephone.close()
  await reader.close()
})

const errorsOf = (said: string, heard: string) => wordErrorRate([wordErrors(said, heard)])

function resampled(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const resampler = new Resampler(fromHz, toHz)
  return joined([resampler.process(samples).slice(), resampler.flush().slice()])
}

test('what people say into a telephone is understood and answered, and the answer can be understood', {
  timeout: 180_000,
}, async (t) => {
  if (!recordings) return t.skip('there are no recordings in ../shared/data/speech')
  await telephone.agent({ greeting: GREETING, input: {}, system_prompt: PROMPT, voice: { voice_id: 'michael' } })
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.eventually(() => line.events.some(({ what }) => what === 'reached') || undefined)
  await quiet(line)
  const greeted = line.heard.length
  line.say(muLaw.encode(resampled(recorded('librispeech/quilter.wav'), 24_000, 8_000)))
  await telephone.eventually(() => line.heard.subarray(greeted).some((byte) => byte !== SILENCE) || undefined, 60_000)
  await quiet(line)
  call.hangUp()
  await call.ended

  const { turns } = await telephone.kept(call)
  const understood = turns
    .map(({ user_transcript }) => user_transcript ?? '')
    .join(' ')
    .trim()
  const text = 'Mr quilter is the apostle of the middle classes and we are glad to welcome his gospel'
  assert.ok(errorsOf(text, understood) <= 0.12, understood)
  const [greeting, answer] = await Promise.all([
    audible(line.heard.slice(0, greeted)),
    audible(line.heard.slice(greeted)),
  ])
  assert.ok(errorsOf(GREETING, greeting) <= 0.25, greeting)
  const answered = turns.filter(({ trigger }) => trigger === 'user_speech').map(({ agent_text }) => agent_text ?? '')
  assert.ok(errorsOf(answered.join(' '), answer) <= 0.4, `${answer} | ${answered.join(' ')}`)
})

/** What is read in the sound, from where it begins to where it ends, with some silence around it. */
function audible(sound: Uint8Array): Promise<string> {
  const first = sound.findIndex((byte) => byte !== SILENCE)
  const last = sound.findLastIndex((byte) => byte !== SILENCE)
  const margin = new Int16Array(1600)
  const speech = joined([margin, muLaw.decode(sound.slice(Math.max(0, first), last + 1)), margin])
  return readBack(reader, resampled(speech, 8_000, 24_000))
}

/** Waits until the caller has heard nothing for a second. */
async function quiet(line: { readonly heard: Uint8Array }): Promise<void> {
  await telephone.eventually(() => {
    const { heard } = line
    return heard.length > 8000 && heard.subarray(-8000).every((byte) => byte === SILENCE) ? true : undefined
  }, 60_000)
}
