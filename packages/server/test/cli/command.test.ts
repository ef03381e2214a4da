// The command as a process against a server on loopback: what it prints, what it exits with, what it never shows.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { silence } from '../../dist/audio/pcm.js'
import { readWav, writeWav } from '../../dist/audio/wav.js'
import { type FakeServer, startFakeServer } from './fake-server.js'
import { parley, parleyHere, type RunOptions } from './parley.js'
import { sequence, tone } from './sounds.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'))
const inFolder = (name: string) => join(folder, name)
let server: FakeServer

before(async () => {
  server = await startFakeServer()
  const samples = sequence(silence(100, 16_000), tone(400, 16_000), silence(100, 16_000))
  writeFileSync(inFolder('question.wav'), writeWav({ sampleRateHz: 16_000, samples }))
  writeFileSync(inFolder('broken.wav'), 'this is no sound')
})
after(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Asks the fake server, with its key; nothing that is printed may hold the key, or look like a stack trace. */
async function asked(args: readonly string[], { env, ...options }: RunOptions = {}) {
  const ran = await parley(args, { env: { PARLEY_URL: server.url, PARLEY_API_KEY: server.key, ...env }, ...options })
  const printed = ran.stdout + ran.stderr
  assert.ok(!printed.includes(server.key), 'the key was printed')
  assert.doesNotMatch(printed, /\n\s+at .+:\d+/)
  return ran
}

test('an agent is made, listed, shown, changed and deleted', async () => {
  const made = await asked(['agents', 'create', '--name', 'Host', '--prompt', 'You are a host.', '--greeting', 'Hi'])
  assert.deepEqual([made.code, made.stderr], [0, ''])
  const id = made.stdout.trim()
  assert.deepEqual(
    [server.agents.get(id)?.name, server.agents.get(id)?.system_prompt, server.agents.get(id)?.voice],
    ['Host', 'You are a host.', { voice_id: 'alba' }],
  )
  const listed = await asked(['agents', 'list'])
  assert.match(listed.stdout, new RegExp(`${id} {2}Host {2}changed 2026-09-24T00:52`))
  const changed = await asked(['agents', 'update', id, '--voice', 'jane', '--keyterm', 'Parley', '--no-greeting'])
  assert.equal(changed.code, 0)
  const { input, greeting, voice, name } = server.agents.get(id) as Record<string, never>
  assert.deepEqual([greeting, voice, name], [null, { voice_id: 'jane' }, 'Host'])
  assert.deepEqual(input, { format: { encoding: 'audio/pcm', sample_rate: 24_000 }, keyterms: ['Parley'] })
  const shown = await asked(['agents', 'get', id, '--json'])
  assert.deepEqual(JSON.parse(shown.stdout), server.agents.get(id))
  const deleted = await asked(['agents', 'delete', id])
  assert.deepEqual([deleted.code, deleted.stdout, server.agents.has(id)], [0, `Deleted ${id}.\n`, false])
})

test('an agent comes from a file or from the standard input, with flags over it', async () => {
  const fields = { id: 'agent_old', name: 'File', system_prompt: 'From a file.', voice: { voice_id: 'jean' } }
  writeFileSync(inFolder('agent.json'), JSON.stringify(fields))
  const fromFile = await asked(['agents', 'create', '--from', inFolder('agent.json'), '--name', 'Flag', '--json'])
  const made = JSON.parse(fromFile.stdout)
  assert.deepEqual([made.name, made.system_prompt, made.voice.voice_id], ['Flag', 'From a file.', 'jean'])
  assert.notEqual(made.id, 'agent_old')
  const fromStdin = await asked(['agents', 'create', '--from', '-'], { stdin: JSON.stringify(fields) })
  assert.equal(server.agents.get(fromStdin.stdout.trim())?.name, 'File')
})

test('a model of its own is sent with its key, which is not shown', async () => {
  const model = ['--llm-url', 'https://models.example.com/v1', '--llm-model', 'qwen']
  const made = await asked(['agents', 'create', '--prompt', 'x', ...model], { env: { PARLEY_LLM_KEY: 'model-secret' } })
  assert.deepEqual(server.agents.get(made.stdout.trim())?.llm, [
    { base_url: 'https://models.example.com/v1', model: 'qwen', api_key: 'model-secret' },
  ])
  assert.doesNotMatch(made.stdout + made.stderr, /model-secret/)
  const half = await asked(['agents', 'create', '--prompt', 'x', '--llm-model', 'qwen'])
  assert.deepEqual([half.code, half.stderr.includes('Give both')], [2, true])
})

test('a token is made with its limits', async () => {
  const made = await asked(['token', '--expires', '30', '--max-session', '600'])
  assert.equal(made.stdout, 'token?expires_in_seconds=30&max_session_duration_seconds=600\n')
  assert.deepEqual(JSON.parse((await asked(['token', '--json'])).stdout).expires_in_seconds, 60)
})

test('voices are listed with their language', async () => {
  assert.equal((await asked(['voices'])).stdout, '  alba  en-US  Hello.\n')
  assert.equal(JSON.parse((await asked(['voices', '--json'])).stdout).voices[0].voice_id, 'alba')
})

const unused = async () => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  await new Promise((resolve) => http.close(resolve))
  return `http://127.0.0.1:${port}`
}

