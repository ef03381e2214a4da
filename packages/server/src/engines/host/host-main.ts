// The engine host's own program: owns the native library, so that what kills it kills nothing else.
import { Socket } from 'node:net'
import { VoiceDetectors } from './detectors.js'
import { encodeFrame, type Frame, FrameReader, floatSamples, jsonContent, type LoadRequest } from './frames.js'
import { Recogniser } from './recogniser.js'
import { loadSherpa } from './sherpa.js'

const PIPE = 3

const pipe = new Socket({ fd: PIPE })
const reader = new FrameReader()
let detectors: VoiceDetectors | undefined
let recogniser: Recogniser | undefined

// The server decides when it ends, and with it the host: a Ctrl-C in the terminal reaches both, and the server may
// still have conversations to finish.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

pipe.on('data', (piece) => {
  // Answers to windows that came together leave together.
  pipe.cork()
  for (const frame of reader.read(piece)) void answer(frame)
  process.nextTick(() => pipe.uncork())
})
pipe.on('error', leave)
pipe.on('close', leave)

async function answer({ kind, id, content }: Frame): Promise<void> {
  try {
    const result = perform(kind, id, content)
    // A window is answered in the same turn, so that its answer travels in the same write as its neighbours'.
    const done = result instanceof Promise ? await result : result
    if (done) pipe.write(encodeFrame('done', id, done))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    pipe.write(encodeFrame('failed', id, Buffer.from(why)))
  }
}

function perform(kind: Frame['kind'], id: number, content: Buffer): Uint8Array | Promise<Uint8Array> | undefined {
  switch (kind) {
    case 'load':
      return load(JSON.parse(content.toString()))
    case 'open':
      given(detectors).open(id, JSON.parse(content.toString()).threshold)
      return NOTHING
    case 'window':
      return given(detectors).hear(id, floatSamples(content)) ? SPEECH : SILENCE
    case 'close':
      given(detectors).close(id)
      return undefined
    case 'transcribe':
      return given(recogniser).transcribe(floatSamples(content)).then(jsonContent)
    default:
      throw new Error(`The server does not send "${kind}".`)
  }
}

async function load(models: LoadRequest): Promise<Uint8Array> {
  const sherpa = loadSherpa()
  if (models.voiceActivity) detectors = new VoiceDetectors(sherpa, models.voiceActivity)
  if (models.recogniser) recogniser = await Recogniser.load(sherpa, models.recogniser)
  return NOTHING
}

function given<T>(model: T | undefined): T {
  if (model === undefined) throw new Error('The model for this request is not loaded.')
  return model
}

const NOTHING = new Uint8Array()
const SILENCE = Uint8Array.of(0)
const SPEECH = Uint8Array.of(1)

/** At once and without clean-up: a native thread may be in the middle of a decode, which must not be torn down under it. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL')
}
