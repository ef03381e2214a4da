// What a page shows of a conversation, and when its speaker falls silent: the rules, event by event.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOf } from '@parley/client'
import { SpeechEnd } from '../dist/speech-end.js'
import { activity, mayPlay, opening, step, type TalkEvent, type TalkOrder } from '../dist/talk-model.js'

type Told = { readonly [name: string]: unknown; readonly type: TalkEvent['type'] }

/** A conversation that is ready, fed by a test. */
function conversation() {
  let model = opening
  const orders: TalkOrder[] = []
  const happen = (...events: Told[]) => {
    for (const event of events) {
      // A test writes only the fields that the step reads.
      const [next, ordered] = step(model, event as TalkEvent)
      model = next
      orders.push(...ordered)
    }
  }
  happen({ type: 'session.ready' })
  return {
    happen,
    orders,
    get model() {
      return model
    },
    get does() {
      return activity(model)
    },
    get lines() {
      return model.turns.map((turn) => `${turn.who}: ${textOf(turn)}`)
    },
  }
}

const started = (reply_id: string): Told => ({ type: 'reply.started', reply_id })
const sound = (reply_id: string): Told => ({ type: 'reply.audio', reply_id, data: 'AAAA' })
const word = (reply_id: string, delta: string, start_ms: number | null): Told => ({
  type: 'transcript.agent.delta',
  reply_id,
  delta,
  start_ms,
})
const said = (reply_id: string, text: string, interrupted = false): Told => ({
  type: 'transcript.agent',
  reply_id,
  text,
  interrupted,
})
const done = (reply_id: string, status = 'completed'): Told => ({ type: 'reply.done', reply_id, status })
const audible = (reply: string, at = 0): Told => ({ type: 'speaker.audible', reply, at })
const position = (reply: string, ms: number): Told => ({ type: 'speaker.position', reply, ms })
const finished = (reply: string): Told => ({ type: 'speaker.finished', reply })
const userSays = (item_id: string, text: string): Told => ({ type: 'transcript.user', item_id, text })

test('the agent listens, hears, thinks and speaks, as it is heard and not as it is sent', () => {
  const talk = conversation()
  assert.equal(activity(opening), 'connecting')
  assert.equal(talk.does, 'listening')
  talk.happen({ type: 'input.speech.started' })
  assert.equal(talk.does, 'hearing you')
  talk.happen({ type: 'input.speech.stopped' }, userSays('m1', 'Hello?'), started('r1'))
  assert.equal(talk.does, 'thinking')
  talk.happen(sound('r1'))
  assert.equal(talk.does, 'thinking')
  talk.happen(audible('r1'))
  assert.equal(talk.does, 'speaking')
  talk.happen(done('r1'))
  assert.equal(talk.does, 'speaking')
  talk.happen(finished('r1'))
  assert.equal(talk.does, 'listening')
  talk.happen({ type: 'session.ended' })
  assert.equal(talk.does, 'ended')
})

test('a written question is being thought about before the reply opens', () => {
  const talk = conversation()
  talk.happen({ type: 'user.typed', id: 't1', text: 'Hi' }, { type: 'user.asked', by: 'text', at: 1 })
  assert.equal(talk.does, 'thinking')
  assert.deepEqual(talk.lines, ['user: Hi'])
  talk.happen(started('r1'), done('r1'))
  assert.equal(talk.does, 'listening')
})

test('the speaker falls silent the moment the user is heard', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), audible('r1'), { type: 'input.speech.started' })
  assert.deepEqual(talk.orders, [{ type: 'flush' }])
  assert.equal(talk.does, 'hearing you')
})

test('a cut reply is silenced, and what still arrives of it is not played', () => {
  const talk = conversation()
  talk.happen(started('r1'))
  assert.equal(mayPlay(talk.model, 'r1'), true)
  talk.happen(sound('r1'), audible('r1'), done('r1', 'interrupted'))
  assert.deepEqual(talk.orders, [{ type: 'flush' }])
  assert.equal(mayPlay(talk.model, 'r1'), false)
  talk.happen(started('r2'))
  assert.equal(mayPlay(talk.model, 'r1'), false)
  assert.equal(mayPlay(talk.model, 'r2'), true)
})

