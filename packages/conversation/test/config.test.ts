// Settings: defaults, what goes over what, and what may change in the course of a session.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem, SessionPatch } from '@parley/protocol'
import { change } from '../dist/changes.js'
import { configure } from '../dist/config.js'

const config = configure({ greeting: 'Hi.', system_prompt: 'Old.' }, 'alba')
const invalid = (param: string): Problem => ({ code: 'invalid_value', message: `wrong ${param}`, param })

test('nothing said: everything is null or at its default, in the documented order', () => {
  assert.equal(
    JSON.stringify(configure({}, 'alba')),
    '{"system_prompt":"","greeting":null,"input":{"type":"audio","format":{"encoding":"audio/pcm","sample_rate":24000},' +
      '"turn_detection":null,"keyterms":null,"transcription_mode":null,"continuous_partials":null,' +
      '"transcription_prompt":null,"language_codes":null,"voice_focus":null,"voice_focus_threshold":null},' +
      '"output":{"type":"audio","voice":"alba","format":{"encoding":"audio/pcm","sample_rate":24000},"volume":null},' +
      '"tools":[],"llm":[],"pre_connect_requests":[]}',
  )
})

test('every setting of the input is taken over', () => {
  const input = {
    type: 'text',
    format: { encoding: 'audio/pcma', sample_rate: 8000 },
    turn_detection: {
      type: 'server_vad',
      vad_threshold: 0.1,
      min_silence: 200,
      max_silence: 300,
      interrupt_response: false,
      interruption_delay: 100,
      uninterruptible_turns: ['greeting'],
    },
    keyterms: ['a'],
    transcription_mode: 'max_accuracy',
    continuous_partials: true,
    transcription_prompt: 'p',
    language_codes: ['en'],
    voice_focus: 'far-field',
    voice_focus_threshold: 0.2,
  } satisfies SessionPatch['input']
  assert.deepEqual(configure({ input }, 'alba').input, input)
})

test('output and pre-connect requests are taken over', () => {
  const output = {
    type: 'text',
    voice: 'eve',
    format: { encoding: 'audio/pcmu', sample_rate: 8000 },
    volume: 0,
  } satisfies SessionPatch['output']
  assert.deepEqual(configure({ output }, 'alba').output, output)
  const request = { http: { url: 'https://example.com/caller', http_method: 'GET', headers: [] } } as const
  const patch: SessionPatch = { pre_connect_requests: [{ ...request, http: { ...request.http, headers: [] } }] }
  assert.deepEqual(configure(patch, 'alba').pre_connect_requests, patch.pre_connect_requests)
})

test('a tool is completed with its defaults (checklist 34)', () => {
  assert.deepEqual(configure({ tools: [{ type: 'function', name: 'weather' }] }, 'alba').tools, [
    {
      type: 'function',
      name: 'weather',
      description: '',
      parameters: { type: 'object', properties: {}, required: [] },
      timeout_seconds: 120,
      execution_mode: 'interactive',
      http: null,
      response_instructions: null,
      deployment_id: null,
      session_update: null,
      image_tag: null,
    },
  ])
})

test('turn detection: an unset bound gives way to the one that was set', () => {
  const bounds = (turn_detection: NonNullable<SessionPatch['input']>['turn_detection']) => {
    const detection = configure({ input: { turn_detection } }, 'alba').input.turn_detection
    return [detection?.min_silence, detection?.max_silence]
  }
  assert.deepEqual(bounds({}), [1000, 3000])
  assert.deepEqual(bounds({ max_silence: 400 }), [400, 400])
  assert.deepEqual(bounds({ min_silence: 4000 }), [4000, 4000])
  assert.deepEqual(bounds({ min_silence: 300, max_silence: 600 }), [300, 600])
})

test('turn detection in mid-session goes over the object in force, and null turns it off', () => {
  const first = configure({ input: { turn_detection: { min_silence: 500, vad_threshold: 0.7 } } }, 'alba')
  const second = change(first, { input: { turn_detection: { interrupt_response: false } } }, []).config
  assert.equal(second.input.turn_detection?.min_silence, 500)
  assert.equal(second.input.turn_detection?.vad_threshold, 0.7)
  assert.equal(second.input.turn_detection?.interrupt_response, false)
  assert.equal(change(second, { input: { keyterms: ['a'] } }, []).config.input.turn_detection?.min_silence, 500)
  assert.equal(change(second, { input: { turn_detection: null } }, []).config.input.turn_detection, null)
})

test('tools and key terms are replaced whole (checklist 48, 49)', () => {
  const first = configure({ tools: [{ type: 'function', name: 'a' }], input: { keyterms: ['a', 'b'] } }, 'alba')
  const { config: next } = change(first, { tools: [{ type: 'function', name: 'b' }], input: { keyterms: ['c'] } }, [])
  assert.deepEqual(
    next.tools.map(({ name }) => name),
    ['b'],
  )
  assert.deepEqual(next.input.keyterms, ['c'])
})

