// Runs a WASI command in memory: arguments in; what it prints and the file it writes out. It sees nothing else.

// Node has WebAssembly; its types and the ES library do not. What follows is the part in use.
declare const WebAssembly: {
  readonly Instance: new (
    module: Module,
    imports: Record<string, Record<string, (...numbers: never[]) => number>>,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; _start(): void } }
  compile(bytes: Uint8Array): Promise<Module>
}
/** A compiled program. Can be posted to other threads, which then need not compile it. */
export type Module = { readonly __brand: 'WebAssembly.Module' }

export const compile = (bytes: Uint8Array): Promise<Module> => WebAssembly.compile(bytes)

export interface Ran {
  readonly exitCode: number
  /** Standard output and error. */
  readonly printed: string
  /** The last file that was created. */
  readonly file: Uint8Array | undefined
}

/** An instance of a program. Making it is slow (tens of ms), setting it back after a run is not (3 ms). */
export class Command {
  readonly #instance
  /** The memory as it is before a run. */
  readonly #pristine: Uint8Array
  #args: readonly Uint8Array[] = []
  #printed: Uint8Array[] = []
  readonly #files = new Map<number, MemoryFile>()
  #created: MemoryFile | undefined

  constructor(module: Module) {
    this.#instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#imports() })
    this.#pristine = this.#memory.slice()
  }

  /** Runs to the end; then `reset` has to come before another run. Throws what the program traps with. */
  run(args: readonly string[]): Ran {
    const encoder = new TextEncoder()
    this.#args = args.map((arg) => encoder.encode(`${arg}\0`))
    let exitCode = 0
    try {
      this.#instance.exports._start()
    } catch (error) {
      if (!(error instanceof Exit)) throw error
      exitCode = error.code
    }
    const printed = Buffer.concat(this.#printed).toString()
    return { exitCode, printed, file: this.#created?.contents() }
  }

  /** Not after a trap or an exit code: what lies outside the memory, such as the stack's height, is then as it was left. */
  reset(): void {
    this.#memory.set(this.#pristine)
    // what grew is emptied too: nothing of one clause is left for the next
    this.#memory.fill(0, this.#pristine.length)
    this.#printed = []
    this.#files.clear()
    this.#created = undefined
  }

  /** The memory may have grown, and moved, since the last call. */
  get #memory(): Uint8Array {
    return new Uint8Array(this.#instance.exports.memory.buffer)
  }
  get #view(): DataView {
    return new DataView(this.#instance.exports.memory.buffer)
  }

  /** The calls of WASI preview 1 that Flite makes; pointers come as numbers, the answer is an error number. */
  #imports() {
    return {
      args_sizes_get: (countAt: number, bytesAt: number) => {
        this.#view.setUint32(countAt, this.#args.length, true)
        const bytes = this.#args.reduce((total, arg) => total + arg.length, 0)
        this.#view.setUint32(bytesAt, bytes, true)
        return SUCCESS
      },
      args_get: (pointersAt: number, bytesAt: number) => {
        let at = bytesAt
        for (const [i, arg] of this.#args.entries()) {
          this.#view.setUint32(pointersAt + 4 * i, at, true)
          this.#memory.set(arg, at)
          at += arg.length
        }
        return SUCCESS
      },
      clock_time_get: (_clock: number, _precision: bigint, timeAt: number) => {
        // the same answer always: Flite takes the time for nothing that can be heard
        this.#view.setBigUint64(timeAt, 0n, true)
        return SUCCESS
      },
      fd_close: (fd: number) => (this.#files.delete(fd) ? SUCCESS : BAD_FILE),
      fd_fdstat_get: (fd: number, statAt: number) => {
        const view = this.#view
        view.setUint8(statAt, fd === FOLDER ? DIRECTORY : fd < FOLDER ? CHARACTER_DEVICE : REGULAR_FILE)
        view.setUint16(statAt + 2, 0, true)
        view.setBigUint64(statAt + 8, ALL_RIGHTS, true)
        view.setBigUint64(statAt + 16, ALL_RIGHTS, true)
        return SUCCESS
      },
      fd_fdstat_set_flags: () => SUCCESS,
      fd_prestat_get: (fd: number, statAt: number) => {
        if (fd !== FOLDER) return BAD_FILE
        this.#view.setUint32(statAt, 0, true)
        this.#view.setUint32(statAt + 4, 1, true)
        return SUCCESS
      },
      fd_prestat_dir_name: (_fd: number, nameAt: number) => {
        this.#memory[nameAt] = '.'.charCodeAt(0)
        return SUCCESS
      },
      fd_read: (_fd: number, _vectors: number, _count: number, readAt: number) => {
        this.#view.setUint32(readAt, 0, true)
        return SUCCESS
      },
      fd_seek: (fd: number, offset: bigint, whence: number, positionAt: number) => {
        const file = this.#files.get(fd)
        if (!file) return BAD_FILE
        this.#view.setBigUint64(positionAt, BigInt(file.seek(Number(offset), whence)), true)
        return SUCCESS
      },
      fd_write: (fd: number, vectorsAt: number, count: number, writtenAt: number) => {
        const file = this.#files.get(fd)
        if (!file && fd >= FOLDER) return BAD_FILE
        const view = this.#view
        let written = 0
        for (let i = 0; i < count; i++) {
          const at = view.getUint32(vectorsAt + 8 * i, true)
          const length = view.getUint32(vectorsAt + 8 * i + 4, true)
          const bytes = this.#memory.subarray(at, at + length)
          if (file) file.write(bytes)
          else this.#printed.push(bytes.slice())
          written += length
        }
        view.setUint32(writtenAt, written, true)
        return SUCCESS
      },
      path_open: (...numbers: number[]) => {
        const [openFlags = 0, openedAt = 0] = [numbers[4], numbers[8]]
        if ((openFlags & CREATE) === 0) return NO_SUCH_FILE
        const fd = FOLDER + 1 + this.#files.size
        this.#created = new MemoryFile()
        this.#files.set(fd, this.#created)
        this.#view.setUint32(openedAt, fd, true)
        return SUCCESS
      },
      proc_exit: (code: number): number => {
        throw new Exit(code)
      },
    }
  }
}

const SUCCESS = 0
const BAD_FILE = 8
const NO_SUCH_FILE = 44
const CHARACTER_DEVICE = 2
const DIRECTORY = 3
const REGULAR_FILE = 4
const CREATE = 1
const ALL_RIGHTS = 0xffff_ffffn
/** The number of the folder that is open from the start, after standard input, output and error. */
const FOLDER = 3

class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`)
  }
}

class MemoryFile {
  #bytes = new Uint8Array(1 << 17)
  #length = 0
  #position = 0

  write(bytes: Uint8Array): void {
    const end = this.#position + bytes.length
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(2 * end)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#position)
    this.#position = end
    this.#length = Math.max(this.#length, end)
  }

  /** `whence`: 0 from the beginning, 1 from here, 2 from the end. */
  seek(offset: number, whence: number): number {
    const base = whence === 0 ? 0 : whence === 1 ? this.#position : this.#length
    this.#position = Math.max(0, base + offset)
    return this.#position
  }

  contents(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
