// What the server says when it is ready, and while it is not yet.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { BUILT_IN_DIALOGUE, banner, type Ready } from '../../dist/cli/banner.js'
import { withProgress } from '../../dist/cli/progress.js'
import { coloured, Terminal } from '../../dist/cli/terminal.js'
import { VirtualClock } from '../../dist/session/clock.js'

const ready: Ready = {
  url: 'http://127.0.0.1:8080',
  dataDir: '/srv/parley/.parley',
  engines: [
    { kind: 'vad', name: 'silero', version: '6', description: 'Silero v6, MIT licence.' },
    { kind: 'stt', name: 'moonshine', version: 'tiny', description: 'Moonshine tiny, English. MIT licence.' },
    { kind: 'llm', name: BUILT_IN_DIALOGUE, version: '1', description: 'Rules, not a language model.' },
    {
      kind: 'tts',
      name: 'flite',
      version: '2.2',
      description: 'Flite 2.3 (Carnegie Mellon University, BSD-style licence), embedded: four speakers.',
    },
  ],
  apiKey: { is: 'made', key: 'pk_0123456789' },
  warnings: [],
}

test('the banner says where the page is, where the data lies, which key to use and which engines run', () => {
  assert.equal(
    banner(ready),
    `
Parley is ready.

  Page     http://127.0.0.1:8080/
  API key  pk_0123456789  (new; keep it, it is shown only now)
  Data     /srv/parley/.parley
  Engines  vad  silero     Silero v6, MIT licence
           stt  moonshine  Moonshine tiny, English
           llm  dialogue   Rules, not a language model
           tts  flite      Flite 2.3 (Carnegie Mellon University, BSD-style licence), embed …

  Replies come from built-in dialogue rules, which are not a language model. To connect one, start
  again with OPENAI_BASE_URL (Ollama, llama.cpp, vLLM and others) or OPENAI_API_KEY, and
  PARLEY_LLM_MODEL.

Stop with Ctrl-C.
`,
  )
})

test('with a language model there is no word of how to connect one', () => {
  const engines = [{ kind: 'llm', name: 'openai', version: '6', description: 'qwen at a server.' }] as const
  assert.doesNotMatch(banner({ ...ready, engines }), /OPENAI_BASE_URL/)
})

test('a key that the server does not know in clear is named by where it is found', () => {
  assert.match(banner({ ...ready, apiKey: { is: 'given' } }), /API key {2}the one in PARLEY_API_KEY\n/)
  assert.match(banner({ ...ready, apiKey: { is: 'kept' } }), /API key {2}the one shown at the first start/)
})

test('warnings stand in the banner, each by itself', () => {
  const text = banner({ ...ready, warnings: ['PARLEY_PROT is no setting.', 'The key is easy to guess.'] })
  assert.match(text, /\n {2}Note: PARLEY_PROT is no setting\.\n\n {2}Note: The key is easy to guess\.\n/)
})

test('colours change nothing but the colour', () => {
  assert.equal(stripVTControlCharacters(banner(ready, coloured)), banner(ready))
})

function terminal(isTTY: boolean) {
  const written: string[] = []
  const screen = { isTTY, columns: 40, write: (text: string) => written.push(text) }
  return { terminal: new Terminal(screen, screen, {}), written }
}

async function work(ms: number, isTTY: boolean) {
  const clock = new VirtualClock()
  const { terminal: shown, written } = terminal(isTTY)
  const done = withProgress('Loading the engines', clock.sleep(ms), { terminal: shown, clock })
  await clock.to(ms)
  await done
  return { written, clock }
}

test('what takes less than a second passes without a word', async () => {
  const { written, clock } = await work(900, false)
  assert.deepEqual(written, [])
  assert.equal(clock.pending, 0)
})

test('what takes longer is told after a second, in a log every ten seconds', async () => {
  const { written } = await work(12_000, false)
  assert.deepEqual(written, ['Loading the engines … 1 s\n', 'Loading the engines … 11 s\n'])
})

test('on a terminal the seconds are counted in one line, which is gone in the end', async () => {
  const { written } = await work(2500, true)
  assert.deepEqual(written, [
    '\u001b[2mLoading the engines … 1 s\u001b[22m',
    '\r\u001b[2K',
    '\u001b[2mLoading the engines … 2 s\u001b[22m',
    '\r\u001b[2K',
  ])
})

test('a line longer than the terminal is cut at its beginning, so that it can be rewritten', () => {
  const { terminal: shown, written } = terminal(true)
  shown.live('x'.repeat(100))
  assert.equal(written.join(''), `\u001b[2m…${'x'.repeat(38)}\u001b[22m`)
})

test('NO_COLOR is obeyed', () => {
  const written: string[] = []
  const screen = { isTTY: true, write: (text: string) => written.push(text) }
  new Terminal(screen, screen, { NO_COLOR: '1' }).fail('It failed.')
  assert.deepEqual(written, ['parley: It failed.\n'])
})