test('a field that may not change is refused once each, with the exact words (checklist 52-55)', () => {
  const patch: SessionPatch = {
    greeting: 'Other.',
    output: { type: 'text', voice: 'nobody', format: { encoding: 'audio/pcmu', sample_rate: 8000 } },
  }
  const { config: next, refused, acknowledged } = change(config, patch, [invalid('output.voice')])
  assert.deepEqual(next, config)
  assert.equal(acknowledged, false)
  assert.deepEqual(
    refused.map(({ code, param, message }) => [code, param, message]),
    ['greeting', 'output.type', 'output.voice', 'output.format'].map((path) => [
      'immutable_field',
      path,
      `'${path}' cannot be changed after the first session.update`,
    ]),
  )
})

test('a malformed field that may not change is refused as such', () => {
  const { refused } = change(config, {}, [invalid('output.format.encoding'), invalid('output.voice')])
  assert.deepEqual(
    refused.map(({ code, param }) => `${code} ${param}`),
    ['immutable_field output.voice', 'immutable_field output.format'],
  )
})

test('what was sent again unchanged is no change, and is acknowledged (checklist 56)', () => {
  const patch: SessionPatch = {
    greeting: 'Hi.',
    output: { type: 'audio', voice: 'alba', format: { encoding: 'audio/pcm', sample_rate: 24_000 } },
  }
  assert.deepEqual(change(config, patch, []), { config, refused: [], acknowledged: true })
  const rate: SessionPatch = { output: { format: { encoding: 'audio/pcm', sample_rate: 24_000 } } }
  assert.deepEqual(change(config, rate, []), { config, refused: [], acknowledged: true })
  const noGreeting = configure({}, 'alba')
  assert.deepEqual(change(noGreeting, { greeting: '' }, []).refused, [])
})

test('another rate of the same encoding is a change', () => {
  assert.equal(
    change(config, { output: { format: { encoding: 'audio/pcm', sample_rate: 8000 } } }, []).refused.length,
    1,
  )
})

test('the input format stays as it was, silently', () => {
  const {
    config: next,
    refused,
    acknowledged,
  } = change(config, { input: { format: { encoding: 'audio/pcmu', sample_rate: 8000 } } }, [
    invalid('input.format.encoding'),
  ])
  assert.deepEqual([next, refused, acknowledged], [config, [], true])
})

test('a refused value stays as it was while the rest applies (checklist 57)', () => {
  const patch: SessionPatch = {
    system_prompt: 'New.',
    tools: [{ type: 'function', name: 'a', timeout_seconds: 999 }],
    output: { volume: 500 },
    input: { turn_detection: { vad_threshold: 5, min_silence: 700 }, transcription_prompt: 'p' },
  }
  const problems = ['tools[0].timeout_seconds', 'output.volume', 'input.turn_detection.vad_threshold'].map(invalid)
  const { config: next, refused, acknowledged } = change(config, patch, problems)
  assert.deepEqual(refused, problems)
  assert.ok(acknowledged)
  assert.equal(next.system_prompt, 'New.')
  assert.deepEqual(next.tools, [])
  assert.equal(next.output.volume, null)
  assert.equal(next.input.turn_detection?.vad_threshold, 0.5)
  assert.equal(next.input.turn_detection?.min_silence, 700)
  assert.equal(next.input.transcription_prompt, 'p')
})

test('nothing is acknowledged when all was refused (Q6)', () => {
  for (const [patch, problem] of [
    [{ agent_id: 'a' }, undefined],
    [{ llm: [{}] }, invalid('llm')],
    [{ output: { volume: 500 } }, invalid('output.volume')],
    [{ tools: [{ type: 'function', name: 'a' }] }, invalid('tools[0].name')],
    [{ input: { keyterms: [] } }, invalid('input.keyterms')],
    [{ greeting: 'x', input: { format: { encoding: 'audio/pcm', sample_rate: 24_000 } } }, undefined],
  ] as const) {
    const { acknowledged, refused } = change(config, patch as SessionPatch, problem ? [problem] : []) // true: readonly only
    assert.equal(acknowledged, false, JSON.stringify(patch))
    assert.equal(refused.length, 1)
  }
})

test('settings that only Parley has are there once one was sent, and change one by one', () => {
  const filler = { mode: 'phrases', phrases: ['Hm.'] } as const
  assert.ok(!('parley' in configure({}, 'alba')))
  const first = configure({ parley: { end_call: true } }, 'alba')
  assert.deepEqual(first.parley, { end_call: true })
  const second = change(first, { parley: { filler: { ...filler, phrases: [...filler.phrases] } } }, [])
  assert.deepEqual([second.config.parley, second.acknowledged], [{ end_call: true, filler }, true])
  const third = change(second.config, { parley: { filler: { mode: 'off' } } }, [invalid('parley.end_call')])
  assert.deepEqual(third.config.parley, { end_call: true, filler: { mode: 'off' } })
  assert.deepEqual(third.refused, [invalid('parley.end_call')])
  assert.equal(change(first, { system_prompt: 'New.' }, []).config.parley, first.parley)
})
