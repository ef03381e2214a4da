// What was said, set like the script of a play: who speaks in the margin, the words beside it.
import { type AgentRecord, type Turn, textOf } from '@parley/client'
import { useEffect, useRef } from 'preact/hooks'

interface TranscriptProps {
  readonly turns: readonly Turn[]
  readonly agent: AgentRecord | undefined
}

/** So close to the end counts as reading along. */
const NEAR_END_PX = 80

export function Transcript({ turns, agent }: TranscriptProps) {
  const agentName = agent?.name ?? 'Agent'
  const list = useReadingAlong(turns)
  const spoken = turns.filter((turn) => textOf(turn) !== '')
  return (
    <section class="transcript" aria-label="Transcript" ref={list}>
      {spoken.length === 0 ? (
        <Introduction agent={agent} />
      ) : (
        <ol>
          {spoken.map((turn) => (
            <Line key={turn.id} turn={turn} agentName={agentName} />
          ))}
        </ol>
      )}
      <Announcer turns={turns} agentName={agentName} />
    </section>
  )
}

/** Before anything was said: who it is that one is about to talk to. */
function Introduction({ agent }: { readonly agent: AgentRecord | undefined }) {
  if (!agent) return <p class="hint">What you say and what you hear will be written here.</p>
  return (
    <div class="introduction">
      <h2>{agent.name}</h2>
      <p>{agent.system_prompt}</p>
      <p class="hint">Speaks with the voice “{agent.voice.voice_id}”. What you say and hear will be written here.</p>
    </div>
  )
}

function Line({ turn, agentName }: { readonly turn: Turn; readonly agentName: string }) {
  const cut = turn.who === 'agent' && turn.ending?.interrupted === true
  return (
    <li class={`line ${turn.who} ${isOver(turn) ? '' : 'growing'}`}>
      <span class="speaker">{turn.who === 'user' ? 'You' : agentName}</span>
      <p>
        {textOf(turn)}
        {cut && (
          <span class="cut" title="Interrupted">
            {' —'}
          </span>
        )}
      </p>
    </li>
  )
}

/** Screen readers are told whole turns; words that still change would be read again and again. */
function Announcer({ turns, agentName }: { readonly turns: readonly Turn[]; readonly agentName: string }) {
  return (
    <div class="unseen" role="log" aria-live="polite">
      {turns
        .filter((turn) => isOver(turn) && textOf(turn) !== '')
        .map((turn) => (
          <p key={turn.id}>{`${turn.who === 'user' ? 'You' : agentName}: ${textOf(turn)}`}</p>
        ))}
    </div>
  )
}

const isOver = (turn: Turn): boolean =>
  turn.who === 'user' ? turn.final : turn.played || turn.ending?.interrupted === true

/** Keeps the newest line in sight, unless the reader has scrolled back. */
function useReadingAlong(turns: readonly Turn[]) {
  const list = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  useEffect(() => {
    const element = list.current
    const look = () => {
      if (element) atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX
    }
    element?.addEventListener('scroll', look, { passive: true })
    return () => element?.removeEventListener('scroll', look)
  }, [])
  useEffect(() => {
    if (atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [turns])
  return list
}
