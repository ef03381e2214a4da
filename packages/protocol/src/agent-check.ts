// Whether a stored agent may be as a client wants it: whatever is stored must be able to start a session.
import { AgentCreate, AgentUpdate, VoiceChoice } from './agent.js'
import { examine, type Finding, finding } from './issues.js'
import { isObject, type JsonObject } from './schema-kit.js'
import type { Known } from './session-check.js'
import { insecureUrls } from './urls.js'
import { type Checked, checkBody } from './validation.js'
import { invalidVoice } from './voices.js'

/** Checks the body of `POST /v1/agents` (protocol section 6.3; checklist 143-145, 154, 156). Whether hosts resolve is left to the server. */
export const checkAgentCreate = (body: unknown, known: Known): Checked<AgentCreate> =>
  checkBody(AgentCreate, body, () => beyondSchema(body, known))

/** Checks the body of `PUT /v1/agents/{id}`: any part of an agent (protocol section 6.2; checklist 151-155). */
export const checkAgentUpdate = (body: unknown, known: Known): Checked<AgentUpdate> =>
  checkBody(AgentUpdate, body, () => beyondSchema(body, known))

/** Looks at each part that is right by itself, so that everything wrong is told at once. */
function beyondSchema(body: unknown, known: Known): readonly Finding[] {
  if (!isObject(body)) return []
  return [...unknownVoice(body.voice, known), ...(known.allowPrivateUrls ? [] : withUrls.flatMap(insecureIn(body)))]
}

function unknownVoice(choice: unknown, known: Known): readonly Finding[] {
  const voice = examine(VoiceChoice, choice)
  if (!voice.ok || known.voices.includes(voice.value.voice_id)) return []
  return [finding(['voice'], invalidVoice(voice.value.voice_id, known.voices))]
}

const withUrls = [
  AgentUpdate.pick({ tools: true }),
  AgentUpdate.pick({ llm: true }),
  AgentUpdate.pick({ pre_connect_requests: true }),
  AgentUpdate.pick({ parley: true }),
] as const

const insecureIn = (body: JsonObject) => (part: (typeof withUrls)[number]) => {
  const settings = examine(part, body)
  return settings.ok ? insecureUrls(settings.value) : []
}
