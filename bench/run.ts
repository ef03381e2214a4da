// Runs the measurements that are named, or all that are quick, and prints their tables.
import { cpus, totalmem } from 'node:os'
import { bargeIn } from './barge-in.js'
import { capacity } from './capacity.js'
import { latency } from './latency.js'
import { overhead } from './overhead.js'
import { recording } from './recording.js'
import { soak } from './soak.js'
import { telephoneCalls } from './telephone-calls.js'

/** These run only when they are named: they take long. */
const longOnes: ReadonlySet<string> = new Set(['soak'])

const measurements = {
  latency: ['(a) End of speech to first audible reply, embedded engines, ms', latency],
  'barge-in': ['(b) Silence after barge-in, embedded engines, ms', bargeIn],
  overhead: ['(c) What the server itself adds and costs, scripted engines', overhead],
  capacity: ['(d) Sessions', capacity],
  recording: ['(e) What keeping sessions costs, scripted engines', recording],
  'telephone-calls': ['(g) Telephone calls', telephoneCalls],
  soak: ['(f) A thousand short calls in twenty minutes, embedded engines', soak],
} as const satisfies Record<string, readonly [string, () => Promise<string>]>

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in measurements))
if (unknown.length > 0) {
  console.error(
    `There is no measurement named ${unknown.join(', ')}. There are: ${Object.keys(measurements).join(', ')}.`,
  )
  process.exit(2)
}
console.log(`${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
for (const [name, [title, measure]] of Object.entries(measurements)) {
  if (names.length > 0 ? !names.includes(name) : longOnes.has(name)) continue
  console.log(`\n${title}\n`)
  console.log(await measure())
}
