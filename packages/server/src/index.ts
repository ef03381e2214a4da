// What a program that starts a server, and a module that holds an engine, may use.
export type { EngineKind, Failure, Millis, TurnNumber, Word } from '@parley/conversation'
export { type Config, ConfigError, readConfig } from './config.js'
export {
  defineEngine,
  type EngineContext,
  type EngineDefinition,
  EngineError,
  type EngineInfo,
  type EngineOf,
  type Llm,
  type LlmEndpoint,
  type LlmMessage,
  type LlmOutput,
  type LlmRequest,
  type LlmTool,
  type LlmToolCall,
  type Samples,
  type Stt,
  type SttInput,
  type SttOutput,
  type SttSettings,
  type Tts,
  type TtsOutput,
  type TtsSettings,
  type TurnDetector,
  type TurnInput,
  type TurnOutput,
  type Vad,
  type VadOutput,
  type VadSettings,
  type Voice,
} from './engines/engine.js'
export { type RunningServer, startServer } from './server.js'
