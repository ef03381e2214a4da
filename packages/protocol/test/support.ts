// What the tests of the wire share: short ways to send something and look at the outcome.
import assert from 'node:assert/strict'
import {
  type ClientEvent,
  checkSession,
  type Known,
  type Problem,
  parseClientEvent,
  voiceNames,
} from '@parley/protocol'

export const known: Known = { voices: voiceNames }

/** Parses `message`, which must be in order. */
export function accepted(message: unknown): ClientEvent {
  const result = parseClientEvent(JSON.stringify(message))
  assert.ok(result.ok, result.ok ? '' : result.problem.message)
  return result.event
}

/** Parses `text`, or `text` made of a value, which must be refused. */
export function refused(text: unknown): Problem {
  const result = parseClientEvent(typeof text === 'string' ? text : JSON.stringify(text))
  assert.ok(!result.ok, 'the message was accepted')
  return result.problem
}

/** Sends `session` as an update, which must parse, and checks its values. */
export function update(session: unknown, allowed: Partial<Known> = {}) {
  const event = accepted({ type: 'session.update', session })
  assert.ok(event.type === 'session.update' && event.session)
  return checkSession(event.session, { ...known, ...allowed })
}

/** The one problem with `session`. */
export function problemOf(session: unknown, allowed: Partial<Known> = {}): Problem {
  const { problems } = update(session, allowed)
  assert.equal(problems.length, 1, JSON.stringify(problems))
  return problems[0]!
}

/** Asserts that nothing is wrong with `session`, and gives what may be applied. */
export function patchOf(session: unknown, allowed: Partial<Known> = {}) {
  const { patch, problems } = update(session, allowed)
  assert.deepEqual(problems, [])
  return patch
}
