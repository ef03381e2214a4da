// The user's voice as frames of 16-bit samples, echo of the speaker removed.
import { loadWorklet } from './audio-context.js'
import { Emitter } from './emitter.js'
import { AudioError } from './errors.js'
import { CAPTURE, type CapturedFrame, type CaptureOptions } from './worklet-messages.js'

export interface MicrophoneOptions {
  readonly context: AudioContext
  /** Rate of the frames in Hz; 24000 by default. */
  readonly sampleRateHz?: number
  /** Length of a frame in ms, best between 20 and 50; 40 by default. */
  readonly frameMs?: number
  /** Which microphone; the browser's choice by default. */
  readonly deviceId?: string
  /** Where the capture worklet is served; the module beside this one by default. */
  readonly worklet?: string | URL
}

interface MicrophoneEvents {
  frame: CapturedFrame
  /** The microphone was unplugged or taken away. */
  lost: AudioError
}

const FRAME_MS = 40
const SAMPLE_RATE_HZ = 24_000

/** Asks for the microphone and starts it. Rejects with `AudioError`. */
export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const { context, sampleRateHz = SAMPLE_RATE_HZ, frameMs = FRAME_MS } = options
  await loadWorklet(context, options.worklet ?? new URL('./worklets/capture.js', import.meta.url))
  return new Microphone(context, await requestMicrophone(options.deviceId), { sampleRateHz, frameMs })
}

export class Microphone extends Emitter<MicrophoneEvents> {
  readonly #stream: MediaStream
  readonly #source: MediaStreamAudioSourceNode
  readonly #capture: AudioWorkletNode

  constructor(context: AudioContext, stream: MediaStream, options: CaptureOptions) {
    super()
    this.#stream = stream
    this.#source = context.createMediaStreamSource(stream)
    this.#capture = new AudioWorkletNode(context, CAPTURE, {
      channelCount: 1,
      channelCountMode: 'explicit',
      numberOfOutputs: 1,
      processorOptions: options,
    })
    this.#capture.port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => this.emit('frame', data)
    // Its output is silence; a node that leads nowhere is not run by every browser.
    this.#source.connect(this.#capture).connect(context.destination)
    for (const track of stream.getTracks())
      track.addEventListener('ended', () =>
        this.emit(
          'lost',
          new AudioError('no_microphone', 'The microphone was disconnected. Plug it in and start again.'),
        ),
      )
  }

  /** A muted microphone goes on sending silence, which is what ends a turn. */
  mute(muted: boolean): void {
    for (const track of this.#stream.getTracks()) track.enabled = !muted
  }

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop()
    this.#source.disconnect()
    this.#capture.disconnect()
    this.#capture.port.onmessage = null
  }
}

/**
 * Asks the user for the microphone; rejects with `AudioError`.
 * The settings are those of protocol.md section 9: the server cleans up noise itself, and only the browser can remove the echo.
 */
export async function requestMicrophone(deviceId?: string): Promise<MediaStream> {
  const audio = {
    channelCount: 1,
    echoCancellation: true,
    noiseSuppression: false,
    autoGainControl: false,
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio })
  } catch (error) {
    throw microphoneError(error instanceof Error ? error.name : '')
  }
}

/** The names are those of the Media Capture specification, section "getUserMedia". */
export function microphoneError(name: string): AudioError {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new AudioError(
        'permission_denied',
        "The microphone is blocked. Allow it for this page in the browser's address bar, then start again.",
      )
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new AudioError('no_microphone', 'No microphone was found. Connect one, then start again.')
    case 'NotReadableError':
    case 'AbortError':
      return new AudioError(
        'microphone_busy',
        'The microphone does not answer. Close other programs that use it, then start again.',
      )
    default:
      return new AudioError('audio_failed', `The microphone could not be opened (${name || 'unknown error'}).`)
  }
}
