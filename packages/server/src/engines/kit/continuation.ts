// Two sieves for the text of a reply that one model begins and another may have to finish.

/** Gives whole words only, so that a reply that breaks off does not break off within one. */
export class WholeWords {
  #rest = ''

  take(text: string): string {
    const all = this.#rest + text
    const end = all.search(/\S*$/)
    this.#rest = all.slice(end)
    return all.slice(0, end)
  }

  /** The last word: the text ended in good order. */
  finish(): string {
    const rest = this.#rest
    this.#rest = ''
    return rest
  }
}

/** Gives what goes beyond the words that were written already, whether they are repeated first or not. */
export class Continuation {
  readonly #before: string
  /** What was taken while it could still be a repetition; undefined once that is decided. */
  #doubtful: string | undefined

  constructor(before: string) {
    this.#before = before.trim()
    this.#doubtful = this.#before === '' ? undefined : ''
  }

  take(text: string): string {
    if (this.#doubtful === undefined) return text
    this.#doubtful += text
    const said = this.#doubtful.trimStart()
    if (said.length < this.#before.length && this.#before.startsWith(said)) return ''
    this.#doubtful = undefined
    return (said.startsWith(this.#before) ? said.slice(this.#before.length) : said).trimStart()
  }

  /** What is left when the text has ended: the beginning of a repetition is none of the continuation. */
  finish(): string {
    this.#doubtful = undefined
    return ''
  }
}