test('a report about a silenced reply that crossed the order changes nothing', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), done('r1', 'interrupted'))
  const before = talk.model
  talk.happen(audible('r1'), position('r1', 500), finished('r1'))
  assert.equal(talk.model, before)
})

test('a reply that may not be interrupted is heard again after the user spoke', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), audible('r1'), { type: 'input.speech.started' })
  assert.equal(mayPlay(talk.model, 'r1'), true)
  talk.happen({ type: 'input.speech.stopped' }, position('r1', 900))
  assert.equal(talk.does, 'speaking')
})

test('a completed reply is played to its end', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), done('r1'))
  assert.deepEqual(talk.orders, [{ type: 'finish', reply: 'r1' }])
})

test('a reply without sound is over at once', () => {
  const talk = conversation()
  talk.happen(started('r1'), word('r1', 'Silent', 500), said('r1', 'Silent'), done('r1'))
  assert.deepEqual(talk.orders, [])
  assert.equal(talk.does, 'listening')
  assert.deepEqual(talk.lines, ['agent: Silent'])
})

test("the user's words are replaced as they are understood better (checklist 91, 92)", () => {
  const talk = conversation()
  talk.happen({ type: 'transcript.user.delta', item_id: 'm1', text: 'what is the wea' })
  assert.equal(talk.model.turns[0]?.who === 'user' && talk.model.turns[0].final, false)
  talk.happen({ type: 'transcript.user.delta', item_id: 'm1', text: 'what is the weather' })
  talk.happen(userSays('m1', 'What is the weather?'))
  assert.deepEqual(talk.lines, ['user: What is the weather?'])
  assert.equal(talk.model.turns[0]?.who === 'user' && talk.model.turns[0].final, true)
})

test("the agent's words appear as they are heard", () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), word('r1', 'It ', 0), word('r1', 'is ', 300), word('r1', 'sunny.', 600))
  assert.deepEqual(talk.lines, ['agent: '])
  talk.happen(position('r1', 10))
  assert.deepEqual(talk.lines, ['agent: It'])
  talk.happen(position('r1', 300))
  assert.deepEqual(talk.lines, ['agent: It is'])
  talk.happen(said('r1', 'It is sunny.'), done('r1'))
  assert.deepEqual(talk.lines, ['agent: It is'])
  talk.happen(finished('r1'))
  assert.deepEqual(talk.lines, ['agent: It is sunny.'])
})

test('an interrupted reply shows what was heard, as the server says (checklist 98)', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), word('r1', 'It ', 0), word('r1', 'is ', 300), word('r1', 'sunny.', 600))
  talk.happen(position('r1', 900), said('r1', 'It is', true), done('r1', 'interrupted'))
  assert.deepEqual(talk.lines, ['agent: It is'])
})

test('where the server names no text, the words that were shown stay', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), word('r1', 'It ', 0), word('r1', 'is ', 300), position('r1', 100))
  talk.happen(done('r1', 'interrupted'), word('r1', 'sunny.', 600))
  assert.deepEqual(talk.lines, ['agent: It'])
})

test('words of a voice without times appear as they come', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), word('r1', 'Good ', null), word('r1', 'day.', null))
  assert.deepEqual(talk.lines, ['agent: Good day.'])
})

test('a word that comes after the final text is not said twice', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), word('r1', 'One', 0), said('r1', 'One'), word('r1', 'One', 0))
  talk.happen(position('r1', 100))
  assert.deepEqual(talk.lines, ['agent: One'])
})

test('words that come bare are spaced, and marks lean on the word before', () => {
  const talk = conversation()
  const words = ['Hello', ',', 'you', 'there ', 'said', ' she', '.']
  talk.happen(started('r1'), ...words.map((each) => word('r1', each, null)))
  assert.deepEqual(talk.lines, ['agent: Hello, you there said she.'])
})

