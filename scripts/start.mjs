// `npm start`: from a fresh clone to a running server.
import { spawn } from 'node:child_process'
import { build, install, requireNode, root } from './prepare.mjs'

requireNode()
await install()
await build()

const server = spawn(
  process.execPath,
  ['--max-semi-space-size=64', 'packages/server/dist/cli.js', 'serve', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('close', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
