// The conversation that the page holds: begun by a press, followed until it ends.
import { type Conversation, type TalkView, talk } from '@parley/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Access } from './access.js'
import { isUnauthorized, type Problem, problemOf } from './problem.js'

export interface Held {
  readonly view: TalkView | undefined
  readonly problem: Problem | undefined
  readonly conversation: Conversation | undefined
  /** Begins to talk, or, with the first thing to say, to write. */
  start(agentId: string, writing?: string): void
  end(): void
  /** Takes away what was said and what went wrong. */
  clear(): void
}

export function useConversation(access: Access, refused: (problem: Problem) => void): Held {
  const [view, setView] = useState<TalkView>()
  const [problem, setProblem] = useState<Problem>()
  const [conversation, setConversation] = useState<Conversation>()
  const current = useRef<Conversation>()

  const begin = (agentId: string, writing?: string) => {
    void current.current?.end()
    const begun = talk({ url: location.origin, getToken: access.getToken, agentId, microphone: writing === undefined })
    current.current = begun
    setProblem(undefined)
    setView(begun.view)
    setConversation(begun)
    if (writing !== undefined) begun.send(writing)
    begun.on('change', (next) => current.current === begun && setView(next))
    begun.on('error', (error) => {
      if (current.current !== begun) return
      const found = problemOf(error)
      if (isUnauthorized(error)) refused(found)
      setProblem(found)
    })
  }
  useEffect(() => () => void current.current?.end(), [])

  return {
    view,
    problem,
    conversation,
    start: begin,
    end: () => void current.current?.end(),
    clear: () => {
      void current.current?.end()
      current.current = undefined
      setConversation(undefined)
      setView(undefined)
      setProblem(undefined)
    },
  }
}

/** Lets a voice say a sentence once. Resolves when it has been heard; rejects with what went wrong. */
export function sample(access: Access, voice: string, text: string): Promise<void> {
  const session = { system_prompt: 'You try out a voice.', greeting: text, output: { voice } }
  const speaking = talk({ url: location.origin, getToken: access.getToken, session, microphone: false })
  return new Promise((resolve, reject) => {
    speaking.on('error', reject)
    speaking.on('change', ({ activity, turns }) => {
      if (activity === 'ended') resolve()
      else if (turns.some((turn) => turn.who === 'agent' && turn.played)) void speaking.end()
    })
  })
}
