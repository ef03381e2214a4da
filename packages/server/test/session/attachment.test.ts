// The line of a session while what is sent on it is held back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServerEvent } from '@parley/protocol'
import { Attachment } from '../../dist/session/attachment.js'
import type { Line } from '../../dist/session/session.js'

function lineOf(): Line & { readonly got: string[] } {
  const got: string[] = []
  return {
    got,
    send: (event) => void got.push(event.type),
    sendFrame: (_reply, bytes, start, end) => got.push(bytes.toString('latin1', start, end)),
    close: (code) => void got.push(String(code)),
  }
}

const event = (type: 'input.speech.started' | 'input.speech.stopped'): ServerEvent => ({ type })

test('events and sound that are held back leave in their order, the sound as it was', () => {
  const line = lineOf()
  const attachment = new Attachment(line)
  const [first, second] = [attachment.hold(), attachment.hold()]
  const memory = Buffer.from('-one-')
  attachment.send(event('input.speech.started'))
  attachment.sendFrame('reply', memory, 1, 4, false)
  memory.fill('x')
  first()
  attachment.send(event('input.speech.stopped'))
  assert.deepEqual(line.got, [])
  second()
  attachment.sendFrame('reply', memory, 0, 1, false)
  assert.deepEqual(line.got, ['input.speech.started', 'one', 'input.speech.stopped', 'x'])
})

test('what is held back as a session ends is sent before the line closes; where it goes on elsewhere, it is not', () => {
  for (const [how, expected] of [
    ['close', ['input.speech.started', '1000']],
    ['abandon', ['1000']],
  ] as const) {
    const line = lineOf()
    const attachment = new Attachment(line)
    const release = attachment.hold()
    attachment.send(event('input.speech.started'))
    attachment[how](1000, 'over')
    release()
    assert.deepEqual(line.got, expected)
  }
})

test('what was held back for a line does not reach the one that takes its place', () => {
  const [before, after] = [lineOf(), lineOf()]
  const attachment = new Attachment(before)
  const release = attachment.hold()
  attachment.send(event('input.speech.started'))
  attachment.offer(after)
  // True: only its type is looked at.
  attachment.send({ type: 'session.ready' } as ServerEvent)
  release()
  assert.deepEqual([before.got, after.got], [['1008'], ['session.ready']])
})

test('a call that was held back until its line was gone is told on the next one, once, after session.ready', () => {
  for (const isHeldTooLong of [false, true]) {
    const [before, after, last] = [lineOf(), lineOf(), lineOf()]
    const attachment = new Attachment(before)
    const release = attachment.hold()
    attachment.send({ type: 'tool.call', call_id: 'c1', name: 'pay', arguments: {} })
    attachment.release(before)
    // the conversation knows by now that nobody is there, and keeps this one itself
    attachment.send({ type: 'tool.call', call_id: 'c2', name: 'pay', arguments: {} })
    if (!isHeldTooLong) release()
    for (const line of [after, last]) {
      attachment.offer(line)
      // True: only its type is looked at.
      attachment.send({ type: 'session.ready' } as ServerEvent)
      attachment.send(event('input.speech.started'))
      if (isHeldTooLong && line === after) release()
    }
    assert.deepEqual(before.got, [])
    assert.deepEqual(after.got, ['session.ready', 'tool.call', 'input.speech.started', '1008'])
    assert.deepEqual(last.got, ['session.ready', 'input.speech.started'])
  }
})
