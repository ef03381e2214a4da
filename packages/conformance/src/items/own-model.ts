// A model of one's own (168-170).
import type { Context } from '../context.js'
import { must, object, same, show } from '../expect.js'
import type { Chapter } from '../item.js'
import { says } from '../kit/model.js'
import { replied } from '../kit/scenes.js'

const WHOLE = 'One two three four five six seven. Eight nine ten, and so on.'

export const ownModel: Chapter = {
  heading: "A model of one's own",
  items: [
    {
      number: 168,
      source: 'doc',
      title: 'The model request is a streamed chat completion with usage, `tool_choice` auto.',
      async run(context) {
        const tools = [{ name: 'find_bread', description: 'Finds bread.' }]
        const { peer, model } = await context.modelled(says('Here you are.'), {
          tools,
          system_prompt: 'You sell bread.',
        })
        same((await replied(peer)).text, 'Here you are.', 'the text of the reply')
        const { call, body, messages } = model.requests[0]!
        same(call.headers.authorization, `Bearer ${model.key}`, 'Authorization')
        same([call.method, call.path], ['POST', '/v1/chat/completions'], 'method and path')
        same([body.stream, body.model, body.tool_choice], [true, 'scripted', 'auto'], 'stream, model and tool_choice')
        same(object(body.stream_options, 'stream_options').include_usage, true, 'stream_options.include_usage')
        same(messages[0]?.role, 'system', 'the role of the first message')
        const told = JSON.stringify(body.tools)
        must(told?.includes('find_bread'), `the tools that the model was offered are ${show(body.tools)}`)
        await peer.end()
      },
    },
    {
      number: 169,
      source: 'doc',
      title: 'A reply resumes after 5xx or a broken stream without repeating spoken words.',
      async run(context) {
        const breaking = await context.modelled((_, count) =>
          count === 0
            ? [{ says: 'One two three four five six seven. Eight ' }, { waitsMs: 500 }, { breaksOff: true }]
            : [{ says: WHOLE }],
        )
        const reply = await replied(breaking.peer)
        same([reply.text, reply.done?.frame.status], [WHOLE, 'completed'], 'text and status of the reply')
        same(breaking.peer.of('reply.error'), [], 'reply.error')
        await breaking.peer.end()
        const failing = await context.modelled((_, count) =>
          count < 2 ? [{ refuses: 503 }] : [{ says: 'Here I am.' }],
        )
        same((await replied(failing.peer)).text, 'Here I am.', 'the text of the reply after two 503')
        await failing.peer.end()
      },
    },
    {
      number: 170,
      source: 'inferred',
      title: 'A model failure gives `reply.error` and never unexplained silence.',
      async run(context) {
        await Promise.all([401, 404].map((refuses) => failed(context, refuses)))
      },
    },
  ],
}

/** A reply whose model refuses, and the next ones, once it does not. */
async function failed(context: Context, refuses: number): Promise<void> {
  let isBroken = true
  const { peer } = await context.modelled(() => (isBroken ? [{ refuses }] : [{ says: 'Here I am again.' }]))
  const error = peer.next('reply.error')
  const { id } = await replied(peer)
  const { code, message, retryable, reply_id, status_code } = await error
  same([reply_id, retryable, status_code], [id, false, refuses], 'reply_id, retryable and status_code')
  must(
    typeof code === 'string' && typeof message === 'string' && message !== '',
    `code ${show(code)}, message ${show(message)}`,
  )
  must(!message.includes('sk-'), 'the message holds a key')
  isBroken = false
  // of its own accord a server may have said first that it has no answer
  const texts = [(await replied(peer)).text, (await replied(peer)).text]
  must(texts.includes('Here I am again.'), `the replies once the model is back are ${show(texts)}`)
  await peer.end()
}
