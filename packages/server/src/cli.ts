// The command `parley` as a process: its streams, its signals, its exit code.
import type { Services, StopSignal } from './cli/context.js'
import { run } from './cli/program.js'
import { Terminal } from './cli/terminal.js'
import { systemClock } from './session/clock.js'
import { version } from './version.js'

// Each is loaded when a command needs it: the client commands start without the server and its engines.
const services: Services = {
  async startServer(config) {
    const { startServer } = await import('./server.js')
    return startServer(config)
  },
  async loadEngine(kind, config, context) {
    const { loadEngine } = await import('./engines/index.js')
    return loadEngine(kind, config, context)
  },
  async createKey(config, key) {
    const { createKeyOffline } = await import('./new-key.js')
    return createKeyOffline(config, key)
  },
}

const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

const exitCode = await run(
  process.argv.slice(2),
  {
    terminal: new Terminal(process.stdout, process.stderr, process.env),
    clock: systemClock(),
    services,
    environment: process.env,
    stdin: process.stdin,
    onSignal(listener) {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    },
    exit: (code) => process.exit(code),
  },
  version,
)
// what a command leaves open, such as a kept-alive connection, must not keep the process
process.exit(exitCode)
