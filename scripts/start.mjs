// `npm start`: from a fresh clone to a running server.
import { spawn } from 'node:child_process'
import { build, install, requireNode, root } from './prepare.mjs'

requireNode()
await install()
await build()

const server = spawn(
  process.execPath,
  ['--max-semi-space-size=64', 'packages/server/dist/cli.js', 'serve', ...process.argv.slice(2)],
  // In a group of its own: a terminal sends Ctrl-C to the whole group, and the server would take ours for a second one.
  { cwd: root, stdio: 'inherit', detached: process.platform !== 'win32' },
)
let isTold = false
const stop = (signal) => {
  isTold = true
  server.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal))
process.on('SIGHUP', () => stop('SIGTERM'))
// npm hands a signal on to the shell that it starts this in, and the shell to nobody: its end is the sign.
if (process.env.npm_lifecycle_event) {
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell && !isTold) stop('SIGTERM')
  }, 500).unref()
}
server.on('close', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
