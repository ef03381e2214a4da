// The same as examples/server-node, with @parley/client: it knows the REST routes, the events and the encodings.
//
//   PARLEY_API_KEY=… node examples/node-client/talk.mjs question.raw reply.raw
//
// Both files are raw sound: 16-bit samples, one channel, 24000 Hz. PARLEY_URL names another server than
// http://127.0.0.1:8080.
import { readFile, writeFile } from 'node:fs/promises'
import { connect, rest } from '@parley/client'
import { WebSocket } from 'ws'

const url = process.env.PARLEY_URL ?? 'http://127.0.0.1:8080'
const key = process.env.PARLEY_API_KEY
const [questionFile, answerFile = 'reply.raw'] = process.argv.slice(2)
if (!key || !questionFile) {
  console.error('Usage: PARLEY_API_KEY=… node talk.mjs question.raw [reply.raw]')
  process.exit(2)
}

const file = await readFile(questionFile)
const question = new Int16Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length - (file.length % 2)))

const { agents } = rest({ url, key })
const agent = await agents.create({
  name: 'Example',
  system_prompt: 'You are a friendly assistant on the phone. Answer in one short sentence.',
  greeting: 'Hello! What would you like to know?',
  voice: { voice_id: 'alba' },
})

try {
  const session = connect({ url, key, agentId: agent.id, WebSocket })
  const answer = []
  let wasHeard = false
  session.on('transcript.user', ({ text }) => {
    wasHeard = true
    console.log(`you:   ${text}`)
  })
  session.on('transcript.agent', ({ text }) => console.log(`agent: ${text}`))
  session.on('audio', ({ samples }) => wasHeard && answer.push(Buffer.from(samples.buffer)))

  await session.ready
  await replyDone(session)
  const silence = speak(session, question)
  await replyDone(session)
  clearInterval(silence)
  await session.end()

  await writeFile(answerFile, Buffer.concat(answer))
  console.log(`${(Buffer.concat(answer).length / 48_000).toFixed(1)} s of answer are in ${answerFile}`)
} finally {
  await agents.delete(agent.id)
}

/** Resolves when a reply has been said to its end; rejects when the session breaks off. */
function replyDone(session) {
  return new Promise((resolve, reject) => {
    session.on('reply.done', ({ status }) => status === 'completed' && resolve())
    session.on('reply.error', ({ message }) => reject(new Error(message)))
    session.on('close', ({ error }) => reject(error ?? new Error('The server ended the session.')))
  })
}

/** Sends the question in real time, and silence after it: by that the agent hears that it is over. */
function speak(session, samples) {
  const FRAME_MS = 50
  const length = 24 * FRAME_MS
  const started = performance.now()
  let sent = 0
  return setInterval(() => {
    for (; sent * FRAME_MS <= performance.now() - started; sent++) {
      const frame = new Int16Array(length)
      frame.set(samples.subarray(sent * length, (sent + 1) * length))
      session.sendAudio(frame)
    }
  }, FRAME_MS)
}
