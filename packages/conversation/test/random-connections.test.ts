// Random conversations whose connection is lost, resumed and taken over at any moment, and whose server dies now and then.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Conversation,
  type Event,
  type EventBody,
  type Item,
  type Live,
  nextDeadline,
  revive,
} from '@parley/conversation'
import { Client } from './client.js'
import { type Dice, dice, randomEvent, randomSession } from './random.js'
import type { Player } from './scenario.js'
import { Witness } from './witness.js'

const EVENTS = 60

/** One event of six is about the connection. */
function randomMoment(roll: Dice, player: Player, progress: number, at: number): EventBody {
  if (roll() > 1 / 6) return randomEvent(roll, player.conversation, progress, at)
  return { type: roll() < 0.5 ? 'connection.lost' : 'connection.resumed' }
}

function converse(seed: number, each: (player: Player, at: number) => void = () => {}): Player {
  const roll = dice(seed)
  const witness = new Witness(`seed ${seed}`)
  const client = new Client(`seed ${seed}`)
  const player = randomSession(roll, (before, event, after, effects) => {
    witness.sees(before, event, after, effects)
    client.sees(event, effects, after)
  })
  let at = 0
  for (let index = 0; index < EVENTS; index++) {
    at += Math.floor(roll() * roll() * 900)
    player.waitUntil(at)
    if (roll() < 1 / 40) {
      witness.died()
      player.restart(at)
    }
    player.happen({ ...randomMoment(roll, player, index / EVENTS, at), at } as Event) // true: a body and a time
    each(player, at)
  }
  return player
}

test('in whatever order connections come and go, each client has the whole of what concerns it, once', () => {
  for (let seed = 1; seed <= 2000; seed++) converse(seed)
})

test('no word of the user that was taken is ever missing from the history', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const taken: string[] = []
    let live: Live | undefined
    const player = converse(seed, ({ conversation }) => {
      if (conversation.phase === 'live') live = conversation
    })
    for (const effect of player.effects)
      if (effect.type === 'send' && effect.event.type === 'transcript.user') taken.push(effect.event.text)
    const ends = player.conversation.phase === 'ended' ? 1 : 0
    const written = (live?.history ?? []).flatMap(({ role, text }) => (role === 'user' ? [text] : [])).join(' ')
    // what is closed by the very end of the session is told, and the conversation is no more
    for (const text of taken.slice(0, taken.length - ends)) assert.ok(written.includes(text), `seed ${seed}: ${text}`)
  }
})

test('a conversation that nobody resumes comes to its end, and no deadline outlives it', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const player = converse(seed)
    player.happen({ type: 'connection.lost', at: 1_000_000 })
    for (let due = nextDeadline(player.conversation); due !== undefined; due = nextDeadline(player.conversation)) {
      assert.ok(due <= 1_030_000, `seed ${seed}: something is due at ${due}`)
      player.waitUntil(due + 1)
    }
    assert.equal(player.conversation.phase, 'ended')
  }
})

test('a conversation revived from what was stored at any moment is at rest, loses no turn and repeats nothing heard', () => {
  for (let seed = 1; seed <= 300; seed++) {
    converse(seed, ({ conversation }, at) => {
      if (conversation.phase !== 'live') return
      // as it comes back from a database
      const stored: Live = JSON.parse(JSON.stringify(conversation))
      const [revived] = revive(stored, at + 500)
      if (revived.phase !== 'live') assert.fail('it lives')
      assertRevived(conversation, revived, at + 500, `seed ${seed}`)
    })
  }
})

function assertRevived(before: Live, revived: Live, at: number, where: string): void {
  assert.deepEqual([revived.reply, revived.user.is, revived.connection.is], [undefined, 'silent', 'down'], where)
  const running = revived.calls.filter(({ progress }) => progress.is === 'running')
  assert.ok(!running.some(({ runner }) => runner === 'server'), `${where}: no tool of the dead server is waited for`)
  const due = nextDeadline(revived as Conversation)
  assert.ok(due !== undefined && due <= at + 30_000, where)
  // the last item may have grown: the user went on
  const settled = withoutResults(before.history.slice(0, -1))
  assert.deepEqual(withoutResults(revived.history.slice(0, settled.length)), settled, where)
  const said = before.user.is === 'silent' ? '' : before.user.said.text
  const last = revived.history.findLast(({ role }) => role === 'user')
  if (said !== '' && before.user.is === 'pausing') assert.ok(last?.text.endsWith(said), `${where}: ${said}`)
  const wasHeard = revived.history.length > before.history.length && revived.history.at(-1)?.role === 'agent'
  if (wasHeard && said === '') assert.notEqual(revived.owed?.is, 'answer', where)
}

/** What tools gave: of those that ran on the server something else is known once it has died. */
const withoutResults = (history: readonly Item[]): readonly Item[] =>
  history.map((item) => (item.role === 'tool' ? { ...item, text: '' } : item))
