// A dialog that makes an agent or changes one.
import type { AgentInput, AgentRecord, Voice } from '@parley/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Access } from './access.js'
import { type Problem, problemOf } from './problem.js'
import { VoiceField } from './voice-field.js'

interface AgentEditorProps {
  readonly access: Access
  /** The agent to change; a new one is made without it. */
  readonly agent: AgentRecord | undefined
  readonly voices: readonly Voice[]
  save(agent: AgentInput): Promise<void>
  remove(): Promise<void>
  close(): void
}

const PROMPT = 'You are a friendly guide. Answer in one or two short sentences, as one speaks.'
const GREETING = 'Hello! What would you like to talk about?'

export function AgentEditor({ access, agent, voices, save, remove, close }: AgentEditorProps) {
  const dialog = useModal()
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
      close()
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void attempt(() => save(agentIn(event.currentTarget as HTMLFormElement)))
  }

  return (
    <dialog ref={dialog} class="editor" aria-labelledby="editor-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="editor-title">{agent ? 'Edit agent' : 'New agent'}</h2>
        <label for="name">Name</label>
        <input id="name" name="name" required maxLength={100} defaultValue={agent?.name} placeholder="Reception" />
        <label for="prompt">Prompt</label>
        <textarea id="prompt" name="prompt" rows={6} required defaultValue={agent?.system_prompt ?? PROMPT} />
        <p class="hint">Who the agent is, what it knows and how it speaks.</p>
        <label for="greeting">Greeting</label>
        <textarea id="greeting" name="greeting" rows={2} defaultValue={agent ? (agent.greeting ?? '') : GREETING} />
        <p class="hint">
          Said word for word as soon as the conversation begins. Leave it empty to speak first yourself.
        </p>
        <VoiceField access={access} voices={voices} initial={agent?.voice.voice_id} failed={setProblem} />
        {problem && (
          <p class="problem-text" role="alert">
            {problem.title}. {problem.text}
          </p>
        )}
        <div class="actions">
          <button class="primary" type="submit" disabled={busy}>
            {agent ? 'Save' : 'Make agent'}
          </button>
          <button type="button" class="plain" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          {agent && <DeleteButton name={agent.name} busy={busy} remove={() => void attempt(remove)} />}
        </div>
      </form>
    </dialog>
  )
}

/** Asks once more in its own place before it deletes. */
function DeleteButton({ name, busy, remove }: { readonly name: string; readonly busy: boolean; remove(): void }) {
  const [sure, setSure] = useState(false)
  return (
    <button
      type="button"
      class="plain danger"
      disabled={busy}
      onClick={() => (sure ? remove() : setSure(true))}
      onBlur={() => setSure(false)}
    >
      {sure ? `Really delete ${name}?` : 'Delete'}
    </button>
  )
}

function useModal() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return dialog
}

function agentIn(form: HTMLFormElement): AgentInput {
  const fields = new FormData(form)
  const text = (name: string) => String(fields.get(name) ?? '').trim()
  return {
    name: text('name'),
    system_prompt: text('prompt'),
    greeting: text('greeting') || null,
    voice: { voice_id: text('voice') },
  }
}
