// The browser's audio engine: started inside the user's click, with errors that say what to do.
import { AudioError } from './errors.js'

/**
 * Makes and starts an AudioContext, after `requireAudio`. Call it while a click or key press is being handled: browsers keep a page silent until then.
 * It runs at the device's own rate; the worklets resample, because a forced rate costs some browsers their echo cancellation.
 */
export function openAudio(): AudioContext {
  const context = new AudioContext({ latencyHint: 'interactive' })
  void context.resume()
  return context
}

/** Throws `AudioError` where a page may have no sound at all. */
export function requireAudio(): void {
  if (!globalThis.isSecureContext)
    throw new AudioError(
      'insecure_origin',
      'Browsers give a microphone only to secure pages. Open this page over https, or on localhost.',
    )
  if (typeof AudioWorkletNode === 'undefined' || !navigator.mediaDevices?.getUserMedia)
    throw new AudioError(
      'no_audio_worklet',
      'This browser is too old to talk. Use a current Chrome, Edge, Firefox or Safari.',
    )
}

/** Loads a worklet; the same module may be asked for again. */
export async function loadWorklet(context: AudioContext, url: string | URL): Promise<void> {
  try {
    await context.audioWorklet.addModule(url)
  } catch {
    throw new AudioError(
      'audio_failed',
      `The audio worklet ${url} could not be loaded. Serve it from the page's own origin and allow it in the content security policy.`,
    )
  }
}
