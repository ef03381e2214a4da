// The judge of all telephone tests can tell: histories that differ from what was heard are found out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock, type MediaMessages, type ServerMessage, Stream } from '@parley/conformance/phone'
import { muLaw } from '../../dist/audio/g711.js'
import type { TimelineTurn } from '../../dist/history/timeline-document.js'
import { wordsHeard } from './ear.js'
import legible from './legible-voice.js'
import { assertSameWords } from './telephone.js'

/** The carrier's side in its barest form. */
const messages: MediaMessages = {
  connected: () => ({}),
  start: () => ({}),
  media: () => ({}),
  mark: () => ({}),
  dtmf: () => ({}),
  stop: () => ({}),
  read: ({ clear, sound }): ServerMessage =>
    clear ? { is: 'clear' } : { is: 'media', sound: Buffer.from(String(sound), 'base64') },
}

async function soundOf(text: string): Promise<string> {
  const voice = await legible.create({ framesPerLetter: 2 }, { dataDir: '.', log: () => {} })
  async function* texts(): AsyncGenerator<string> {
    yield text
  }
  const pieces: Uint8Array[] = []
  for await (const out of voice.open(texts(), { voice: 'alba' }, new AbortController().signal))
    if (out.type === 'audio') pieces.push(muLaw.encode(out.samples))
  return Buffer.concat(pieces).toString('base64')
}

/** A line on which a greeting is cut after `cutAfter` ms, and then answered. */
async function line(cutAfter: number): Promise<Stream> {
  const clock = new ManualClock()
  const stream = new Stream({ send() {}, close() {}, cut() {} }, { id: '1', clock, messages })
  stream.receive(JSON.stringify({ sound: await soundOf('One two three four five.') }))
  await clock.advance(cutAfter)
  stream.receive('{"clear":true}')
  await clock.advance(500)
  stream.receive(JSON.stringify({ sound: await soundOf('Yes please.') }))
  await clock.advance(1000)
  return stream
}

const turn = (agent_text: string, status: TimelineTurn['status'] = 'completed') =>
  // all that is looked at
  ({ agent_text, status }) as TimelineTurn
const answer = turn('Yes please.')

test('a history is right at a cut when it is within one word', async () => {
  const heard = await line(520)
  assert.deepEqual(wordsHeard(heard), ['one', 'two', 'threeyes', 'please'])
  for (const text of ['One two', 'One two three', 'One two three four'])
    assertSameWords([turn(text, 'interrupted'), answer], heard)
})

test('two words more or less are found out, and so are other words', async () => {
  const heard = await line(520)
  for (const text of ['One', 'One two three four five', 'One ten three'])
    assert.throws(() => assertSameWords([turn(text, 'interrupted'), answer], heard), text)
})

test('what was not cut has to be right to the word', async () => {
  const heard = await line(5000)
  const greeting = turn('One two three four five.')
  assertSameWords([greeting, answer], heard)
  assertSameWords([greeting, turn(''), answer], heard)
  for (const turns of [
    [turn('One two three four.'), answer],
    [greeting, turn('Yes.')],
    [greeting],
    [greeting, answer, turn('And more.')],
    [answer, greeting],
    [],
  ])
    assert.throws(() => assertSameWords(turns, heard), JSON.stringify(turns))
})
