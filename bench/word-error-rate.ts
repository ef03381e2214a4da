// How well the embedded ears hear: word error rate, speed and latency on recorded human speech, straight and by telephone.
// Run: node bench/dist/word-error-rate.js [folder of recordings]
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineContext, Stt, SttInput, Vad } from '@parley/server'
import { type WordErrors, wordErrorRate, wordErrors } from '@parley/server/engines/kit/word-errors.js'
import { moonshineStt } from '@parley/server/engines/stt/moonshine.js'
import { sileroVad } from '@parley/server/engines/vad/silero.js'
import { listRecordings, type Recording, readRecording } from './recordings.js'
import { resampled, throughMuLaw } from './telephone.js'

const SENTENCES = ['ljspeech', 'librivox-sense', 'cmu-cards', 'jfk', 'librispeech', 'osr-harvard-8k', 'two-cities']
const SAMPLE_RATE_HZ = 16_000
const LINE_RATE_HZ = 8_000
const PIECE_SAMPLES = 320

interface Heard {
  readonly text: string
  readonly seconds: number
  readonly tookMs: number
  /** From `speech.stopped` to its final, with how long that turn had been. */
  readonly finals: readonly { readonly ms: number; readonly speechSeconds: number }[]
}

/** Plays sound to the voice activity and the recogniser side by side, as a session does, but as fast as they take it. */
async function hear(vad: Vad, stt: Stt, speech: Int16Array): Promise<Heard> {
  const sound = new Int16Array(speech.length + 2 * SAMPLE_RATE_HZ)
  sound.set(speech, SAMPLE_RATE_HZ)
  const stop = new AbortController()
  const inbox: SttInput[] = []
  let wake = () => {}
  const tell = (input: SttInput) => {
    inbox.push(input)
    wake()
  }
  async function* inputs(): AsyncGenerator<SttInput> {
    for (;;) {
      while (inbox.length > 0) yield inbox.shift()!
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  let text = ''
  let finals = 0
  let finalCame = () => {}
  const listening = async () => {
    const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
    for await (const output of stt.open(inputs(), settings, stop.signal)) {
      if (output.type !== 'final') continue
      text = output.text
      finals += 1
      finalCame()
    }
  }
  const done = listening()
  const latencies: { ms: number; speechSeconds: number }[] = []
  let position = 0
  async function* pieces() {
    for (; position < sound.length; position += PIECE_SAMPLES) {
      const samples = sound.subarray(position, position + PIECE_SAMPLES)
      tell({ type: 'audio', samples })
      yield samples
    }
  }
  const began = performance.now()
  let firstSpeech: number | undefined
  for await (const { type } of vad.open(pieces(), { threshold: 0.5 }, stop.signal)) {
    tell({ type: `speech.${type}` })
    firstSpeech ??= position
    if (type === 'started') continue
    const asked = performance.now()
    // In a conversation the sound goes on while a final is made; here it waits, so that each final is timed alone.
    const before = finals
    while (finals === before)
      await new Promise<void>((resolve) => {
        finalCame = resolve
      })
    latencies.push({ ms: performance.now() - asked, speechSeconds: (position - firstSpeech) / SAMPLE_RATE_HZ })
  }
  const tookMs = performance.now() - began
  stop.abort()
  await done
  return { text, seconds: sound.length / SAMPLE_RATE_HZ, tookMs, finals: latencies }
}

interface Condition {
  readonly name: string
  prepare(samples: Int16Array, sampleRate: number): Int16Array
}
const conditions: readonly Condition[] = [
  { name: 'straight', prepare: (samples, rate) => resampled(samples, rate, SAMPLE_RATE_HZ) },
  {
    name: '8 kHz mu-law',
    prepare: (samples, rate) =>
      resampled(throughMuLaw(resampled(samples, rate, LINE_RATE_HZ)), LINE_RATE_HZ, SAMPLE_RATE_HZ),
  },
]

interface Row {
  readonly recording: Recording
  readonly counts: WordErrors
  readonly heard: Heard
}

async function measure(vad: Vad, stt: Stt, folder: string, { prepare }: Condition): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const recording of await listRecordings(folder)) {
    if (!SENTENCES.includes(recording.split)) continue
    const heard = await hear(vad, stt, prepare(await readRecording(folder, recording), recording.sampleRate))
    const counts = wordErrors(recording.text, heard.text)
    if (process.env.SHOW_ERRORS && counts.errors > 0)
      console.log(`  ${recording.file}: ${counts.errors}\n    said  ${recording.text}\n    heard ${heard.text}`)
    rows.push({ recording, counts, heard })
  }
  return rows
}

function print({ name }: Condition, rows: readonly Row[]): void {
  console.log(`\n${name}`)
  console.log('  set               recordings   words   word error rate')
  const line = (label: string, some: readonly Row[]) => {
    const counts = some.map((row) => row.counts)
    const words = counts.reduce((sum, count) => sum + count.words, 0)
    const rate = `${(100 * wordErrorRate(counts)).toFixed(1)} %`
    console.log(
      `  ${label.padEnd(18)}${String(some.length).padStart(10)}${String(words).padStart(8)}${rate.padStart(18)}`,
    )
  }
  for (const set of SENTENCES)
    line(
      set,
      rows.filter((row) => row.recording.split === set),
    )
  line('all', rows)
  const seconds = rows.reduce((sum, { heard }) => sum + heard.seconds, 0)
  const took = rows.reduce((sum, { heard }) => sum + heard.tookMs, 0) / 1000
  console.log(
    `  ${seconds.toFixed(0)} s of sound in ${took.toFixed(1)} s: real-time factor ${(took / seconds).toFixed(3)}`,
  )
  const finals = rows.flatMap(({ heard }) => heard.finals)
  const bounds = [0, 2, 4, 6, 10, 20, 60]
  for (const [i, from] of bounds.slice(0, -1).entries()) {
    const to = bounds[i + 1]!
    const some = finals.filter((final) => final.speechSeconds >= from && final.speechSeconds < to)
    if (some.length === 0) continue
    const ms = some.map((final) => final.ms).sort((a, b) => a - b)
    const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]!.toFixed(0)
    console.log(`  final after ${from} to ${to} s of turn: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms (${ms.length})`)
  }
}

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../shared/data/speech', import.meta.url))
if (!existsSync(join(folder, 'manifest.json'))) {
  console.error(`No recordings in ${folder}. Name a folder that holds a manifest.json and its WAV files.`)
  process.exit(1)
}
const dataDir = await mkdtemp(join(tmpdir(), 'parley-word-error-rate-'))
const context: EngineContext = { dataDir, log: () => {} }
const vad = await sileroVad.create(sileroVad.options.parse({}), context)
const stt = await moonshineStt.create(moonshineStt.options.parse({}), context)
try {
  console.log(`${stt.info.version}; ${vad.info.version}`)
  for (const condition of conditions) print(condition, await measure(vad, stt, folder, condition))
} finally {
  await Promise.all([vad.close(), stt.close()])
  await rm(dataDir, { recursive: true, force: true })
}
