// The marks that are under way: what each of them says to have been played when it comes back.
import type { Millis, ReplyId } from '@parley/conversation'

/** How much of a reply has been played. */
export interface Reached {
  readonly reply: ReplyId
  readonly offset: Millis
}

/** A carrier that never sends one back keeps no more than these. */
const MOST_UNDER_WAY = 1_000

export class Marks {
  readonly #lost: (count: number) => void
  /** By name, in the order in which they were set. */
  readonly #underWay = new Map<string, Reached>()
  #generation = 0

  /** `lost`: that many have not come back though a later one has. */
  constructor(lost: (count: number) => void) {
    this.#lost = lost
  }

  get areUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** Gives the name of the mark to send. */
  set(reached: Reached): string {
    const name = `${reached.reply}/${reached.offset}/${this.#generation}`
    this.#underWay.set(name, reached)
    if (this.#underWay.size > MOST_UNDER_WAY) this.#loseUpTo(1)
    return name
  }

  /** Carriers send back the marks of sound that they throw away: from now on those that are under way say nothing. */
  voidAll(): void {
    this.#generation += 1
    this.#underWay.clear()
  }

  /** What a mark that comes back says; undefined when it is void, came before, or is none of ours. */
  take(name: string): Reached | undefined {
    const reached = this.#underWay.get(name)
    if (!reached) return undefined
    this.#loseUpTo([...this.#underWay.keys()].indexOf(name))
    this.#underWay.delete(name)
    return reached
  }

  #loseUpTo(count: number): void {
    if (count === 0) return
    for (const name of [...this.#underWay.keys()].slice(0, count)) this.#underWay.delete(name)
    this.#lost(count)
  }
}
