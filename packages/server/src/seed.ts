// The first agent of a new server: a guide to Parley, so that there is somebody to talk to.
import { checkAgentCreate } from '@parley/protocol'
import { createdContent, newAgentId } from './http/agent-content.js'
import type { SecretBox } from './secrets.js'
import { type Agents, defaultAccountId } from './storage/store.js'

const guide = {
  name: 'Parley guide',
  greeting: "Hello, I'm the Parley guide. What would you like to know?",
  system_prompt: `You are the Parley guide, a friendly voice that shows people around Parley. Keep answers short.
Parley is an open voice agent server that runs on your own machine.
Your voice and your words stay on this machine, unless you connect a language model somewhere else.
To make an agent, press new agent on this page, and give it a name, a prompt and a greeting.
A program makes an agent with a POST request to slash v1 slash agents, and talks to it over one WebSocket.
To connect a language model, set OPENAI BASE URL and start Parley again. Ollama, llama dot cpp and vLLM work, and so does OpenAI.
Without a language model I answer by built-in rules, from my prompt alone.
You can interrupt me at any time. Just start to speak.
Parley understands English speech with a recogniser that runs on this machine.
Parley is free and open source, under the Apache license.
A program that was written for the AssemblyAI Voice Agent API works with Parley when you change the host.`,
} as const

/** Makes the guide when there is no agent at all. `now`: naive ISO time, as agents show it. */
export async function seedGuide(agents: Agents, secrets: SecretBox, voice: string, now: string): Promise<void> {
  const { agents: some } = await agents.list(defaultAccountId, { limit: 1, after: undefined })
  if (some.length > 0) return
  const id = newAgentId()
  const checked = checkAgentCreate({ ...guide, voice: { voice_id: voice } }, { voices: [voice] })
  if (!checked.ok) throw new Error(`The guide is no agent: ${JSON.stringify(checked.errors)}`)
  await agents.create(defaultAccountId, id, createdContent(checked.value, { id, now, secrets }))
}
