// What was said so far, turn by turn, the agent's words appearing as they are heard.

export interface UserTurn {
  readonly who: 'user'
  readonly id: string
  readonly text: string
  /** False while the user still speaks and the text may change. */
  readonly final: boolean
}
export interface AgentTurn {
  readonly who: 'agent'
  /** The id of the reply. */
  readonly id: string
  readonly words: readonly Word[]
  /** How many of the words have been played. */
  readonly shown: number
  /** The server's final text; when the reply was cut short, what had been heard of it. */
  readonly ending?: { readonly text: string; readonly interrupted: boolean }
  /** Whether all of its sound has been played. */
  readonly played: boolean
}
export type Turn = UserTurn | AgentTurn

interface Word {
  readonly text: string
  /** When it begins within the reply's sound, in ms; null where the voice gives no times. */
  readonly startMs: number | null
}

type Turns = readonly Turn[]

/** What of a turn is to be read now. */
export function textOf(turn: Turn): string {
  if (turn.who === 'user') return turn.text
  const { ending, words } = turn
  if (ending && (ending.interrupted || turn.played || words.length === 0)) return ending.text
  return joined(words.slice(0, turn.shown))
}

export function userSaid(turns: Turns, id: string, text: string, final: boolean): Turns {
  const turn: UserTurn = { who: 'user', id, text, final }
  return turns.some((each) => each.id === id) ? turns.map((each) => (each.id === id ? turn : each)) : [...turns, turn]
}

/** A word of the agent; words of a reply whose final text has come are late and change nothing. */
export function agentWord(turns: Turns, id: string, word: Word): Turns {
  return changeAgent(turns, id, (turn) =>
    turn.ending
      ? turn
      : {
          ...turn,
          words: [...turn.words, word],
          shown: turn.shown === turn.words.length && word.startMs === null ? turn.shown + 1 : turn.shown,
        },
  )
}

export function agentEnded(turns: Turns, id: string, text: string, interrupted: boolean): Turns {
  return changeAgent(turns, id, (turn) => ({ ...turn, ending: { text, interrupted } }))
}

/** The reply was cut short: where the server named no text, what had been shown was what was heard. */
export function agentInterrupted(turns: Turns, id: string): Turns {
  if (!turns.some((turn) => turn.id === id)) return turns
  return changeAgent(turns, id, (turn) =>
    turn.ending ? turn : { ...turn, ending: { text: textOf(turn), interrupted: true } },
  )
}

/** The first `ms` of the reply's sound have been played. */
export function agentHeard(turns: Turns, id: string, ms: number): Turns {
  const turn = turns.find((each) => each.id === id)
  if (turn?.who !== 'agent') return turns
  const next = turn.words.findIndex(({ startMs }) => startMs !== null && startMs > ms)
  const shown = Math.max(turn.shown, next === -1 ? turn.words.length : next)
  return shown === turn.shown ? turns : changeAgent(turns, id, () => ({ ...turn, shown }))
}

export function agentPlayed(turns: Turns, id: string): Turns {
  if (!turns.some((turn) => turn.id === id)) return turns
  return changeAgent(turns, id, (turn) => ({ ...turn, shown: turn.words.length, played: true }))
}

function changeAgent(turns: Turns, id: string, change: (turn: AgentTurn) => AgentTurn): Turns {
  const known = turns.find((turn) => turn.id === id)
  if (known?.who === 'user') return turns
  if (known) {
    const changed = change(known)
    return changed === known ? turns : turns.map((turn) => (turn === known ? changed : turn))
  }
  return [...turns, change({ who: 'agent', id, words: [], shown: 0, played: false })]
}

/** Words come bare or with their space; one is put in only where neither side has it and no mark leans on the word before. */
function joined(words: readonly Word[]): string {
  let text = ''
  for (const { text: word } of words) {
    const glued = text === '' || /\s$/.test(text) || /^[\s.,;:!?…)\]}'’”%]/.test(word)
    text += glued ? word : ` ${word}`
  }
  return text.trimEnd()
}
