// How settings are asked about: what a session is told of them, and with what they are refused.
import type { Context } from '../context.js'
import { type Fields, like, object, same } from '../expect.js'

/** What a session of these settings is told of them. */
export async function echoOf(context: Context, session: unknown): Promise<Fields> {
  const peer = await context.ready(session)
  await peer.end()
  return object(peer.of('session.ready')[0]?.config, 'config')
}

export const part = (fields: Fields, name: string): Fields => object(fields[name], name)

export const inputKeys: readonly string[] = [
  ...['type', 'format', 'turn_detection', 'keyterms', 'transcription_mode', 'continuous_partials'],
  ...['transcription_prompt', 'language_codes', 'voice_focus', 'voice_focus_threshold'],
]

/** A first update that is refused for good, with this code, message and param. */
export async function refusedFor(
  context: Context,
  session: unknown,
  code: string,
  message: string | RegExp,
  param: string,
): Promise<void> {
  const frame = await context.refused(session)
  same([frame.code, frame.param], [code, param], 'code and param')
  if (typeof message === 'string') same(frame.message, message, 'the message')
  else like(frame.message, message, 'the message')
}
