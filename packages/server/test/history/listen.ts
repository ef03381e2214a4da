// Reads a recording with a decoder that is not ours, and tells what can be heard in it.
import { readFileSync } from 'node:fs'
import { OggOpusDecoder } from 'ogg-opus-decoder'

export interface Heard {
  readonly seconds: number
  readonly channels: number
  /** How loud a tone is in a channel between two moments, in ms; 1 is full scale. */
  tone(channel: 'user' | 'agent', frequencyHz: number, fromMs: number, toMs: number): number
  /** How loud a channel is altogether. */
  level(channel: 'user' | 'agent', fromMs: number, toMs: number): number
}

export async function listen(path: string): Promise<Heard> {
  const decoder = new OggOpusDecoder()
  await decoder.ready
  const { channelData, sampleRate, errors } = await decoder.decodeFile(readFileSync(path))
  decoder.free()
  if (errors.length > 0) throw new Error(`The recording has faults: ${JSON.stringify(errors)}`)
  const part = (channel: 'user' | 'agent', fromMs: number, toMs: number) =>
    channelData[channel === 'user' ? 0 : 1]!.subarray((fromMs * sampleRate) / 1000, (toMs * sampleRate) / 1000)
  return {
    seconds: channelData[0]!.length / sampleRate,
    channels: channelData.length,
    tone(channel, frequencyHz, fromMs, toMs) {
      let real = 0
      let imaginary = 0
      const samples = part(channel, fromMs, toMs)
      samples.forEach((sample, index) => {
        const angle = (2 * Math.PI * frequencyHz * index) / sampleRate
        real += sample * Math.cos(angle)
        imaginary += sample * Math.sin(angle)
      })
      return (2 * Math.hypot(real, imaginary)) / samples.length
    },
    level(channel, fromMs, toMs) {
      const samples = part(channel, fromMs, toMs)
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
    },
  }
}
