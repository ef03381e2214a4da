// From the text of a message to a client event, or to the problem with it.
import { type ClientEvent, type ClientEventType, clientEvents, type RawSessionPatch } from './client-events.js'
import { type Problem, problem } from './errors.js'
import { examine } from './issues.js'
import { isObject } from './schema-kit.js'
import { isWellFormed } from './session-check.js'

export type ParseResult = { ok: true; event: ClientEvent } | { ok: false; problem: Problem }

/**
 * Parses one text message of a client. Never throws.
 * Unknown fields beside those of the event are dropped. The settings of a `session.update` are checked for their
 * shape only: which values they may have is answered by `checkSession`. (Checklist 42, 43, 60-64, 68.)
 */
export function parseClientEvent(text: string): ParseResult {
  const message = parseJson(text)
  if (!isObject(message)) return refused('Invalid JSON format.')
  const { type } = message
  if (typeof type !== 'string') return refused("Invalid message format: 'type' must be a string")
  if (!isKnown(type)) return refused(`Unknown message type: ${shortened(type)}`)
  if (type === 'session.update') return parseUpdate(message.session)
  const result = examine(clientEvents[type], message)
  return result.ok ? { ok: true, event: result.value } : malformed(type)
}

function parseUpdate(session: unknown): ParseResult {
  if (session === undefined) return { ok: true, event: { type: 'session.update' } }
  if (!isObject(session) || !isWellFormed(session)) return malformed('session.update')
  const raw: RawSessionPatch = session
  return { ok: true, event: { type: 'session.update', session: raw } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isKnown = (type: string): type is ClientEventType => Object.hasOwn(clientEvents, type)
const shortened = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}…` : text)
const refused = (message: string): ParseResult => ({ ok: false, problem: problem('invalid_format', { message }) })
const malformed = (type: ClientEventType): ParseResult => refused(`Invalid message format for type '${type}'`)
