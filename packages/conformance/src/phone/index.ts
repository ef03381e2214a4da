// A simulated telephone company. It calls a voice server as Twilio (or, in small, Telnyx) would and records what the caller
// hears, sample by sample. Nothing of Parley is in it: any server of media streams can be tried with it.
//
// - Call side: `dial` posts the signed voice webhook, carries out the TwiML that comes back (`Connect` with `Stream`, `Say`,
//   `Pause`, `Dial`, `Redirect`, `Hangup`, `Reject`) and sends status callbacks.
// - Media side: `call.stream()` is the open media stream. The caller speaks with `say` and presses keys with `press`, over a
//   line that may be late, unsteady or lossy (`quality`). What the server sends is played in real time; marks come back when
//   the sound before them was played, or at once after `clear`.
// - REST side: `url` takes the place of `https://api.twilio.com`: `client.api.baseUrl = company.url` with the `twilio` package.
//
// Addresses in TwiML are public ones (`https://`, `wss://`); `route` says where they lead.
export type { Call, CallError, CallOptions, Dialed, Instructions } from './call.js'
export type { Callee } from './callee.js'
export { ManualClock, type PhoneClock, wallClock } from './clock.js'
export type { MediaMessages, ServerMessage, StreamNames } from './messages.js'
export { type LineQuality, Mouth } from './mouth.js'
export type { PhoneNumber } from './number-resource.js'
export type { Exchange, SimulationOptions } from './office.js'
export { Playback, SAMPLES_PER_MS, SILENCE, type Span } from './playback.js'
export type { RestRequest } from './rest.js'
export type { CallStatus } from './status.js'
export { type MediaSocket, Stream, type StreamEnd, type StreamEvent } from './stream.js'
export { SimulatedTelnyx } from './telnyx.js'
export { SimulatedTwilio } from './twilio.js'
export { readTwiml, TwimlError, type Verb } from './twiml.js'
