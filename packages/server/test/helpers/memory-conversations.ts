// A store of conversations for tests: in memory, with the clock of the test, slow or out of order when the test says so.
import type { Clock } from '../../dist/session/clock.js'
import type { Conversations, PutConversation } from '../../dist/storage/store.js'

interface Row extends Omit<PutConversation, 'state'> {
  /** As JSON; undefined once it was forgotten. */
  readonly state: string | undefined
  readonly updatedAt: number
}

interface StoredState {
  readonly conversation: { readonly history: readonly { readonly text: string; readonly interrupted?: true }[] }
  readonly audioHeardMs: number
}

export class MemoryConversations implements Omit<Conversations, 'resumable' | 'forget'> {
  readonly rows = new Map<string, Row>()
  readonly alives = new Map<string, number>()
  puts = 0
  claims = 0
  /** Every write fails meanwhile. */
  isBroken = false
  /** How long each write takes. */
  delayMs = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What is stored of a session. */
  state(id: string): StoredState | undefined {
    const { state } = this.rows.get(id) ?? {}
    return state === undefined ? undefined : JSON.parse(state)
  }

  async put({ state, ...conversation }: PutConversation): Promise<boolean> {
    // as a database does: what is written is what was there when the write began
    const text = JSON.stringify(state)
    await this.#write()
    const { id, holder } = conversation
    if (this.rows.has(id) && this.rows.get(id)!.holder !== holder) return false
    this.rows.set(id, { ...conversation, state: text, updatedAt: this.#clock.now() })
    this.puts += 1
    return true
  }

  async find(id: string) {
    const row = this.rows.get(id)
    if (!row) return undefined
    return { accountId: row.accountId, isOver: row.state === undefined || row.expiresAtUnixMs <= this.#clock.unixMs() }
  }

  async claim(id: string, holder: string) {
    const row = this.rows.get(id)
    if (row?.state === undefined) return undefined
    this.claims += 1
    const alive = Math.max(row.updatedAt, this.alives.get(row.holder) ?? 0)
    this.rows.set(id, { ...row, holder })
    const { agentId, keyId, tokenHash } = row
    return { state: JSON.parse(row.state), agentId, keyId, tokenHash, silentForMs: this.#clock.now() - alive }
  }

  async openedWith(tokenHash: Uint8Array) {
    for (const [id, row] of this.rows) if (row.tokenHash && Buffer.compare(row.tokenHash, tokenHash) === 0) return id
    return undefined
  }

  async remove(id: string, holder: string) {
    await this.#write()
    if (this.rows.get(id)?.holder === holder) this.rows.delete(id)
  }

  async expire(id: string, holder: string) {
    await this.#write()
    const row = this.rows.get(id)
    if (row?.holder === holder) this.rows.set(id, { ...row, state: undefined })
  }

  async alive(holder: string) {
    this.alives.set(holder, this.#clock.now())
  }

  async forgetOld() {}

  async #write(): Promise<void> {
    if (this.delayMs > 0)
      await new Promise<void>((resolve) => void this.#clock.wake(this.#clock.now() + this.delayMs, resolve))
    if (this.isBroken) throw new Error('The database is away.')
  }
}
