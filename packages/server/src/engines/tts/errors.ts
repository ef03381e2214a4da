// What any voice may have to say no with.
import { EngineError, type Voice } from '../engine.js'

export const unknownVoice = (name: string, voices: readonly Voice[]): EngineError =>
  new EngineError({
    code: 'voice_not_found',
    message: `There is no voice '${name}'. Choose one of: ${voices.map((voice) => voice.id).join(', ')}.`,
    retryable: false,
  })

export const voiceClosed = (): EngineError =>
  new EngineError({ code: 'engine_closed', message: 'The voice was closed. Open a new session.', retryable: false })
