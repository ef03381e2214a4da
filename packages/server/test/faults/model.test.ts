// What a caller hears when the language model, or the way to it, fails (checklist 169, 170).
import assert from 'node:assert/strict'
import type { Script } from '../engines/openai-server.js'
import type { Peer } from '../helpers/peer.js'
import { says } from '../helpers/scripted-model.js'
import { type ModelStage, modelStage } from './model-stage.js'
import { apologised, assertWithin, faults, PATIENCE_MS, type Row, replied, type Scene } from './scene.js'

let stage: ModelStage

const refuses =
  (status: number, headers: Record<string, string> = {}): Script =>
  ({ answer }) =>
    answer.refuse(status, { message: 'no' }, headers)

const lookUp = {
  type: 'function',
  name: 'look_up',
  description: 'Looks something up.',
  parameters: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
}

/** A model that is well again answers as if nothing had been. */
async function wellAgain(peer: Peer): Promise<void> {
  await stage.mend()
  const spoken = peer.next('transcript.agent', () => true, PATIENCE_MS)
  assert.equal((await replied(peer)).status, 'completed')
  assert.equal((await spoken).text, 'A short answer.')
  await peer.end()
}

/** The reply fails, the caller is told so, and the next one is an answer again. */
const failsWith =
  (...script: readonly Script[]): Row =>
  async (scene) => {
    stage.model.script = script
    await fails(scene)
  }

async function fails(scene: Scene): Promise<void> {
  const peer = await scene.ready()
  const sorry = apologised(peer)
  peer.send({ type: 'reply.create' })
  await sorry
  await wellAgain(peer)
}

/** The caller hears the answer all the same. */
const answersAfter =
  (script: readonly Script[], text: string): Row =>
  async (scene) => {
    stage.model.script = script
    const peer = await scene.ready()
    const spoken = peer.next('transcript.agent', () => true, PATIENCE_MS)
    const { status } = await replied(peer)
    assert.deepEqual([status, (await spoken).text, peer.of('reply.error')], ['completed', text, []])
    assertWithin(peer.of('reply.started')[0]!, peer.of('reply.audio')[0]!)
    await wellAgain(peer)
  }

/** What is too long is played until the caller stops it; the model is not read on. */
const endless =
  (script: Script): Row =>
  async (scene) => {
    stage.model.script = [script]
    const peer = await scene.ready()
    const started = peer.next('reply.started', () => true, PATIENCE_MS)
    peer.send({ type: 'reply.create' })
    const { reply_id } = await started
    const { closed } = await stage.model.request(0)
    await Promise.all([closed, peer.first('reply.audio')])
    const done = peer.next('reply.done', () => true, PATIENCE_MS)
    peer.send({ type: 'reply.cancel', reply_id })
    assert.equal((await done).status, 'interrupted')
    await wellAgain(peer)
  }

