// One life of the engine host's process: started, asked, answered, and at some time dead.
import { type ChildProcess, spawn } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type EngineContext, EngineError } from '../engine.js'
import { encodeFrame, type FrameKind, FrameReader } from './frames.js'

const PROGRAM = fileURLToPath(new URL('./host-main.js', import.meta.url))
const PIPE = 3
/** What a native library printed last, kept for the message of its death. */
const LAST_WORDS_CHARACTERS = 400

/** Several times what the longest decode takes on a busy machine. */
const PATIENCE_MS = 40_000

interface Pending {
  readonly resolve: (content: Buffer) => void
  readonly reject: (error: EngineError) => void
}

export class HostProcess {
  /** Fires when the process has ended or was told to; its reason is an `EngineError`. */
  readonly gone: AbortSignal
  #gone = new AbortController()
  #child: ChildProcess
  #pipe: Duplex & { ref(): void; unref(): void }
  #pending = new Map<number, Pending>()
  #lastWords = ''
  /** Rings twice in a row without an answer in between: once is not enough, for it may be this process that slept. */
  #watch: NodeJS.Timeout | undefined
  #silence = 0
  #closed: Promise<void>

  /**
   * `decodes`: how many decodes may run at once, each on a thread of the process's pool. A process that owes answers and
   * gives none for half of `patienceMs` at least and all of it at most is taken to hang, and ended.
   */
  constructor(
    decodes: number,
    readonly log: EngineContext['log'],
    readonly patienceMs = PATIENCE_MS,
  ) {
    this.gone = this.#gone.signal
    // Every open detector listens, and there may be hundreds.
    setMaxListeners(0, this.gone)
    this.#child = spawn(process.execPath, [PROGRAM], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...environment(), UV_THREADPOOL_SIZE: String(decodes + 1) },
    })
    // The cast is true: the parent's end of a 'pipe' is a net.Socket.
    this.#pipe = this.#child.stdio[PIPE] as Duplex & { ref(): void; unref(): void }
    const reader = new FrameReader()
    this.#pipe.on('data', (piece: Buffer) => {
      try {
        for (const { kind, id, content } of reader.read(piece)) this.#answer(kind, id, content)
      } catch {
        this.#child.kill('SIGKILL')
      }
    })
    // A broken pipe is told by the process's end, which says more and must then be waited for.
    this.#pipe.on('error', () => {})
    this.#pipe.on('close', () => this.#child.ref())
    this.#child.stderr?.on('data', (words: Buffer) => this.#heard(words.toString()))
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#die(`could not be started (${error.message})`, resolve))
      this.#child.on('exit', (code, signal) => this.#die(`ended (${signal ?? `exit code ${code}`})`, resolve))
    })
    this.#child.unref()
    // The cast is true for the same reason as above.
    ;(this.#child.stderr as unknown as { unref(): void }).unref()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves to the answer. Rejects with `engine_refused` when the host says no, `engine_crashed` when it dies. */
  request(kind: FrameKind, id: number, content?: Uint8Array): Promise<Buffer> {
    if (this.gone.aborted) return Promise.reject(this.gone.reason)
    return new Promise((resolve, reject) => {
      // Only while an answer is due does the host keep the server's process from ending.
      if (this.#pending.size === 0) {
        this.#pipe.ref()
        this.#expect()
      }
      this.#pending.set(id, { resolve, reject })
      this.#pipe.write(encodeFrame(kind, id, content))
    })
  }

  tell(kind: FrameKind, id: number): void {
    if (!this.gone.aborted) this.#pipe.write(encodeFrame(kind, id))
  }

  /** Ends the process. Resolves when it has gone. */
  async close(): Promise<void> {
    this.#end(new EngineError({ code: 'engine_closed', message: 'The engine was closed.', retryable: false }))
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await this.#closed
  }

  #answer(kind: FrameKind, id: number, content: Buffer): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    this.#silence = 0
    if (this.#pending.size === 0) this.#pipe.unref()
    if (kind === 'done') pending.resolve(content)
    else pending.reject(new EngineError({ code: 'engine_refused', message: content.toString(), retryable: false }))
  }

  #expect(): void {
    this.#silence = 0
    this.#watch ??= setInterval(() => {
      this.#silence = this.#pending.size === 0 ? 0 : this.#silence + 1
      if (this.#silence < 2) return
      this.#die('answers nothing any more and was ended', () => {})
      this.#child.kill('SIGKILL')
    }, this.patienceMs / 2).unref()
  }

  #heard(words: string): void {
    this.#lastWords = (this.#lastWords + words).slice(-LAST_WORDS_CHARACTERS)
    this.log('debug', 'The engine host printed something.', { text: words.trim() })
  }

  #die(how: string, resolve: () => void): void {
    const said = this.#lastWords.trim()
    const message = `The engine host ${how}${said === '' ? '' : `, last saying: ${said}`}. It is started again; try once more.`
    this.#end(new EngineError({ code: 'engine_crashed', message, retryable: true }))
    resolve()
  }

  #end(error: EngineError): void {
    if (this.gone.aborted) return
    this.#gone.abort(error)
    clearInterval(this.#watch)
    this.#pipe.destroy()
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

/** What a native library may need to find its files. The server's keys are no business of the host's. */
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'PWD', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
