// `npm run conformance`: the conformance suite, built first. What follows `--` goes to it.
import { spawn } from 'node:child_process'
import { build, install, requireNode, root } from './prepare.mjs'

requireNode()
await install()
await build()

const suite = spawn(process.execPath, ['packages/conformance/dist/cli.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
suite.on('close', (code) => process.exit(code ?? 1))
