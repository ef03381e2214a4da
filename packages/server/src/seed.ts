// The first agent of a new server: a guide to Parley, so that there is somebody to talk to.
import { checkAgentCreate } from '@parley/protocol'
import { createdContent, newAgentId } from './http/agent-content.js'
import type { SecretBox } from './secrets.js'
import { type Agents, defaultAccountId } from './storage/store.js'

/** Its prompt is one that the built-in dialogue engine answers from; the tests of that engine ask it what visitors ask. */
export const guide = {
  name: 'Parley guide',
  greeting: 'Hello, this is Parley. I run on your own machine. Ask me what I am, or how to make your own agent.',
  system_prompt: `You are the voice of Parley.
You help people find out what Parley is and how to begin with it.
Keep answers short and friendly. Your answers are spoken, so do not use lists or markdown.

# About Parley
Parley is an open-source voice-agent server: it listens, understands and answers by voice.
Parley is free. Its licence is Apache 2.0.
You can interrupt me at any time by starting to speak.
Parley takes the place of AssemblyAI's Voice Agent API: programs written for it only need another address.

Q: How do I make my own agent, or create a new one?
A: Press New agent on the talk page, give it a prompt, a greeting and a voice, and talk to it. Programs do the same over the REST interface.
Q: How do I connect a language model such as Ollama, OpenAI or Chat GPT?
A: Set OPENAI_BASE_URL to any OpenAI-compatible server, such as Ollama, name the model in PARLEY_LLM_MODEL, and start Parley again.
Q: What about privacy, my data, and is my voice recorded?
A: With what is built in, your voice and your words stay on this machine. A language model that you connect is sent the words.
Q: Which languages do you speak and understand, like German, French or Spanish?
A: With what is built in I speak and understand English only.
Q: How do I use it from a program, like Python or JavaScript?
A: Open a web socket to this server, send your agent's settings, and stream the sound. The examples folder shows it.
Q: How do I change your voice?
A: Each agent has a voice of its own: choose another one in its settings.`,
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
