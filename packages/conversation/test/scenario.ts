// Reads a scenario file and plays it on the conversation, in virtual time.
//   start <json>             what the session starts with, over the defaults; may be left out
//   phone <json>             a stored agent on a telephone call, ready at 0 ms; the server runs its tools
//   session <json>           the first update; the session is then ready at 0 ms; left out: nothing has been sent yet
//   <at> <event> <json>      something happens
//   <at> restart             the server dies; another one revives what was stored
//   <at> > <event> <json>    the client is then sent this
//   <at> ! <effect> <json>   this is then ordered
// Expected things come in this order and at these times, and what is sent is expected in full; orders (and the words of
// `transcript.agent.delta`) only where the file names their kind. The json is a part of what must be there; "R1" stands
// for the first reply, "T1" and "A1" for the items of the first turn of the user and of the first reply.

import {
  type Conversation,
  type Effect,
  type Event,
  type KeypadArgument,
  type Live,
  type Millis,
  nextDeadline,
  opening,
  revive,
  type Start,
  step,
  type Telephony,
} from '@parley/conversation'
import type { ServerEvent, SessionPatch } from '@parley/protocol'
import { configure } from '../dist/config.js'

export interface Happening {
  readonly at: Millis
  /** `> type` for what is sent, `! type` for what is ordered. */
  readonly what: string
  readonly body: Record<string, unknown>
}

export interface Played {
  readonly expected: readonly Happening[]
  readonly seen: readonly Happening[]
  /** Everything sent, from the first event on. */
  readonly sent: readonly ServerEvent[]
  readonly conversation: Conversation
}

export const plainStart: Start = {
  sessionId: 'sess_0123456789abcdef0123456789abcdef',
  startedAtUnixMs: 1_790_000_000_000,
  cap: 3_600_000,
  firstMessageWithin: 10_000,
  grace: 30_000,
  lead: 200,
  defaultVoice: 'alba',
}

/** Runs one conversation: what happens, with all deadlines before it. */
export class Player {
  conversation: Conversation
  readonly seen: Happening[] = []
  readonly effects: Effect[] = []
  watch: (before: Conversation, event: Event, after: Conversation, effects: readonly Effect[]) => void = () => {}
  readonly names = new Map<string, string>()
  #isConnected = true

  constructor(start: Start = plainStart) {
    this.conversation = opening(start)
  }

  happen(event: Event): void {
    this.waitUntil(event.at)
    this.#step(event)
  }

  /** The server dies at `at`, without a word; what another one revives of the conversation waits to be resumed. */
  restart(at: Millis): void {
    this.waitUntil(at)
    if (this.conversation.phase !== 'live') return
    // as it comes back from a database
    const stored: Live = JSON.parse(JSON.stringify(this.conversation))
    const [revived, effects] = revive(stored, at)
    this.watch(stored, { type: 'connection.lost', at }, revived, effects)
    this.conversation = revived
    this.#isConnected = false
  }

  /** Lets every deadline before `time` pass. */
  waitUntil(time: Millis): void {
    for (
      let due = nextDeadline(this.conversation);
      due !== undefined && due < time;
      due = nextDeadline(this.conversation)
    )
      this.#step({ type: 'clock.ticked', at: due })
  }

  #step(event: Event): void {
    const [next, effects] = step(this.conversation, event)
    this.watch(this.conversation, event, next, effects)
    this.conversation = next
    this.effects.push(...effects)
    // the line is gone before the conversation learns of it, and a new one carries nothing before `session.ready`
    if (event.type === 'connection.lost' || event.type === 'connection.resumed') this.#isConnected = false
    for (const effect of effects) this.#sees(event.at, effect)
  }

  #sees(time: Millis, effect: Effect): void {
    const at = Math.round(time)
    if (effect.type !== 'send' && effect.type !== 'deliver') {
      const { type, ...body } = effect
      this.seen.push({ at, what: `! ${type}`, body })
      return
    }
    this.#name(effect.event)
    const { type, ...body } = effect.event
    if (type === 'session.ready') this.#isConnected = true
    if (this.#isConnected) this.seen.push({ at, what: `> ${type}`, body })
  }

  #name(event: ServerEvent): void {
    if (event.type === 'reply.started') {
      const number = this.#count('R') + 1
      this.names.set(`R${number}`, event.reply_id)
      this.names.set(`A${number}`, event.item_id)
    }
    if (event.type === 'transcript.user.delta' || event.type === 'transcript.user')
      if (!this.#known(event.item_id)) this.names.set(`T${this.#count('T') + 1}`, event.item_id)
  }

  #count(letter: string): number {
    return [...this.names.keys()].filter((name) => name.startsWith(letter)).length
  }

  #known(id: string): boolean {
    return [...this.names.values()].includes(id)
  }
}

