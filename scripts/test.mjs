// `npm test`: from a fresh clone to a finished test run. Names of test files may be given to run only those.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, requireNode, root, run } from './prepare.mjs'

requireNode()
await install()
await run('Checking style', process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])
await build()

const wanted = process.argv.slice(2)
const files = readdirSync(join(root, 'packages'))
  .flatMap((name) => {
    try {
      return readdirSync(join(root, 'packages', name, 'dist-test'), { recursive: true }).map((file) =>
        join('packages', name, 'dist-test', file),
      )
    } catch {
      return []
    }
  })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

// this reporter names every failed test once more at the end, whatever the output goes to
const options = ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=240000']
const tests = spawn(process.execPath, [...options, ...files], { cwd: root, stdio: 'inherit' })
tests.on('close', (code) => process.exit(code ?? 1))