const failures: readonly {
  readonly name: string
  readonly args: readonly string[]
  /** In place of the right one. */
  readonly key?: string
  readonly code: number
  readonly says: RegExp
}[] = [
  { name: 'an unknown command', args: ['agnts'], code: 2, says: /Unknown command 'agnts' \(Did you mean agents\?\)/ },
  {
    name: 'an unknown option',
    args: ['voices', '--kye=s3cret'],
    code: 2,
    says: /Unknown option '--kye'.*`parley voices --help`/,
  },
  { name: 'a number out of range', args: ['token', '--expires', '601'], code: 2, says: /whole number from 1 to 600/ },
  { name: 'an address that is none', args: ['voices', '--url', 'localhost'], code: 2, says: /http:\/\/host:port/ },
  {
    name: 'a wrong key',
    args: ['voices'],
    key: 'wrong',
    code: 4,
    says: /wants a valid API key.*--key/,
  },
  { name: 'no key', args: ['token'], key: '', code: 4, says: /wants a valid API key/ },
  {
    name: 'a wrong key for a session',
    args: ['talk', '--file', inFolder('question.wav')],
    key: 'wrong',
    code: 4,
    says: /valid API key/,
  },
  { name: 'an agent that is not there', args: ['agents', 'get', 'agent_0'], code: 5, says: /Agent not found\. Look/ },
  {
    name: 'an agent to talk to that is not there',
    args: ['talk', '--agent', 'agent_missing', '--file', inFolder('question.wav')],
    code: 5,
    says: /no such agent/,
  },
  {
    name: 'a value that the server refuses',
    args: ['agents', 'create', '--prompt', 'x', '--voice', 'nobody'],
    code: 2,
    says: /Invalid voice 'nobody'.*request req_1/,
  },
  { name: 'an agent without a prompt', args: ['agents', 'create', '--name', 'x'], code: 2, says: /needs a prompt/ },
  { name: 'an update of nothing', args: ['agents', 'update', 'agent_1'], code: 2, says: /Nothing to change/ },
  {
    name: 'a file that is not there',
    args: ['agents', 'create', '--from', inFolder('none.json')],
    code: 2,
    says: /none\.json does not exist/,
  },
  {
    name: 'a file that is no JSON',
    args: ['agents', 'create', '--from', inFolder('broken.wav')],
    code: 2,
    says: /broken\.wav is not JSON/,
  },
  { name: 'nothing to say', args: ['talk'], code: 2, says: /--file.*To make one, record yourself/ },
  {
    name: 'a WAV file that is none',
    args: ['talk', '--file', inFolder('broken.wav')],
    code: 2,
    says: /broken\.wav: .*not a WAV file/,
  },
  {
    name: 'an agent and a prompt at once',
    args: ['talk', '--agent', 'a', '--prompt', 'b', '--file', inFolder('question.wav')],
    code: 2,
    says: /cannot be used with option '--prompt/,
  },
]
for (const { name, args, key, code, says } of failures) {
  test(`${name} ends with ${code} and one sentence`, async () => {
    const given = key === undefined ? server.key : key
    const isParsed = !args.some((arg) => arg.startsWith('--url')) && args[0] !== 'agnts'
    const ran = await parleyHere([...args, ...(isParsed ? ['--url', server.url, `--key=${given}`] : [])])
    assert.deepEqual([ran.code, ran.stdout], [code, ''])
    assert.match(ran.stderr, says)
    assert.match(ran.stderr, /^parley: /)
    assert.ok(!ran.stderr.includes(server.key) && !ran.stderr.includes('s3cret') && !ran.stderr.includes('\u001b'))
  })
}

test('a server that is not there ends with 3 and how to start one', async () => {
  const url = await unused()
  assert.equal((await asked(['voices'], { env: { PARLEY_URL: url } })).code, 3)
  for (const args of [['voices'], ['token'], ['talk', '--file', inFolder('question.wav')]]) {
    const ran = await parleyHere([...args, '--url', url])
    assert.equal(ran.code, 3, args.join(' '))
    assert.match(ran.stderr, new RegExp(`No server answers at ${url}. Start one with`))
  }
})