faults(
  'The language model',
  async () => {
    stage = await modelStage()
    return stage
  },
  {
    'nothing listens at its address': async (scene) => {
      const peer = await scene.ready()
      await stage.link.down()
      const sorry = apologised(peer)
      peer.send({ type: 'reply.create' })
      await sorry
      await stage.link.up()
      await wellAgain(peer)
    },
    'its name does not resolve': async (scene) => {
      const llm = [{ base_url: 'http://nobody.invalid/v1', model: 'tiny', api_key: 'sk-none' }]
      const peer = await scene.ready({ agent_id: await scene.agent({ llm }) })
      const sorry = apologised(peer)
      peer.send({ type: 'reply.create' })
      await sorry
      await peer.end()
    },
    'it accepts the connection and never answers': async (scene) => {
      stage.link.fault = { is: 'stall', after: 0 }
      await fails(scene)
    },
    'the headers of its answer never end': async (scene) => {
      stage.link.fault = { is: 'drip', everyMs: 60 }
      await fails(scene)
    },
    'it is slow': async (scene) => {
      stage.link.fault = { is: 'delay', ms: 50 }
      await answersAfter([says('A short ', 'answer.')], 'A short answer.')(scene)
    },
    'it resets the connection': async (scene) => {
      stage.link.fault = { is: 'reset', after: 0 }
      await fails(scene)
    },
    'bytes of its answer are changed on the way': async (scene) => {
      stage.link.fault = { is: 'corrupt', after: 200 }
      await fails(scene)
    },
    'it says 429 with `Retry-After`, then answers': answersAfter(
      [refuses(429, { 'retry-after': '1' }), says('There is bread.')],
      'There is bread.',
    ),
    'it says 429 again and again': failsWith(refuses(429)),
    'it says 500 once, then answers': answersAfter([refuses(500), says('There is bread.')], 'There is bread.'),
    'it says 500 again and again': failsWith(refuses(500)),
    'it says 503 again and again': failsWith(refuses(503)),
    'it refuses the key (401)': failsWith(refuses(401)),
    'it does not have the model (404)': failsWith(refuses(404)),
    'it answers with a web page': failsWith(({ answer }) => answer.raw('<html>Hello.</html>', 'text/html').end()),
    'a line of its stream is no event': answersAfter(
      [({ answer }) => answer.says('There ').raw('what: is this\nnonsense\n\n').says('is bread.').done()],
      'There is bread.',
    ),
    'a piece of its answer is broken JSON': failsWith(({ answer }) => answer.raw('data: {"choices": [{\n\n').done()),
    'it breaks off in mid-sentence, once': answersAfter(
      [
        ({ answer }) => answer.says('There is bread today. It comes ').breakOff(),
        says('There is bread today. It comes ', 'at nine.'),
      ],
      'There is bread today. It comes at nine.',
    ),
    'it breaks off in mid-sentence, each time': failsWith(({ answer }) =>
      answer.says('There is bread today. It comes ').breakOff(),
    ),
    'it closes the stream in mid-sentence, as if that were the end': failsWith(({ answer }) =>
      answer.says('There is bread today. It comes ').end(),
    ),
    'it falls silent in mid-sentence': failsWith(({ answer }) => void answer.says('There is bread today. It comes ')),
    'it never stops writing': endless(({ answer, closed }) => {
      let isOpen = true
      void closed.then(() => {
        isOpen = false
      })
      const write = () => {
        if (!isOpen) return
        answer.says('And there is more to be told of it. '.repeat(20))
        setTimeout(write, 5)
      }
      write()
    }),
    'it writes one word without end': endless(({ answer }) => answer.says('a'.repeat(100_000)).done()),
    'it answers without words, once': answersAfter(
      [({ answer }) => answer.done(), says('There is bread.')],
      'There is bread.',
    ),
    'it answers without words, each time': failsWith(({ answer }) => answer.done()),
    'it calls a tool with broken arguments': async (scene) => {
      const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"order": ' } }
      stage.model.script = [
        ({ answer }) => answer.delta({ tool_calls: [call] }).done('tool_calls'),
        says('Which order is it?'),
      ]
      await asksAgain(scene, 'Which order is it?')
    },
    'it calls a tool that is not there': async (scene) => {
      stage.model.script = [
        ({ answer }) => answer.calls(0, 'call_1', 'bake_bread').done('tool_calls'),
        says('I cannot bake.'),
      ]
      await asksAgain(scene, 'I cannot bake.')
    },
    'it calls tools without end': async (scene) => {
      stage.model.script = [
        ({ answer, body }, count) => {
          if (!body.tools) return answer.says('That is all I know.').done()
          answer.calls(0, `call_${count}`, 'look_up', { order: '4711' }).done('tool_calls')
        },
      ]
      const peer = await scene.ready({ system_prompt: 'You sell bread.', tools: [lookUp] })
      peer.socket.on('message', (data) => {
        const { type, call_id } = JSON.parse(String(data))
        if (type === 'tool.call') peer.send({ type: 'tool.result', call_id, result: `{"state":"baking"}` })
      })
      peer.send({ type: 'conversation.message', role: 'user', content: 'Where is my order 4711?' })
      const told = peer.next('transcript.agent', ({ text }) => text === 'That is all I know.', PATIENCE_MS)
      peer.send({ type: 'reply.create' })
      await told
      assert.ok(peer.of('tool.call').length > 3)
      if (peer.of('reply.done').length < peer.of('reply.started').length)
        await peer.next('reply.done', () => true, PATIENCE_MS)
      await wellAgain(peer)
    },
  },
)

/** The call is not made, and the model is asked again within the same reply. */
async function asksAgain(scene: Scene, text: string): Promise<void> {
  const peer = await scene.ready({ system_prompt: 'You sell bread.', tools: [lookUp] })
  const spoken = peer.next('transcript.agent', () => true, PATIENCE_MS)
  await replied(peer)
  assert.equal((await spoken).text, text)
  assert.deepEqual([peer.of('tool.call'), peer.of('reply.done').length, stage.model.asked()], [[], 1, 2])
  await wellAgain(peer)
}