test('the wait is from the end of the speech to the first sound of the answer', () => {
  const talk = conversation()
  talk.happen(userSays('m1', 'Hello?'), { type: 'user.asked', by: 'voice', at: 10 }, started('r1'), sound('r1'))
  talk.happen(audible('r1', 10.48), done('r1'), finished('r1'))
  assert.deepEqual(talk.model.latenciesMs, [480])
})

test('the greeting and a question that was taken back have no wait', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), audible('r1', 1), done('r1'), finished('r1'))
  talk.happen({ type: 'user.asked', by: 'voice', at: 10 }, { type: 'input.speech.started' })
  talk.happen(started('r2'), sound('r2'), audible('r2', 12))
  assert.deepEqual(talk.model.latenciesMs, [])
})

test('the last twenty waits are kept', () => {
  const talk = conversation()
  for (let turn = 1; turn <= 25; turn++)
    talk.happen(
      { type: 'user.asked', by: 'voice', at: 0 },
      started(`r${turn}`),
      sound(`r${turn}`),
      audible(`r${turn}`, turn),
      done(`r${turn}`, 'interrupted'),
    )
  assert.deepEqual([talk.model.latenciesMs.length, talk.model.latenciesMs.at(-1)], [20, 25_000])
})

test('when the session closes there is silence, and whatever still comes changes no one', () => {
  const talk = conversation()
  talk.happen(started('r1'), sound('r1'), audible('r1'), { type: 'session.closed' })
  assert.deepEqual(talk.orders, [{ type: 'flush' }])
  assert.equal(talk.does, 'ended')
  assert.equal(mayPlay(talk.model, 'r1'), false)
})

test('an event that concerns nobody here leaves everything as it was', () => {
  const talk = conversation()
  const before = talk.model
  talk.happen({ type: 'session.updated' }, { type: 'tool.call' })
  assert.equal(talk.model, before)
})

test('the end of the speech is found within ten milliseconds, in a quiet room and in a noisy one', () => {
  for (const room of [0, 400]) {
    const speech = new SpeechEnd(24_000)
    const frame = (amplitude: number) =>
      Int16Array.from({ length: 960 }, (_, index) => (index % 2 === 0 ? amplitude : -amplitude))
    let at = 0
    const hearFrame = (samples: Int16Array) => {
      at += 0.04
      speech.hear(samples, at)
    }
    const hear = (amplitude: number, frames: number) => {
      for (let count = 0; count < frames; count++) hearFrame(frame(amplitude))
    }
    hear(room, 25)
    assert.equal(speech.lastSeconds, undefined)
    hear(6000, 25)
    const half = frame(room)
    half.set(frame(6000).subarray(0, 480))
    hearFrame(half)
    const end = at - 0.02
    hear(room, 25)
    assert.ok(Math.abs(speech.lastSeconds! - end) < 0.011, `${speech.lastSeconds} instead of ${end}`)
  }
})

test('a lost connection cuts the open reply, silences the speaker, and the conversation goes on once it is back', () => {
  const talk = conversation()
  talk.happen(started('r1'), word('r1', 'One ', 0), word('r1', 'two ', 400), word('r1', 'three', 800), sound('r1'))
  talk.happen({ type: 'speaker.audible', reply: 'r1', at: 1 }, { type: 'speaker.position', reply: 'r1', ms: 500 })
  talk.happen({ type: 'session.lost' })
  assert.equal(talk.does, 'reconnecting')
  assert.deepEqual(talk.orders, [{ type: 'flush' }])
  assert.deepEqual(talk.lines, ['agent: One two'])
  assert.equal(mayPlay(talk.model, 'r1'), false)
  talk.happen({ type: 'session.lost' }, { type: 'session.ready' })
  assert.equal(talk.does, 'listening')
})

test('a user who was speaking when the connection was lost is not heard until it is back', () => {
  const talk = conversation()
  talk.happen({ type: 'input.speech.started' }, { type: 'session.lost' }, { type: 'session.ready' })
  assert.equal(talk.does, 'listening')
  talk.happen({ type: 'input.speech.started' })
  assert.equal(talk.does, 'hearing you')
})
