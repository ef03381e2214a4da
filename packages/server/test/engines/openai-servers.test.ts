// Streams in the forms in which different servers send them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LlmOutput } from '../../dist/engines/engine.js'
import { ReplyAssembly } from '../../dist/engines/llm/openai-chunk.js'
import { SpokenText } from '../../dist/engines/llm/spoken-text.js'
import { MAX_ARGUMENT_CHARACTERS, ToolCalls } from '../../dist/engines/llm/tool-calls.js'
import { bench, never, outputs, request } from './openai-kit.js'

const wrote = (text: string): LlmOutput => ({ type: 'wrote', text })

const recorded: readonly (readonly [string, string, readonly LlmOutput[]])[] = [
  [
    'OpenAI: a role first, a refusal field, usage in a last chunk without choices',
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}

data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Yes"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"."},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}

data: [DONE]

`,
    [wrote('Yes'), wrote('.')],
  ],
  [
    'OpenAI: a refusal is spoken',
    `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"refusal":"I cannot"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"refusal":" do that."},"finish_reason":"stop"}]}

data: [DONE]

`,
    [wrote('I cannot'), wrote(' do that.')],
  ],
  [
    'OpenAI: two calls in pieces, interleaved by index',
    `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"find","arguments":""}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"book","arguments":"{\\"n\\""}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"kind\\":\\"rye\\"}"}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":2}"}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

`,
    [
      { type: 'called', callId: 'call_a', name: 'find', arguments: '{"kind":"rye"}' },
      { type: 'called', callId: 'call_b', name: 'book', arguments: '{"n":2}' },
    ],
  ],
  [
    'Ollama: whole calls that all have index 0, and "stop" as the reason',
    `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"find","arguments":"{\\"kind\\":\\"rye\\"}"}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_2","index":0,"type":"function","function":{"name":"find","arguments":"{\\"kind\\":\\"oat\\"}"}}]},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}

data: [DONE]

`,
    [
      { type: 'called', callId: 'call_1', name: 'find', arguments: '{"kind":"rye"}' },
      { type: 'called', callId: 'call_2', name: 'find', arguments: '{"kind":"oat"}' },
    ],
  ],
  [
    'a server without indexes: arguments go to the call that was begun last',
    `data: {"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"find","arguments":"{"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"id":"b","function":{"name":"book"}}]},"finish_reason":"tool_calls"}]}

`,
    [
      { type: 'called', callId: 'a', name: 'find', arguments: '{}' },
      { type: 'called', callId: 'b', name: 'book', arguments: '{}' },
    ],
  ],
  [
    'a server that sends arguments as an object',
    `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"find","arguments":{"kind":"rye"}}}]},"finish_reason":"function_call"}]}

`,
    [{ type: 'called', callId: 'a', name: 'find', arguments: '{"kind":"rye"}' }],
  ],
  [
    'llama.cpp: no role, CRLF line ends, a comment as sign of life, no end mark',
    'data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Yes"}}],"created":1,"id":"x","model":"m"}\r\n\r\n: ping\r\n\r\ndata: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"timings":{"predicted_n":2}}\r\n\r\n',
    [wrote('Yes')],
  ],
  [
    'vLLM with a reasoning parser: thoughts come in a field of their own',
    `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"reasoning_content":"The user wants bread."},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"reasoning":"Still."},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop","stop_reason":null}]}

data: [DONE]

`,
    [wrote('Yes.')],
  ],
  [
    'thoughts within the text, cut within the tags, with blank lines after',
    `data: {"choices":[{"delta":{"content":"<th"}}]}

data: {"choices":[{"delta":{"content":"ink>Bread? <b>Hm</b></thi"}}]}

data: {"choices":[{"delta":{"content":"nk>\\n\\n"}}]}

data: {"choices":[{"delta":{"content":"Yes, 1 <"}}]}

data: {"choices":[{"delta":{"content":" 2."},"finish_reason":"eos"}]}

data: [DONE]

