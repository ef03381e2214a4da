// Sound both ways: encodings, sizes, rates, pacing, volume (104-111).
import type { Context } from '../context.js'
import { must, same } from '../expect.js'
import type { Chapter } from '../item.js'
import type { CallerOptions } from '../kit/caller.js'
import { question, replied } from '../kit/scenes.js'
import { understood } from '../kit/words.js'
import type { Peer } from '../wire/peer.js'
import { paced, wholeSamples } from '../wire/rules.js'
import {
  bytesPerMs,
  decode,
  type Encoding,
  encode,
  joined,
  loudest,
  loudness,
  silence,
  soundOf,
} from '../wire/sound.js'
import { repliesOf } from '../wire/trace.js'

const SPOKEN = 'We open at eight in the morning, and on Sundays at nine.'

interface Spoken {
  readonly peer: Peer
  readonly bytes: Buffer
  readonly samples: Int16Array
  readonly soundMs: number
  /** From the first frame of sound to the last, as they came. */
  readonly tookMs: number
}

/** The greeting of a session with this encoding of the output. */
const spoken = (context: Context, encoding: Encoding): Promise<Spoken> =>
  context.once(`spoken: ${encoding}`, async (own) => {
    const peer = await own.ready({ greeting: SPOKEN, output: { format: { encoding } } })
    await peer.first('reply.done')
    await peer.end()
    const frames = peer.received.filter(({ frame }) => frame.type === 'reply.audio')
    must(frames.length > 1, `${frames.length} frames of sound`)
    const bytes = Buffer.concat(frames.map(({ frame }) => soundOf(frame)))
    const tookMs = frames.at(-1)!.at - frames[0]!.at
    return { peer, bytes, samples: decode(bytes, encoding), soundMs: bytes.length / bytesPerMs[encoding], tookMs }
  })

/** Sends a spoken question in this way, and fails unless it becomes a turn without an error. */
async function heard(context: Context, options: CallerOptions & { readonly encoding: Encoding }, speech: Int16Array) {
  const peer = await context.ready({ system_prompt: 'Be brief.', input: { format: { encoding: options.encoding } } })
  peer.send({ type: 'input.audio', audio: '' })
  const text = peer.next('transcript.user', undefined, 40_000)
  void context.caller(peer, options).say(speech)
  understood((await text).text)
  same(peer.of('session.error'), [], 'errors')
  await peer.end()
}