/** Unsent until the file says so: the settings of a scenario that begins with a session that is ready. */
export function makeReady(player: Player, session: SessionPatch): void {
  player.happen({ type: 'client.updated', patch: session, problems: [], at: 0 })
  player.happen({ type: 'engines.ready', at: 0 })
}

/** What a scenario says of an agent on a telephone call; of a keypad argument only what is not usual. */
export interface OnThePhone {
  readonly session?: SessionPatch
  readonly keypad?: readonly (Pick<KeypadArgument, 'tool' | 'argument'> & Partial<KeypadArgument>)[]
  readonly transferTargets?: Telephony['transferTargets']
}

/** `session.tools` are those that the server runs. */
export function makeReadyOnThePhone(player: Player, { session = {}, keypad = [], transferTargets = [] }: OnThePhone) {
  const config = configure(session, 'alba')
  const serverTools = config.tools.map(({ name }) => name)
  const phone = { transferTargets, keypad: keypad.map((asked) => ({ ...usualArgument, ...asked })) }
  player.happen({ type: 'client.updated', patch: { agent_id: 'a' }, problems: [], at: 0 })
  player.happen({ type: 'agent.found', config, serverTools, phone, at: 0 })
  player.happen({ type: 'engines.ready', at: 0 })
}

const usualArgument = {
  prompt: 'Enter your code.',
  least: 4,
  most: 4,
  terminator: '#',
  within: 5000,
  sensitive: false,
  confirm: false,
  escapes: true,
}

export function play(script: string): Played {
  const lines = script.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  let player = new Player()
  const expected: Happening[] = []
  let forgotten = 0
  for (const line of lines) {
    const { head, arrow, type, json } = parse(line)
    if (head === 'start') player = new Player({ ...plainStart, ...JSON.parse(json) })
    else if (head === 'session' || head === 'phone') {
      if (head === 'phone') makeReadyOnThePhone(player, JSON.parse(json))
      else makeReady(player, JSON.parse(json))
      forgotten = player.seen.findIndex(({ what }) => what === '> session.ready') + 1
    } else if (arrow) expected.push({ at: Number(head), what: `${arrow} ${type}`, body: JSON.parse(json) })
    else if (type === 'end') player.waitUntil(Number(head))
    else if (type === 'restart') player.restart(Number(head))
    else {
      player.waitUntil(Number(head))
      player.happen({ type, at: Number(head), ...JSON.parse(named(json, player.names)) } as Event) // true: a scenario names events
    }
  }
  const kinds = new Set(expected.map(({ what }) => what))
  const seen = player.seen
    .slice(forgotten)
    .filter(({ what }) => kinds.has(what) || (what.startsWith('>') && what !== '> transcript.agent.delta'))
  return {
    expected: expected.map((happening) => ({
      ...happening,
      body: JSON.parse(named(JSON.stringify(happening.body), player.names)),
    })),
    seen,
    sent: player.effects.flatMap((effect) => (effect.type === 'send' ? [effect.event] : [])),
    conversation: player.conversation,
  }
}

/** What was expected and what was seen, the latter reduced to what the file says of it, as lines to compare. */
export const compared = ({ expected, seen }: Played): { wanted: readonly string[]; found: readonly string[] } => ({
  wanted: expected.map(lineOf),
  found: seen.map(({ at, what, body }, index) => {
    const wanted = expected[index]
    return lineOf({ at, what, body: wanted?.what === what ? part(body, wanted.body) : {} })
  }),
})

const lineOf = ({ at, what, body }: Happening): string => `${at} ${what} ${JSON.stringify(body)}`

function parse(line: string): { head: string; arrow: string; type: string; json: string } {
  const match = /^\s*(start|session|phone|\d+)\s+(?:([>!])\s+)?([a-z][\w.]*)?\s*(\{.*\})?\s*$/i.exec(line)
  if (!match) throw new Error(`Not a line of a scenario: ${line}`)
  const [, head = '', arrow = '', type = '', json = '{}'] = match
  return { head, arrow, type, json }
}

const named = (json: string, names: ReadonlyMap<string, string>): string =>
  json.replace(/"([RTA]\d+)"/g, (whole, name: string) => (names.has(name) ? `"${names.get(name)}"` : whole))

/** The members of `whole` that `wanted` has, in the order of `wanted`. */
const part = (whole: Record<string, unknown>, wanted: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(wanted)
      .filter(([key]) => key in whole)
      .map(([key, inner]) => {
        const value = whole[key]
        return [key, isObject(value) && isObject(inner) ? part(value, inner) : value]
      }),
  )

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
