// The figures that docs/turn-taking.md tells users are those in force.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configure } from '../dist/config.js'
import { firstPace } from '../dist/pace.js'
import { silenceToWait } from '../dist/turn-taking.js'
import { nothingSaid } from '../dist/user-turn.js'

const page = readFileSync(new URL('../../../docs/turn-taking.md', import.meta.url), 'utf8')
const config = configure({}, 'alba')

test('the table of waits is true', () => {
  const rows = [...page.matchAll(/^\| (".*?) +\| ([\d.]+|a value in progress) +\| (\d+) ms +\|$/gm)]
  assert.equal(rows.length, 12)
  for (const [, phrases = '', score = '', wait] of rows) {
    const [said = '', question = ''] = phrases.split(' after ')
    for (const [, text = ''] of said.matchAll(/"([^"]+)"/g)) {
      const found = silenceToWait(
        config,
        { ...nothingSaid, text, known: 'final' },
        question.replaceAll('"', ''),
        firstPace,
      )
      assert.equal(Math.round(found.ms), Number(wait), text)
      if (score !== 'a value in progress') assert.equal(found.complete, Number(score), text)
    }
  }
})

test('the table of modes is true', () => {
  for (const mode of ['min_latency', 'balanced', 'max_accuracy'] as const) {
    const row = new RegExp(`^\\| \`${mode}\`(?: \\(default\\))? +\\| (\\d+) ms +\\| (\\d+) ms +\\|$`, 'm').exec(page)
    const of = (predicted: number) => {
      const said = { ...nothingSaid, text: 'um', known: 'final' as const, predicted }
      return silenceToWait(configure({ input: { transcription_mode: mode } }, 'alba'), said, '', { patience: 0.01 }).ms
    }
    assert.equal(Number(row?.[1]), of(1), 'shortest')
    const unknown = silenceToWait(
      configure({ input: { transcription_mode: mode } }, 'alba'),
      nothingSaid,
      '',
      firstPace,
    )
    assert.equal(Number(row?.[2]), unknown.ms, 'longest')
  }
})