export const audio: Chapter = {
  heading: 'Sound',
  items: [
    {
      number: 104,
      source: 'doc',
      title: '`audio/pcm` is 24 kHz, signed 16 bit, little-endian, mono, both ways.',
      async run(context) {
        const { peer, samples, soundMs, tookMs } = await spoken(context, 'audio/pcm')
        wholeSamples(peer)
        must(loudness(samples) > 100, 'the sound is silence')
        const swapped = decode(Buffer.from(encode(samples, 'audio/pcm')).swap16(), 'audio/pcm')
        must(roughness(samples) < roughness(swapped), 'the samples are smoother with their bytes swapped')
        must(
          Math.abs(tookMs - soundMs) < 600 + soundMs / 10,
          `${Math.round(soundMs)} ms of sound at 24 kHz took ${Math.round(tookMs)} ms`,
        )
        await heard(context, { encoding: 'audio/pcm' }, await context.speech(question))
      },
      everywhere: wholeSamples,
    },
    {
      number: 105,
      source: 'doc',
      title: '`audio/pcmu` output is raw 8 kHz μ-law with no header; A-law likewise.',
      async run(context) {
        const plain = await spoken(context, 'audio/pcm')
        for (const encoding of ['audio/pcmu', 'audio/pcma'] as const) {
          const { bytes, samples, soundMs } = await spoken(context, encoding)
          const magic = bytes.subarray(0, 4).toString('latin1')
          must(!['RIFF', '.snd', 'fLaC', 'OggS'].includes(magic), `a header: ${magic}`)
          const ratio = soundMs / plain.soundMs
          must(
            Math.abs(ratio - 1) < 0.08,
            `${Math.round(soundMs)} ms in ${encoding} are ${Math.round(plain.soundMs)} ms in PCM`,
          )
          const level = loudness(samples) / loudness(plain.samples)
          must(level > 0.5 && level < 1.5, `${encoding} is ${level.toFixed(2)} times as loud as PCM`)
          must(roughness(samples) < 1.2, `${encoding} decodes to noise`)
          await heard(context, { encoding }, await context.speech(question))
        }
      },
    },
    {
      number: 106,
      source: 'observed',
      title: 'Input frames of 128 bytes (8 kHz, 16 ms) to 9600 bytes (PCM, 200 ms) are all accepted, odd sizes too.',
      async run(context) {
        const speech = await context.speech(question)
        const ways = [
          { encoding: 'audio/pcmu', frameBytes: 128 },
          { encoding: 'audio/pcm', frameBytes: 9600 },
          { encoding: 'audio/pcm', frameBytes: 1001 },
        ] as const
        await Promise.all(ways.map((way) => heard(context, way, speech)))
      },
    },
    {
      number: 107,
      source: 'observed',
      title: 'Input at up to 375 frames a second is accepted.',
      run: async (context) =>
        heard(context, { encoding: 'audio/pcm', frameBytes: 128 }, await context.speech(question)),
    },
    {
      number: 108,
      source: 'observed',
      title: 'Output is paced to real time, with at most 200 ms of lead.',
      async run(context) {
        const { peer, soundMs, tookMs } = await spoken(context, 'audio/pcm')
        paced(peer)
        must(tookMs > soundMs - 500, `${Math.round(soundMs)} ms of sound came within ${Math.round(tookMs)} ms`)
      },
      everywhere: paced,
    },
    {
      number: 109,
      source: 'doc',
      title: 'Sustained faster-than-real-time input yields `audio_rate_violation`, which is not fatal.',
      async run(context) {
        const peer = await context.ready()
        const violation = peer.next('session.error', undefined, 10_000)
        const audio = encode(silence(200), 'audio/pcm').toString('base64')
        for (let frame = 0; frame < 200; frame++) {
          peer.send({ type: 'input.audio', audio })
          if (frame % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
        }
        same((await violation).code, 'audio_rate_violation', 'the code')
        await peer.settled()
        must(peer.isOpen, 'the connection was closed')
        must((await replied(peer)).done, 'the session does not go on')
        await peer.end()
      },
    },
    {
      number: 110,
      source: 'observed',
      title: 'A clip of 7 s at four times its speed is still recognised.',
      async run(context) {
        const speech = await context.speech(question)
        const clip = joined([silence(500), speech, silence(300), speech, silence(1500)])
        const peer = await context.ready()
        const text = peer.next('transcript.user', undefined, 30_000)
        const fast = context.caller(peer, { speed: 4 })
        await fast.say(clip.subarray(0, 24 * 7000))
        fast.stop()
        context.caller(peer)
        understood((await text).text)
        same(peer.of('session.error'), [], 'errors')
        await peer.end()
      },
    },
    {
      number: 111,
      source: 'doc',
      title: '`output.volume` 0 gives silence; out of range is `invalid_value`.',
      async run(context) {
        const peer = await context.ready({ greeting: SPOKEN, output: { volume: 0 } })
        await peer.first('reply.done')
        const [greeted] = repliesOf(peer)
        const bytes = Buffer.concat(peer.of('reply.audio').map(soundOf))
        must((greeted?.soundMs ?? 0) > 500, 'no sound at all with volume 0')
        same(loudest(decode(bytes, 'audio/pcm')), 0, 'the loudest sample with volume 0')
        for (const volume of [101, -1]) {
          const [error] = await peer.answersTo({ type: 'session.update', session: { output: { volume } } })
          same([error?.code, error?.param], ['invalid_value', 'output.volume'], 'code and param')
          const first = await context.refused({ output: { volume } })
          same([first.code, first.param], ['invalid_value', 'output.volume'], 'code and param in a first update')
        }
        await peer.end()
      },
    },
  ],
}

/** How much of the sound is change from one sample to the next: small in speech, above 1.4 in white noise. */
function roughness(samples: Int16Array): number {
  const steps = Int16Array.from(samples.subarray(1), (sample, index) => (sample - samples[index]!) / 2)
  return (2 * loudness(steps)) / loudness(samples)
}
