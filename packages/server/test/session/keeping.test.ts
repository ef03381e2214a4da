// What is stored of a conversation, and when.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Event, type Live, opening, step } from '@parley/conversation'
import { isNews, leastKept, mayBeStored, parseState, STATE_FORMAT, stateOf } from '../../dist/session/keeping.js'

function live(...events: readonly Event[]): Live {
  let conversation = opening({
    sessionId: `sess_${'0'.repeat(32)}`,
    startedAtUnixMs: 1_790_000_000_000,
    cap: 3_600_000,
    firstMessageWithin: 10_000,
    grace: 30_000,
    lead: 200,
    defaultVoice: 'alba',
  })
  const patch = { greeting: 'Hello there, friend.' }
  for (const event of [
    { type: 'client.updated', patch, problems: [], at: 0 },
    { type: 'engines.ready', at: 0 },
    ...events,
  ] satisfies Event[])
    conversation = step(conversation, event)[0]
  if (conversation.phase !== 'live') assert.fail('it lives')
  return conversation
}

const reply = live().reply!.id
const sounds: Event = { type: 'tts.spoke', reply, clause: 0, length: 800, at: 100 }
const made: Event = { type: 'tts.finished', reply, clause: 0, at: 110 }

test('the form of a conversation belongs to its number: who changes the one raises the other', () => {
  assert.deepEqual(
    [STATE_FORMAT, Object.keys(live()).sort().join(' ')],
    [
      3,
      'attempts calls config connection ending endsAt entry fillers history isSounding owed pace phase phone quietSince replies reply requested serverTools since start stirredAt turn user',
    ],
  )
})

test('what was stored comes back as it was, but for members without a value', () => {
  const conversation = live(sounds)
  const history = { record_audio: false }
  const parsed = parseState(JSON.parse(JSON.stringify(stateOf({ conversation, audioHeardMs: 1250, history }))))
  assert.deepEqual(parsed, { conversation: JSON.parse(JSON.stringify(conversation)), audioHeardMs: 1250, history })
})

test('what is damaged, or of another form, is not understood', () => {
  const good = JSON.parse(JSON.stringify(stateOf({ conversation: live(), audioHeardMs: 0, history: undefined })))
  assert.ok(parseState(good))
  for (const bad of [null, {}, { ...good, format: 0 }, { ...good, conversation: { phase: 'ended' } }])
    assert.equal(parseState(bad), undefined)
})

test('words, replies that begin to sound, and the connection are news; sound and guesses are not', () => {
  const before = live()
  const news = (...events: readonly Event[]) => {
    const then = live(...events.slice(0, -1))
    const [now] = step(then, events.at(-1)!)
    return now.phase === 'live' && isNews(then, now)
  }
  assert.equal(isNews(undefined, before), true)
  assert.equal(isNews(before, before), false)
  assert.equal(news(sounds), true, 'the reply begins to sound')
  assert.equal(news(sounds, { ...sounds, at: 105 }), false, 'more sound')
  assert.equal(news(sounds, made), true, 'a clause is whole')
  assert.equal(news(sounds, made, { type: 'clock.ticked', at: 200 }), false, 'time passes')
  assert.equal(news({ type: 'client.said', role: 'user', content: 'Hi.', at: 10 }), true)
  assert.equal(news({ type: 'connection.lost', at: 10 }), true)
  assert.equal(news(sounds, made, { type: 'vad.started', since: 300, at: 320 }), true, 'the sound is held back')
  assert.equal(
    news(sounds, made, { type: 'clock.ticked', at: 2000 }, { type: 'vad.started', since: 2100, at: 2110 }),
    false,
    'the user begins to speak',
  )
})

test('an agent may have nothing kept', () => {
  assert.deepEqual([undefined, {}, { keep: true }, { keep: false }].map(mayBeStored), [true, true, true, false])
})

test('of a session that is gone on with no more is kept than its agent allowed as it began, nor than it allows now', () => {
  assert.equal(leastKept(undefined, undefined), undefined)
  const began = { record_audio: false, retention_days: 7 }
  assert.deepEqual(leastKept(began, undefined), { keep: true, ...began })
  assert.deepEqual(leastKept(began, { record_audio: true, retention_days: 30 }), { keep: true, ...began })
  assert.deepEqual(leastKept(undefined, { keep: false, retention_days: 2 }), {
    ...{ keep: false, record_audio: true, retention_days: 2 },
  })
})
