// docs/cli.md is what the commands say of themselves, and its examples run.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeWav } from '../../dist/audio/wav.js'
import { cliPage } from '../../dist/cli/page.js'
import { startFakeServer } from './fake-server.js'
import { cliPath, parleyHere, spawned } from './parley.js'
import { sequence, tone } from './sounds.js'

const page = cliPage()

test('docs/cli.md is current; otherwise run `npm run build && node scripts/generate-docs.mjs`', () => {
  const file = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url))
  assert.equal(readFileSync(file, 'utf8'), page)
})

test('every command has its section, with what its help says', async () => {
  for (const command of [
    'serve',
    'talk',
    'agents create',
    'agents list',
    'keys create',
    'accounts create',
    'token',
    'voices',
    'doctor',
  ]) {
    assert.match(page, new RegExp(`^##+ \`parley ${command}\`$`, 'm'))
    const { code, stdout } = await parleyHere([...command.split(' '), '--help'])
    assert.equal(code, 0)
    assert.match(stdout, /Examples:\n {2}# /)
    assert.match(stdout, /Exit codes:\n {2}0 {4}it worked/)
  }
})

test('the help of serve lists every setting', async () => {
  assert.match((await parleyHere(['serve', '--help'])).stdout, /Settings \(environment variables\):\n {2}HOST\n/)
})

/** Each line of the examples, less those that are tried with a whole server. */
const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.trim().split('\n'))
  .filter((line) => !line.startsWith('#') && !/parley (serve|doctor|webhooks|calls?|numbers|twilio)/.test(line))

test('every example works as it stands there', async (t) => {
  assert.ok(lines.length >= 10)
  const server = await startFakeServer()
  const folder = mkdtempSync(join(tmpdir(), 'parley-examples-'))
  t.after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const voice = (rateHz: number) => sequence(tone(300, rateHz), new Int16Array(rateHz / 5))
  const wav = writeWav({ sampleRateHz: 16_000, samples: voice(16_000) })
  for (const name of ['question.wav', 'hello.wav']) writeFileSync(join(folder, name), wav)
  writeFileSync(join(folder, 'agent.json'), JSON.stringify({ name: 'A', system_prompt: 'You are A.' }))
  writeFileSync(join(folder, 'spoken.raw'), new Uint8Array(voice(24_000).buffer))
  mkdirSync(join(folder, 'bin'))
  program('parley', `exec "${process.execPath}" "${cliPath}" "$@"`)
  // a recorder where there may be no microphone
  program('arecord', `exec cat "${join(folder, 'spoken.raw')}"`)
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    PARLEY_URL: server.url,
    PARLEY_API_KEY: server.key,
    AGENT: 'agent_1',
    SESSION: 'sess_1',
    KEY_ID: 'key_1',
    ACCOUNT: 'acct_1',
  }
  for (const line of lines) {
    const ran = await spawned('bash', ['-ec', `set -o pipefail; ${line}`], { env, cwd: folder })
    assert.equal(ran.code, 0, `${line}\n${ran.stdout}${ran.stderr}`)
  }

  function program(name: string, script: string): void {
    const file = join(folder, 'bin', name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }
})
