// The page as a whole: who is let in, which agent, the conversation.
import type { Voice } from '@parley/client'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type Access, type Entry, enter, forgetKey, unlock } from './access.js'
import { AgentEditor } from './agent-editor.js'
import { AgentPicker } from './agent-picker.js'
import { useAgents } from './agents.js'
import { useConversation } from './conversation.js'
import { Engines, useReadiness } from './engines.js'
import { KeyForm } from './key-form.js'
import { isUnauthorized, type Problem, problemOf } from './problem.js'
import { ProblemNotice } from './problem-notice.js'
import { isRunning, Stage } from './stage.js'
import { Transcript } from './transcript.js'

export function App() {
  const [entry, setEntry] = useState<Entry>()
  const [problem, setProblem] = useState<Problem>()
  const knock = useCallback(() => {
    setProblem(undefined)
    enter().then(setEntry, (error) => setProblem(problemOf(error)))
  }, [])
  useEffect(knock, [knock])
  const refused = useCallback((found: Problem) => {
    forgetKey()
    setProblem(found)
    setEntry({ is: 'locked' })
  }, [])
  const unlocked = (key: string) => {
    setProblem(undefined)
    setEntry({ is: 'open', access: unlock(key) })
  }

  if (entry?.is === 'open') return <Room access={entry.access} refused={refused} />
  if (entry?.is === 'locked') return <KeyForm problem={problem} enter={unlocked} />
  return (
    <main class="lock">{problem && <ProblemNotice problem={problem} act={{ label: 'Try again', run: knock }} />}</main>
  )
}

function Room({ access, refused }: { readonly access: Access; refused(problem: Problem): void }) {
  const [problem, setProblem] = useState<Problem>()
  const [editing, setEditing] = useState<'chosen' | 'new'>()
  const failed = useCallback(
    (error: unknown) => (isUnauthorized(error) ? refused(problemOf(error)) : setProblem(problemOf(error))),
    [refused],
  )
  const agents = useAgents(access.rest, failed)
  const voices = useVoices(access, failed)
  const talk = useConversation(access, refused)
  const readiness = useReadiness()
  const running = isRunning(talk.view)
  const { chosen } = agents
  const start = (writing?: string) => {
    setProblem(undefined)
    if (chosen) talk.start(chosen.id, writing)
  }
  const change = (id: string) => {
    talk.clear()
    agents.choose(id)
  }
  useEscape(running && !editing, talk.end)
  const shown = talk.problem ?? problem

  return (
    <>
      <header>
        <h1>Parley</h1>
        <AgentPicker
          agents={{ ...agents, choose: change }}
          disabled={running}
          edit={() => setEditing('chosen')}
          make={() => setEditing('new')}
        />
      </header>
      <main class="room">
        <Stage
          conversation={talk.conversation}
          view={talk.view}
          agentName={chosen?.name}
          waiting={waitingFor(readiness?.ready, agents.list?.length, chosen !== undefined)}
          start={start}
          end={talk.end}
        />
        <div class="side">
          {shown && (
            <ProblemNotice
              problem={shown}
              act={shown.way === 'type' ? { label: 'Write instead', run: focusWriting } : undefined}
            />
          )}
          <Transcript turns={talk.view?.turns ?? []} agent={chosen} />
        </div>
      </main>
      <Engines readiness={readiness} />
      {editing && (
        <AgentEditor
          access={access}
          agent={editing === 'chosen' ? chosen : undefined}
          voices={voices}
          save={(agent) => agents.save(agent, editing === 'chosen' ? chosen?.id : undefined)}
          remove={() => (chosen ? agents.remove(chosen.id) : Promise.resolve())}
          close={() => setEditing(undefined)}
        />
      )}
    </>
  )
}

function waitingFor(ready: boolean | undefined, agents: number | undefined, chosen: boolean): string | undefined {
  if (ready === false) return 'The engines are loading'
  if (agents === 0) return 'Make an agent to talk to'
  return chosen ? undefined : 'One moment'
}

const focusWriting = (): void => document.getElementById('text')?.focus()

function useVoices({ rest }: Access, failed: (error: unknown) => void): readonly Voice[] {
  const [voices, setVoices] = useState<readonly Voice[]>([])
  useEffect(() => {
    rest.voices.list().then(setVoices, failed)
  }, [rest, failed])
  return voices
}

/** Escape ends the conversation, wherever the focus is. */
function useEscape(active: boolean, end: () => void): void {
  useEffect(() => {
    if (!active) return
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape') end()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [active, end])
}
