// What a caller hears is what is remembered: greeted, answered, interrupted, coughing, hanging up, over good lines and bad.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Call } from '@parley/conformance/phone'
import { silentSince, utterance, wordsHeard } from './ear.js'
import { wordsOf } from './legible-voice.js'
import { answering, assertSameWords, CALLER, NUMBER, says, Telephone } from './telephone.js'

/** A busy machine is slow by so much. */
const BUSY_MS = 600
const LONG =
  'Welcome to the bakery at the blue door. Today we have sourdough, rye, and rolls with poppy seeds. We also bake cakes for every occasion that you can think of, and a few more.'
const OPEN = 'What time do you open?'
const eager = { turn_detection: { interruption_delay: 0 } }

let telephone: Telephone
before(async () => {
  telephone = await Telephone.start()
})
afterEach(() => {
  telephone.answer = says('All right.')
})
after(() => telephone.close())

const hears = (...texts: readonly string[]) => ({ ...eager, transcription_prompt: texts.join('|') })
const settled = () => telephone.twilio.wait(300)

async function hungUp(call: Call): Promise<void> {
  await settled()
  call.hangUp()
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(call.errors, [])
}

test('a caller is greeted, asks, and is answered', async () => {
  const agent = await telephone.agent({ greeting: 'Good morning. This is the bakery.' }, [OPEN])
  telephone.answer = answering({ [OPEN]: says('We open ', 'at seven.') })
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'This is the bakery.')
  line.say(utterance(900))
  await telephone.hears(line, 'We open at seven.')
  await hungUp(call)

  const { turns, record } = await telephone.kept(call)
  assertSameWords(turns, line)
  assert.deepEqual(
    turns.map(({ trigger, status, user_transcript }) => [trigger, status, user_transcript]),
    [
      ['greeting', 'completed', null],
      ['user_speech', 'completed', OPEN],
    ],
  )
  assert.equal(record.status, 'completed')
  const known = await telephone.eventually(async () => {
    const one = await telephone.record(call)
    return one.status === 'ended' ? one : undefined
  })
  const { direction, from_number, to_number, agent_id } = known
  assert.deepEqual([direction, from_number, to_number, agent_id], ['inbound', CALLER, NUMBER, agent])
  assert.ok(Number(known.duration_seconds) > 1)
})

test('whoever talks over the agent hears silence soon, and the history ends where the caller stopped listening', async () => {
  await telephone.agent({ greeting: LONG, input: hears('Stop. What time do you open?') })
  telephone.answer = says('We open at seven.')
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Welcome to the bakery')
  line.say(utterance(1500))
  await telephone.hears(line, 'We open at seven.')
  await hungUp(call)

  const { turns, timeline } = await telephone.kept(call)
  assertSameWords(turns, line)
  const [greeting, answer] = turns
  assert.deepEqual([greeting?.status, answer?.status], ['interrupted', 'completed'])
  assert.ok(wordsOf(greeting?.agent_text ?? '').length < wordsOf(LONG).length - 3)

  const cleared = line.events.find(({ what }) => what === 'clear')
  assert.ok(cleared && greeting?.interrupted_at_ms)
  const decided = timeline.started_at_unix_ms + greeting.interrupted_at_ms - performance.timeOrigin - line.begunAt
  const silent = line.spans.map(({ at, length }) => (at + length) / 8).findLast((end) => end <= cleared.at + 1)
  assert.ok(silent !== undefined && silent - decided < 250 + BUSY_MS, `silence came ${silent} ms after ${decided}`)
})

test('a cough does not cut the agent short: all of it is heard', async () => {
  await telephone.agent({ greeting: LONG, input: { transcription_prompt: '' + '|Thank you.' } })
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'at the blue door')
  line.say(utterance(250))
  await telephone.hears(line, LONG)
  await hungUp(call)
  const { turns } = await telephone.kept(call)
  assertSameWords(turns, line)
  assert.deepEqual([turns[0]?.status, wordsHeard(line)], ['completed', wordsOf(LONG)])
  assert.ok(!line.events.some(({ what }) => what === 'clear'))
})

test('a caller who hangs up in the middle of a sentence has heard what is remembered', async () => {
  await telephone.agent({ greeting: LONG })
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Today we have')
  call.hangUp()
  await call.ended
  const { turns, record } = await telephone.kept(call)
  assertSameWords(turns, line)
  assert.ok(turns[0] && wordsOf(turns[0].agent_text ?? '').length < wordsOf(LONG).length)
  assert.equal(record.status, 'completed')
})

test('an agent that hangs up is heard out first', async () => {
  await telephone.agent({ parley: { end_call: true } }, ['Bye then.'])
  const goodbye = 'Thank you for your call, and goodbye.'
  telephone.answer = ({ answer }) => answer.calls(0, 'call_1', 'aai_end_call', { goodbye }).done('tool_calls')
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Good morning.')
  line.say(utterance(700))
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(wordsHeard(line).slice(2), wordsOf(goodbye))
  assert.deepEqual([call.errors, await line.ended], [[], 'server'])
  const { turns, record } = await telephone.kept(call)
  assertSameWords(turns, line)
  assert.equal(record.public_close_reason, 'agent_end')
})

test('a line that is late, unsteady and full of holes carries a conversation all the same', async () => {
  const quality = {
    latenessMs: 60,
    jitterMs: 80,
    loses: (frame: number) => frame % 12 === 7,
    stalls: [{ at: 700, ms: 300 }],
  }
  const bad = await Telephone.start({ quality })
  try {
    await bad.agent({}, [OPEN])
    bad.answer = says('We open at seven.')
    const call = bad.dial()
    const line = await call.stream()
    await bad.hears(line, 'Good morning.')
    line.say(utterance(1200))
    await bad.hears(line, 'We open at seven.')
    await hungUp(call)
    assertSameWords((await bad.kept(call)).turns, line)
  } finally {
    await bad.close()
  }
})

test('every part of the server that is told of a call is told the same', async () => {
  await telephone.agent()
  const call = telephone.dial()
  const line = await call.stream()
  await telephone.hears(line, 'Good morning.')
  await hungUp(call)
  assert.ok((silentSince(line) ?? 0) > 0)
  const { record, timeline } = await telephone.kept(call)
  const known = await telephone.record(call)
  assert.equal(known.session_id, record.id)
  assert.equal(timeline.ended.public_reason, record.public_close_reason)
  const refused = telephone.twilio.exchanges.filter(({ status }) => status !== 200 && status !== 204)
  assert.deepEqual(refused, [])
})
