// The terminal as the commands see it: lines that stay, one line that is rewritten, colours where there are any.

type Paint = (text: string) => string
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
}

const untouched: Paint = (text) => text
export const plain: Style = {
  bold: untouched,
  dim: untouched,
  red: untouched,
  green: untouched,
  yellow: untouched,
  cyan: untouched,
}

/** Select Graphic Rendition codes (ECMA-48): one that turns it on, one that turns it off. */
const paint =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`
export const coloured: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
}

/** What of a stream is used; `process.stdout` and `process.stderr` are such. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export class Terminal {
  /** Colours of what goes to stdout. */
  readonly style: Style
  readonly #errorStyle: Style
  #rewritten = false

  constructor(
    readonly stdout: Screen,
    readonly stderr: Screen,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    const styleFor = (screen: Screen) => (screen.isTTY && !environment.NO_COLOR ? coloured : plain)
    this.style = styleFor(stdout)
    this.#errorStyle = styleFor(stderr)
  }

  /** Whether `live` can rewrite its line. */
  get isLive(): boolean {
    return this.stderr.isTTY === true
  }

  /** Whole lines of the result, on stdout. */
  print(text: string): void {
    this.#clear()
    this.stdout.write(`${text}\n`)
  }

  /** A line beside the result, on stderr. */
  note(text: string): void {
    this.#clear()
    this.stderr.write(`${this.#errorStyle.dim(text)}\n`)
  }

  /** Why it went wrong, on stderr. */
  fail(text: string): void {
    this.#clear()
    this.stderr.write(`${this.#errorStyle.red('parley:')} ${text}\n`)
  }

  /** A line that the next output replaces; nothing is shown where there is nobody to see it. */
  live(text: string): void {
    if (!this.isLive) return
    const width = (this.stderr.columns ?? 80) - 1
    this.#clear()
    if (text === '') return
    this.stderr.write(this.#errorStyle.dim(text.length > width ? `…${text.slice(1 - width)}` : text))
    this.#rewritten = true
  }

  #clear(): void {
    if (this.#rewritten) this.stderr.write('\r\u001b[2K')
    this.#rewritten = false
  }
}
