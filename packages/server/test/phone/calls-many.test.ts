// Fifty calls at once: everybody is greeted and answered, and each history is that of its own call.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { utterance, wordsHeard } from './ear.js'
import { wordsOf } from './legible-voice.js'
import { assertSameWords, says, Telephone } from './telephone.js'

const COUNT = 50
/** Two people seldom dial in the same moment. */
const APART_MS = 50

let telephone: Telephone
before(async () => {
  telephone = await Telephone.start({ environment: { PARLEY_VAD_OPTIONS: '{"sampleRateHz":8000}' } })
})
after(() => telephone.close())

test('fifty callers at once are all greeted and answered', { timeout: 180_000 }, async () => {
  await telephone.agent({ parley: { history: { record_audio: false } } }, ['What time do you open?'])
  telephone.answer = says('We open at seven.')
  const kept = await Promise.all(
    Array.from({ length: COUNT }, async (_, index) => {
      await telephone.twilio.wait(index * APART_MS)
      const call = telephone.dial(`+155502${String(index).padStart(2, '0')}`)
      const line = await call.stream()
      await telephone.hears(line, 'Good morning.')
      line.say(utterance(900))
      await telephone.hears(line, 'We open at seven.')
      await telephone.twilio.wait(1000)
      call.hangUp()
      await call.ended
      const { turns, record } = await telephone.kept(call)
      assertSameWords(turns, line)
      assert.deepEqual([wordsHeard(line), call.errors], [wordsOf('Good morning. We open at seven.'), []])
      return record.id
    }),
  )
  assert.equal(new Set(kept).size, COUNT)
  await telephone.server.until(() => telephone.server.sessions() === 0, 20_000)
})