`,
    [wrote('Yes, 1 '), wrote('< 2.')],
  ],
  [
    'content in parts: only text is spoken',
    `data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]}}]}

data: {"choices":[{"delta":{"content":[{"type":"text","text":"Yes."}]},"finish_reason":""}]}

data: [DONE]

`,
    [wrote('Yes.')],
  ],
  [
    'a stream that ends with a mark and without a reason is whole',
    `data: {"choices":[{"delta":{"content":"Yes."}}]}

data:[DONE]

`,
    [wrote('Yes.')],
  ],
]

for (const [name, stream, expected] of recorded) {
  test(name, async (t) => {
    const { llm } = await bench(t, ({ answer }) => answer.raw(stream).end())
    assert.deepEqual(await outputs(llm.open(request, never())), expected)
  })
}

test('however the stream is cut into packets, the reply is the same', async (t) => {
  const [, stream] = recorded[2]!
  const bytes = Buffer.from(stream)
  const { llm } = await bench(t, async ({ answer }, count) => {
    for (let at = 0; at < bytes.length; at += 40 + count) {
      answer.raw(bytes.subarray(at, at + 40 + count).toString('latin1'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    answer.end()
  })
  for (let n = 0; n < 3; n += 1) assert.deepEqual(await outputs(llm.open(request, never())), recorded[2]![2])
})

test('calls without ids get ids of their own', () => {
  const calls = new ToolCalls()
  calls.take({ index: 0, name: 'find', arguments: '{}' })
  calls.take({ index: 1, name: 'find', arguments: '{}' })
  const [first, second] = calls.finish()
  assert.match(first!.callId, /^call_[0-9a-f]{32}$/)
  assert.notEqual(first!.callId, second!.callId)
})

test('two calls with the same id are told apart', () => {
  const calls = new ToolCalls()
  calls.take({ index: 0, id: 'x', name: 'find', arguments: '{}' })
  calls.take({ index: 1, id: 'x', name: 'book', arguments: '{}' })
  const ids = calls.finish().map(({ callId }) => callId)
  assert.equal(ids[0], 'x')
  assert.notEqual(ids[1], 'x')
})

test('a call that cannot be made is an error: no name, no JSON, no object, too long', () => {
  for (const delta of [
    { arguments: '{}' },
    { name: 'find', arguments: '{"kind":' },
    { name: 'find', arguments: '[1]' },
    { name: 'find', arguments: 'null' },
  ]) {
    const calls = new ToolCalls()
    calls.take(delta)
    assert.throws(() => calls.finish(), /tool call/)
  }
  assert.throws(
    () => new ToolCalls().take({ name: 'find', arguments: ' '.repeat(MAX_ARGUMENT_CHARACTERS + 1) }),
    /longer/,
  )
})

test('thoughts are left out wherever the text is cut', () => {
  const text = ' <think>a < b</think> Yes <Thinking>no</thinking>and <no> more</think> so <thin air.'
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), text.length]
      const spoken = new SpokenText()
      let said = ''
      for (let n = 1; n < cuts.length; n += 1) said += spoken.take(text.slice(cuts[n - 1], cuts[n]))
      assert.equal(said + spoken.finish(), 'Yes and <no> more so <thin air.')
    }),
  )
})

test('a thought that never ends is never spoken', () => {
  const spoken = new SpokenText()
  assert.equal(spoken.take('Well. <think>on and on ') + spoken.take('and on') + spoken.finish(), 'Well. ')
})

test('text without thoughts is not held back', () => {
  const spoken = new SpokenText()
  assert.equal(spoken.take('One '), 'One ')
  assert.equal(spoken.take('a < b'), 'a < b')
  assert.equal(spoken.take(' <'), ' ')
  assert.equal(spoken.take('b>'), '<b>')
})

test('chunks of any form are either understood or refused, never a crash', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (chunk) => {
      try {
        assert.equal(typeof new ReplyAssembly().take(chunk), 'string')
      } catch (error) {
        assert.ok(error instanceof SyntaxError)
      }
    }),
  )
})
