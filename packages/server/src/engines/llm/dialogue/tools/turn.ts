// One turn of the dialogue rules where there are tools: calls one, asks for what is missing, tells what came of it, or just talks.
import type { LlmMessage, LlmTool, LlmToolCall } from '../../../engine.js'
import { actIn } from '../acts.js'
import { typedIn } from '../instructions.js'
import { type Known, kindOfReply, replyTo } from '../reply.js'
import { type Orders, ordersIn } from './outcomes.js'
import {
  completed,
  type MadeCall,
  MOST_ATTEMPTS,
  missing,
  type Pursuit,
  sameArguments,
  type Track,
  trackOf,
} from './pursuit.js'
import { questionFor, thingOf } from './questions.js'
import { formOf } from './slots.js'
import { todayIn } from './spoken-dates.js'
import { toldResults } from './telling.js'
import { isWish } from './tool-choice.js'

/** What is said, and the tool that is called after it. */
export interface Turn {
  readonly text: string
  readonly call?: LlmToolCall
}

/** `messages`: without the agent's own prompt, which is `prompt`. Pure: the same input, the same turn. */
export function turnOf(messages: readonly LlmMessage[], tools: readonly LlmTool[], agent: Known, prompt: string): Turn {
  const order = messages.at(-1)?.role === 'system' ? messages.at(-1) : undefined
  const orders = ordersIn(order?.content ?? '')
  const typed = typedIn(orders.rest)
  const before = order === undefined ? messages : messages.slice(0, -1)
  const history: readonly LlmMessage[] = typed === undefined ? before : [...before, { role: 'user', content: typed }]
  const hangUp = tools.find(isHangUp)
  const forms = tools.filter((tool) => tool !== hangUp).map(formOf)
  const track = trackOf(history, forms, todayIn(prompt))
  const rest: LlmMessage[] = orders.rest === '' ? [] : [{ role: 'system', content: orders.rest }]
  const scene: Scene = {
    history,
    track,
    agent,
    orders,
    plain: () => replyTo(typed === undefined ? [...history, ...rest] : history, agent),
  }
  if (orders.stops === 'failures')
    return {
      text: 'I am sorry, that did not work after several attempts. Is there something else that I can do for you?',
    }
  if (orders.passesTime) return { text: 'One moment, please. I am still waiting for the result.' }
  const results = untold(scene)
  if (results.length > 0) return { text: toldResults(results, track.calls, orders.rest, agent.persona) }
  if (orders.rest !== '' && typed === undefined) return { text: scene.plain() }
  if (hangUp !== undefined && history.at(-1)?.role === 'user' && actIn(lastWords(history)) === 'goodbye')
    return { text: scene.plain(), call: { callId: callId(track), name: hangUp.name, arguments: '{}' } }
  return pursued(scene) ?? { text: scene.plain() }
}

interface Scene {
  readonly history: readonly LlmMessage[]
  readonly track: Track
  readonly agent: Known
  readonly orders: Orders
  /** What would be said if there were no tools. */
  readonly plain: () => string
}

/** Tools of the platform or of the agent's author by which the line is closed, and that need to be told nothing. */
const isHangUp = ({ name, parameters }: LlmTool): boolean =>
  /^(?:aai_)?(?:end|hang_?up|close|finish)(?:_?(?:the_?)?(?:call|conversation|session|line))?$/i.test(name) &&
  (!Array.isArray(parameters.required) || parameters.required.length === 0)

/** The results that this reply is about: those that end the history, or that the platform asks to be told. */
function untold({ history, track: { calls }, orders }: Scene): readonly MadeCall[] {
  const isOver = ({ outcome }: MadeCall) => outcome.is === 'failed' || outcome.is === 'succeeded'
  if (orders.tells.length > 0)
    return orders.tells.flatMap((name) => calls.findLast((call) => call.name === name && isOver(call)) ?? [])
  const end = history.slice(history.findLastIndex(({ role }) => role !== 'tool') + 1)
  const ids = new Set(end.flatMap((message) => (message.role === 'tool' ? [message.callId] : [])))
  return calls.filter((call) => ids.has(call.callId) && isOver(call))
}

/** What the tools make of the turn; undefined: nothing. */
function pursued(scene: Scene): Turn | undefined {
  const { history, track, agent } = scene
  const isUsers = history.at(-1)?.role === 'user'
  const kind = isUsers ? kindOfReply(history, agent) : 'nothing'
  if (kind === 'rule') return undefined
  const { pursuit, end } = track
  if (end?.is === 'called off') return { text: 'All right, let us leave that. What else can I do for you?' }
  if (end?.is === 'in vain') return { text: gaveUp(end.slot) }
  if (pursuit === undefined)
    return isUsers && kind !== 'nothing' && kind !== 'presence' ? undefined : stillWaiting(track)
  // a fact answers a question better than a tool that only sounds like it
  if (kind === 'fact' && isNew(pursuit, history) && !isWish(lastWords(history))) return undefined
  const slot = missing(pursuit)
  if (slot === undefined) return called(pursuit, track)
  const question = questionFor(slot, Math.max(pursuit.misses, pursuit.refusals))
  const isAside = isUsers && pursuit.misses > 0 && (kind === 'fact' || kind === 'talk' || kind === 'presence')
  if (isAside && actIn(lastWords(history)) === 'repeat') return { text: scene.plain() }
  return { text: isAside ? `${scene.plain().replace(/ [^.!?]*\?$/, '')} ${questionFor(slot, 0)}` : question }
}

const isNew = ({ before }: Pursuit, history: readonly LlmMessage[]): boolean => before === lastWords(history)

const lastWords = (history: readonly LlmMessage[]): string => {
  const start = history.findLastIndex(({ role }) => role === 'assistant' || role === 'tool') + 1
  return history
    .slice(start)
    .flatMap(({ role, content }) => (role === 'user' ? [content] : []))
    .join(' ')
}

/** The call, unless the same one still runs or has failed too often. */
function called(pursuit: Pursuit, track: Track): Turn {
  const { name } = pursuit.form
  const args = completed(pursuit)
  const same = track.calls.filter((call) => call.name === name && sameArguments(call.arguments, args))
  if (same.some(({ outcome }) => outcome.is === 'waiting')) return waiting
  const failures = same.length - 1 - same.findLastIndex(({ outcome }) => outcome.is === 'succeeded')
  if (failures >= MOST_ATTEMPTS)
    return {
      text: 'I am sorry, that has failed several times now, so I will not try it again. Is there something else?',
    }
  return { text: '', call: { callId: callId(track), name, arguments: JSON.stringify(args) } }
}

const waiting: Turn = { text: 'I am still waiting for the result. It should not be long.' }

const stillWaiting = ({ calls }: Track): Turn | undefined =>
  calls.some(({ outcome }) => outcome.is === 'waiting') ? waiting : undefined

const gaveUp = (slot: Parameters<typeof thingOf>[0] | undefined): string =>
  slot === undefined
    ? 'I am sorry, I was not able to do that. Is there something else that I can help you with?'
    : `I am sorry, I cannot do that without ${thingOf(slot)}. Let us leave it for now. Is there something else?`

/** New within the history. */
const callId = ({ calls }: Track): string => `call_${calls.length + 1}`
