// What a model writes without what it only thinks: `<think>` blocks are never spoken.

const THOUGHTS = ['think', 'thinking', 'thought', 'reasoning'] as const
const TAG = new RegExp(`<(/?)(${THOUGHTS.join('|')})>`, 'i')
const TAGS = THOUGHTS.flatMap((name) => [`<${name}>`, `</${name}>`])

/** Takes text in pieces cut anywhere, even within a tag, and gives the text to be spoken. Space before the first word is dropped. */
export class SpokenText {
  #held = ''
  #thought: string | undefined
  #begun = false

  take(text: string): string {
    this.#held += text
    let spoken = ''
    for (;;) {
      if (this.#thought !== undefined) {
        if (!this.#skipThought(this.#thought)) break
        continue
      }
      const tag = TAG.exec(this.#held)
      if (!tag) {
        const safe = beforePossibleTag(this.#held)
        spoken += this.#held.slice(0, safe)
        this.#held = this.#held.slice(safe)
        break
      }
      spoken += this.#held.slice(0, tag.index)
      this.#held = this.#held.slice(tag.index + tag[0].length)
      // a closing tag by itself: the server wrote the opening one into the prompt
      if (tag[1] === '') this.#thought = tag[2]!.toLowerCase()
    }
    return this.#fromFirstWord(spoken)
  }

  /** What was held back because it might have become a tag. */
  finish(): string {
    const rest = this.#thought === undefined ? this.#held : ''
    this.#held = ''
    return this.#fromFirstWord(rest)
  }

  /** Returns whether the thought ended. */
  #skipThought(name: string): boolean {
    const closing = `</${name}>`
    const end = this.#held.toLowerCase().indexOf(closing)
    this.#held = end < 0 ? this.#held.slice(-(closing.length - 1)) : this.#held.slice(end + closing.length)
    if (end >= 0) this.#thought = undefined
    return end >= 0
  }

  #fromFirstWord(text: string): string {
    const spoken = this.#begun ? text : text.trimStart()
    if (spoken !== '') this.#begun = true
    return spoken
  }
}

/** Up to where the text holds nothing that further text could turn into a tag. */
function beforePossibleTag(text: string): number {
  const start = text.lastIndexOf('<')
  if (start < 0) return text.length
  const tail = text.slice(start).toLowerCase()
  return TAGS.some((tag) => tag.startsWith(tail)) ? start : text.length
}
