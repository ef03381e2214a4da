// The recording of a telephone call: on the right what the caller has heard, by what the carrier tells.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Conversation, type Effect, type EventBody, opening, step } from '@parley/conversation'
import { encoderFor } from '../../dist/audio/codec.js'
import { Recording } from '../../dist/history/recording.js'
import { SessionHistory } from '../../dist/history/session-history.js'
import { Tape } from '../../dist/history/tape.js'
import { listen } from './listen.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-telephone-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const AGENT_HZ = 1000
const CLEAR = 0.2
const SILENT = 0.01
const LEAD_MS = 160

/** A second of a tone in mu-law, to be sent again and again. */
const tone = Buffer.from(
  encoderFor('audio/pcmu', 8_000).push(
    Int16Array.from({ length: 8_000 }, (_, index) => 12_000 * Math.sin((2 * Math.PI * AGENT_HZ * index) / 8_000)),
  ),
)

/** A session that is ready at 0, of which the test tells what happens and what is sent. */
async function session(name: string, confirmsPlayout: boolean) {
  const path = join(folder, `${name}.ogg`)
  const recording = await Recording.open(path, { input: 'audio/pcmu', output: 'audio/pcmu' })
  let now = 0
  const tape = new Tape((batch) => recording.take(batch, now))
  const history = new SessionHistory({
    id: 'sess_1',
    accountId: 'mine',
    now: () => now,
    policy: () => ({ words: true, sound: true, retentionDays: 1 }),
    begun() {},
    open: () => tape,
    entry() {},
    suspended() {},
    ended() {},
  })
  let conversation: Conversation = opening({
    ...{ sessionId: 'sess_1', startedAtUnixMs: 0, cap: 600_000, firstMessageWithin: 30_000, lead: LEAD_MS },
    ...{ grace: 0, defaultVoice: 'alba', confirmsPlayout },
  })
  const format = { encoding: 'audio/pcmu', sample_rate: 8_000 } as const
  const happen = (body: EventBody, more: readonly Effect[] = []) => {
    const event = { ...body, at: now }
    const [next, effects] = step(conversation, event)
    conversation = next
    history.stepped(event, [...effects, ...more], next)
  }
  happen({ type: 'client.updated', patch: { input: { format }, output: { format } }, problems: [] })
  happen({ type: 'engines.ready' })
  return {
    happen,
    /** The agent's sound leaves as it does, a little ahead, until `end`; `meanwhile` is called every 20 ms. */
    speak(reply: string, end: number, meanwhile: (at: number) => void = () => {}) {
      const began = now
      let sent = 0
      for (; now < end; now += 20) {
        for (; sent < now - began + LEAD_MS; sent += 20) {
          const start = (sent * 8) % 8_000
          history.sent(reply, tone, start, start + 160, now)
        }
        meanwhile(now)
      }
    },
    /** The user takes the floor. */
    interrupt: (reply: string) => happen({ type: 'clock.ticked' }, [{ type: 'cancel', reply }]),
    pass(ms: number) {
      now += ms
    },
    async heard() {
      tape.flush()
      recording.finish(now)
      return listen(path)
    },
  }
}

test('what left and was not played is not in the recording', async () => {
  const { speak, happen, interrupt, pass, heard } = await session('late', true)
  // the carrier plays 400 ms late: of 2000 ms that could have been played it tells of 1500
  speak('resp_1', 2_000, (at) => {
    if (at >= 500 && at % 100 === 0) happen({ type: 'playout.reached', reply: 'resp_1', offset: at - 400 })
  })
  interrupt('resp_1')
  pass(2_000)
  const { tone: toneIn, level } = await heard()
  assert.ok(toneIn('agent', AGENT_HZ, 50, 1_450) > CLEAR)
  assert.ok(level('agent', 1_700, 4_000) < SILENT, `${level('agent', 1_700, 4_000)} after what was heard`)
})

test('what was confirmed is in the recording', async () => {
  const { speak, happen, interrupt, pass, heard } = await session('prompt', true)
  speak('resp_1', 1_000, (at) => {
    if (at > 0 && at % 100 === 0) happen({ type: 'playout.reached', reply: 'resp_1', offset: at })
  })
  interrupt('resp_1')
  pass(1_000)
  const { tone: toneIn, level } = await heard()
  assert.ok(toneIn('agent', AGENT_HZ, 50, 960) > CLEAR)
  assert.ok(level('agent', 1_050, 2_000) < SILENT)
})

test('for a peer that tells nothing, the clock says what was heard', async () => {
  const { speak, interrupt, pass, heard } = await session('silent', false)
  speak('resp_1', 2_000)
  interrupt('resp_1')
  pass(1_000)
  const { tone: toneIn, level } = await heard()
  assert.ok(toneIn('agent', AGENT_HZ, 50, 1_950) > CLEAR)
  assert.ok(level('agent', 2_050, 3_000) < SILENT)
})
