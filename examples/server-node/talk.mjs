// A program of your own server: makes an agent over REST, talks to it over the WebSocket, and needs only `ws`.
//
//   PARLEY_API_KEY=… node examples/server-node/talk.mjs question.wav reply.wav
//
// question.wav: 16-bit, one channel, 24000 Hz. PARLEY_URL names another server than http://127.0.0.1:8080.
import { readFile, writeFile } from 'node:fs/promises'
import { WebSocket } from 'ws'

const server = (process.env.PARLEY_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
const key = process.env.PARLEY_API_KEY
const [questionFile, answerFile = 'reply.wav'] = process.argv.slice(2)
if (!key || !questionFile) {
  console.error('Usage: PARLEY_API_KEY=… node talk.mjs question.wav [reply.wav]')
  process.exit(2)
}

const BYTES_PER_SECOND = 24_000 * 2
const FRAME_MS = 50
const FRAME_BYTES = (BYTES_PER_SECOND * FRAME_MS) / 1000

async function rest(method, path, body) {
  const response = await fetch(`${server}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
  return response.status === 204 ? undefined : response.json()
}

/** Says the question to the agent and resolves with the sound of its answer. */
function ask(agentId, question) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.replace('http', 'ws')}/v1/ws`, { headers: { authorization: key } })
    const send = (event) => socket.send(JSON.stringify(event))
    const answer = []
    let speaking
    let wasHeard = false

    // real time, and silence after the question: by it the agent hears that the question is over
    function speak() {
      const started = performance.now()
      let sent = 0
      speaking = setInterval(() => {
        for (; sent * FRAME_MS <= performance.now() - started; sent++) {
          const frame = Buffer.alloc(FRAME_BYTES)
          frame.set(question.subarray(sent * FRAME_BYTES, (sent + 1) * FRAME_BYTES))
          send({ type: 'input.audio', audio: frame.toString('base64') })
        }
      }, FRAME_MS)
    }

    socket.on('open', () => send({ type: 'session.update', session: { agent_id: agentId } }))
    socket.on('error', reject)
    socket.on('close', () => {
      clearInterval(speaking)
      resolve(Buffer.concat(answer))
    })
    socket.on('message', (message) => {
      const event = JSON.parse(String(message))
      switch (event.type) {
        case 'session.ready':
          if (!event.config.greeting) speak()
          break
        case 'transcript.user':
          wasHeard = true
          console.log(`you:   ${event.text}`)
          break
        case 'reply.audio':
          if (wasHeard) answer.push(Buffer.from(event.data, 'base64'))
          break
        case 'transcript.agent':
          console.log(`agent: ${event.text}`)
          break
        case 'reply.done':
          if (!speaking) speak()
          else if (wasHeard && event.status !== 'interrupted') send({ type: 'session.end' })
          break
        case 'session.ended':
          socket.close(1000)
          break
        case 'session.error':
        case 'reply.error':
          reject(new Error(event.message))
          socket.close()
          break
      }
    })
  })
}

/** The samples of a WAV file: what its `data` chunk holds. */
function samplesOf(file) {
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4)
    if (file.toString('latin1', at, at + 4) === 'data') return file.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2)
  }
  throw new Error('This is not a WAV file.')
}

function wavOf(samples) {
  const header = Buffer.alloc(44)
  header.write('RIFF    WAVEfmt ', 0, 'latin1')
  header.writeUInt32LE(36 + samples.length, 4)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(24_000, 24)
  header.writeUInt32LE(BYTES_PER_SECOND, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}

const agent = await rest('POST', '/v1/agents', {
  name: 'Example',
  system_prompt: 'You are a friendly assistant on the phone. Answer in one short sentence.',
  greeting: 'Hello! What would you like to know?',
  voice: { voice_id: 'alba' },
})
try {
  const answer = await ask(agent.id, samplesOf(await readFile(questionFile)))
  await writeFile(answerFile, wavOf(answer))
  console.log(`${(answer.length / BYTES_PER_SECOND).toFixed(1)} s of answer are in ${answerFile}`)
} finally {
  await rest('DELETE', `/v1/agents/${agent.id}`)
}
