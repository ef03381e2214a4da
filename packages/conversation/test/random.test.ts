// Random conversations. In whatever order client, engines and clock speak, these hold.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conversation, type Effect, type Event, type Millis, nextDeadline, step } from '@parley/conversation'
import { type Dice, dice, gap, randomEvent, randomSession } from './random.js'
import type { Player } from './scenario.js'
import { Witness } from './witness.js'

const CONVERSATIONS = 2500
const EVENTS = 70

/** Plays one random conversation and tells the witness of every step. */
function converse(seed: number, witness: Witness, events = EVENTS): { player: Player; at: Millis; roll: Dice } {
  const roll = dice(seed)
  const player = randomSession(roll, (before, event, after, effects) => witness.sees(before, event, after, effects))
  let at = 0
  for (let index = 0; index < events; index++) {
    at += gap(roll)
    player.waitUntil(at)
    player.happen({ ...randomEvent(roll, player.conversation, index / events, at), at } as Event) // true: a body and a time
  }
  return { player, at, roll }
}

test(`${CONVERSATIONS} random conversations`, () => {
  for (let seed = 1; seed <= CONVERSATIONS; seed++) converse(seed, new Witness(`seed ${seed}`))
})

test('a conversation left alone comes to rest, and no words stay without an answer or an error', () => {
  for (let seed = 1; seed <= 600; seed++) {
    const witness = new Witness(`seed ${seed}`)
    const { player } = converse(seed, witness, 40)
    let steps = 0
    for (let due = nextDeadline(player.conversation); due !== undefined; due = nextDeadline(player.conversation)) {
      player.waitUntil(due + 1)
      assert.ok(++steps < 200, `it does not come to rest (seed ${seed})`)
    }
    assert.equal(player.conversation.phase, 'ended')
    witness.rests()
  }
})

test('late timers do not change what happens, only when it is noticed', () => {
  for (let seed = 1; seed <= 600; seed++) {
    const roll = dice(seed)
    const events: Event[] = []
    const prompt = randomSession(roll)
    const late = randomSession(dice(seed))
    let at = 0
    for (let index = 0; index < 40; index++) {
      at += gap(roll)
      prompt.waitUntil(at)
      events.push({ ...randomEvent(roll, prompt.conversation, index / 40, at), at } as Event) // true: as above
      prompt.happen(events.at(-1)!)
    }
    const effects: Effect[] = []
    let conversation: Conversation = late.conversation
    for (const event of events) {
      const [next, orders] = step(conversation, event)
      conversation = next
      effects.push(...orders)
    }
    assert.deepEqual(conversation, prompt.conversation, `seed ${seed}`)
    assert.deepEqual(effects, prompt.effects.slice(late.effects.length), `seed ${seed}`)
  }
})

test('a step leaves what it was given untouched', () => {
  const deepFreeze = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  for (let seed = 1; seed <= 200; seed++) {
    const witness = new Witness(`seed ${seed}`)
    const sees = witness.sees.bind(witness)
    witness.sees = (before, event, after, effects) => {
      sees(before, event, after, effects)
      deepFreeze(after) // frozen before the next step gets it: writing to it throws
    }
    converse(seed, witness)
  }
})
