// The keys of a telephone: the digits that were asked for, or keys that nobody asked for, group by group.
import type { CallId, Collected, Effect, EventBody, KeypadArgument, Millis } from '@parley/conversation'
import type { Clock } from './clock.js'

export interface KeypadPorts {
  readonly clock: Clock
  dispatch(event: EventBody): void
  /** Whether the tool takes these digits for that argument. */
  accepts(asked: KeypadArgument, digits: string): boolean
}

type Order = Extract<Effect, { type: 'collect' }>

interface Open extends Pick<Order, 'callId' | 'asked' | 'purpose'> {
  digits: string
  isTouched: boolean
}

/** Keys that are no news. `rest`: what is typed on without looking up; `late`: what comes after all was given up. */
interface Spare {
  readonly is: 'terminator' | 'rest' | 'late'
  readonly keys: string
  readonly until: number
}

/** Keys that follow one another within this time belong together. */
export const QUIET_MS: Millis = 1_500
/** How long the digits of a secret may still come once nobody waits for them. */
export const LATE_MS: Millis = 10_000
/** A key sounds on after it was told of. */
const TONE_MS: Millis = 500
/** More than this does nobody press in one go. */
const MOST_KEYS = 64
const KEYS = '0123456789*#'
const ESCAPE = '*'

export class Keypad {
  readonly #ports: KeypadPorts
  #open: Open | undefined
  /** Digits that nobody but the tool may learn. */
  readonly #secrets = new Map<CallId, Record<string, string>>()
  /** Pressed unasked, and not told yet. */
  #unasked = ''
  #spare: Spare | undefined
  #hiddenUntil = Number.NEGATIVE_INFINITY
  #cancelAlarm: () => void = () => {}

  constructor(ports: KeypadPorts) {
    this.#ports = ports
  }

  /** Whether what the caller sends now may hold the tones of a secret. */
  get hidesSound(): boolean {
    return (this.#open !== undefined && isSecret(this.#open)) || this.#now < this.#hiddenUntil
  }

  press(key: string): void {
    if (key.length !== 1 || !KEYS.includes(key) || this.#isSpare(key)) return
    if (this.#open) this.#enter(this.#open, key)
    else this.#gather(key)
  }

  /** Keys that were pressed a moment ago are the first of what is asked for now. */
  collect({ callId, asked, purpose }: Order): void {
    this.#cancelAlarm()
    if (this.#spare?.is === 'late') this.#spare = undefined
    this.#open = { callId, asked, purpose, digits: '', isTouched: false }
    const early = this.#unasked
    this.#unasked = ''
    for (const key of early) this.press(key)
  }

  /** From now on the first key is waited for. */
  awaitKeys(): void {
    if (this.#open && this.#open.digits === '') this.#wait(this.#open)
  }

  stopCollecting(): void {
    this.#cancelAlarm()
    this.#secrets.clear()
    if (this.#open) this.#close(this.#open, 'late')
  }

  /** A secret was being entered when another server died: what is still typed of it is told to nobody. */
  passOverRest(): void {
    this.#spare = { is: 'late', keys: KEYS, until: this.#now + LATE_MS }
  }

  /** The secret digits for a call, which are forgotten here. */
  take(callId: CallId): Readonly<Record<string, string>> {
    const secrets = this.#secrets.get(callId) ?? {}
    this.#secrets.delete(callId)
    return secrets
  }

  close(): void {
    this.#cancelAlarm()
    this.#open = undefined
    this.#unasked = ''
    this.#secrets.clear()
  }

  #enter(open: Open, key: string): void {
    const { asked, callId } = open
    const isEnd = key === asked.terminator
    const isEscape = !isEnd && key === ESCAPE && asked.escapes
    if (!isEnd && !isEscape && !isDigit(key)) return
    if (!open.isTouched) this.#ports.dispatch({ type: 'keypad.touched', callId })
    open.isTouched = true
    if (isEscape) return this.#collected(open, 'help', 'late')
    if (isEnd && open.digits.length < leastOf(open)) return this.#collected(open, 'short', 'late')
    if (isEnd) return this.#judge(open, undefined)
    open.digits += key
    if (open.digits.length < mostOf(open)) this.#wait(open)
    else this.#judge(open, isSecret(open) ? 'rest' : 'terminator')
  }

  #judge(open: Open, spare: Spare['is'] | undefined): void {
    const isRight = open.purpose === 'confirmation' || this.#ports.accepts(open.asked, open.digits)
    this.#collected(open, isRight ? 'complete' : 'wrong', spare)
  }

  #collected(open: Open, how: Collected, spare: Spare['is'] | undefined): void {
    const { callId, asked, digits } = open
    this.#close(open, spare)
    const secret = isSecret(open)
    if (secret && how === 'complete')
      this.#secrets.set(callId, { ...this.#secrets.get(callId), [asked.argument]: digits })
    const told = secret || how !== 'complete' ? {} : { digits }
    this.#ports.dispatch({
      type: 'keypad.collected',
      callId,
      argument: asked.argument,
      how,
      length: digits.length,
      ...told,
    })
  }

  #close(open: Open, spare: Spare['is'] | undefined): void {
    this.#cancelAlarm()
    this.#open = undefined
    if (isSecret(open)) this.#hiddenUntil = this.#now + TONE_MS
    else if (spare === 'late') return
    if (spare === undefined) return
    const keys = spare === 'terminator' ? open.asked.terminator : KEYS
    this.#spare = { is: spare, keys, until: this.#now + (spare === 'late' ? LATE_MS : QUIET_MS) }
  }

  /** Nobody pauses within what is typed on. */
  #isSpare(key: string): boolean {
    const spare = this.#spare
    if (!spare || this.#now >= spare.until || !spare.keys.includes(key)) {
      this.#spare = undefined
      return false
    }
    if (spare.is === 'terminator') this.#spare = undefined
    else this.#hiddenUntil = this.#now + TONE_MS
    if (spare.is === 'rest') this.#spare = { ...spare, until: this.#now + QUIET_MS }
    return true
  }

  #gather(key: string): void {
    this.#unasked += key
    if (this.#unasked.length >= MOST_KEYS) return this.#tell()
    this.#alarm(QUIET_MS, () => this.#tell())
  }

  #tell(): void {
    this.#cancelAlarm()
    const keys = this.#unasked
    this.#unasked = ''
    this.#ports.dispatch({ type: 'keypad.pressed', keys })
  }

  #wait(open: Open): void {
    this.#alarm(open.asked.within, () => {
      if (open.digits !== '' && open.digits.length >= leastOf(open))
        this.#judge(open, isSecret(open) ? 'rest' : undefined)
      else this.#collected(open, 'timed out', 'late')
    })
  }

  #alarm(after: Millis, ring: () => void): void {
    this.#cancelAlarm()
    this.#cancelAlarm = this.#ports.clock.wake(this.#now + after, ring)
  }

  get #now(): number {
    return this.#ports.clock.now()
  }
}

const isDigit = (key: string): boolean => key !== '*' && key !== '#'
const isSecret = ({ asked, purpose }: Open): boolean => asked.sensitive && purpose === 'value'

/** Whether it is right is said with a single key. */
const leastOf = ({ asked, purpose }: Open): number => (purpose === 'confirmation' ? 1 : asked.least)
const mostOf = ({ asked, purpose }: Open): number => (purpose === 'confirmation' ? 1 : asked.most)