test('a setting that is not allowed ends with 2 and its name', async () => {
  for (const command of ['serve', 'doctor']) {
    const ran = await parleyHere([command], { environment: { PORT: 'eighty' } })
    assert.deepEqual([ran.code, /^parley: PORT is "eighty"/.test(ran.stderr)], [2, true])
  }
})

test('a talk shows who said what, how long the answer took, and keeps the sound', async () => {
  const ran = await asked(['talk', '--greeting', 'Good day!', '--file', 'question.wav', '--out', 'reply.wav'], {
    cwd: folder,
  })
  assert.equal(ran.code, 0, ran.stderr)
  assert.equal(ran.stdout, 'agent  Good day!\nyou    Question 1?\nagent  Answer 1.\n')
  assert.match(ran.stderr, /answered \d\.\d\d s after the end of speech\n\d\.\d s of sound are in reply\.wav\.\n/)
  const { samples, sampleRateHz } = readWav(readFileSync(inFolder('reply.wav')))
  assert.equal(sampleRateHz, 24_000)
  const heardMs = samples.filter((sample) => Math.abs(sample) > 200).length / 24
  assert.ok(heardMs > 700 && heardMs < 800, `${heardMs} ms of two answers of 400 ms`)
})

test('a talk as JSON is one event on each line, without sound and without the secret to resume', async () => {
  const ran = await asked(
    ['talk', '--json', '--encoding', 'pcmu', '--file', 'question.wav', '--file', 'question.wav'],
    { cwd: folder },
  )
  const events = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const turns = events.filter(({ type }) => type === 'talk.turn')
  assert.deepEqual(
    turns.map(({ file, answered }) => ({ file, answered })),
    [1, 2].map(() => ({ file: 'question.wav', answered: true })),
  )
  // the resampler rings for a few milliseconds after the last sample
  assert.ok(turns.every(({ speech_end_ms }) => speech_end_ms >= 500 && speech_end_ms <= 510))
  assert.ok(turns.every(({ latency_ms }) => latency_ms >= 300 && latency_ms < 5000))
  assert.ok(
    events.filter(({ type }) => type === 'reply.audio').every(({ duration_ms, data }) => duration_ms > 0 && !data),
  )
  assert.deepEqual([events[0].type, events.at(-1).type], ['session.updated', 'session.ended'])
  assert.doesNotMatch(ran.stdout, /resume-secret/)
  assert.equal(server.sessions.at(-1)?.received.at(-1)?.type, 'session.end')
})

test('raw sound on the standard input is a turn', async () => {
  const samples = sequence(tone(300, 24_000), silence(300, 24_000))
  const ran = await asked(['talk', '--file', '-', '--timeout', '5'], { stdin: new Uint8Array(samples.buffer) })
  assert.deepEqual([ran.code, ran.stdout], [0, 'you    Question 1?\nagent  Answer 1.\n'])
})

test('a model for a talk is used through an agent that is gone afterwards', async () => {
  const before = server.agents.size
  const model = ['--llm-url', 'https://models.example.com/v1', '--llm-model', 'qwen']
  const ran = await asked(['talk', '--prompt', 'Be kind.', ...model, '--file', 'question.wav'], { cwd: folder })
  assert.equal(ran.code, 0, ran.stderr)
  const create = server.requests.findLast(({ method }) => method === 'POST')
  assert.deepEqual(
    [create?.body?.system_prompt, create?.body?.llm],
    ['Be kind.', [{ base_url: 'https://models.example.com/v1', model: 'qwen', api_key: 'none' }]],
  )
  assert.equal(server.agents.size, before)
})

test('Ctrl-C ends the session in order, keeps the sound, and exits with 130', async () => {
  const ran = await asked(['talk', '--greeting', 'Hello', '--file', 'question.wav', '--out', 'cut.wav'], {
    cwd: folder,
    onOutput: (pid) => process.kill(pid, 'SIGINT'),
  })
  assert.equal(ran.code, 130)
  assert.match(ran.stderr, /s of sound are in cut\.wav\.\nparley: Stopped\.\n/)
  assert.equal(server.sessions.at(-1)?.received.at(-1)?.type, 'session.end')
})

test('no answer ends with 1 and names the file', async (t) => {
  const mute = await startFakeServer({ isMute: true })
  t.after(() => mute.close())
  const ran = await asked(['talk', '--file', 'question.wav', '--timeout', '1'], {
    cwd: folder,
    env: { PARLEY_URL: mute.url },
  })
  assert.deepEqual([ran.code, ran.stderr.includes('No answer to question.wav came within 1 s')], [1, true])
})
