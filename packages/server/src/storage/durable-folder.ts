// The data folder of the embedded PostgreSQL, with an fsync that reaches the disk.
import fs from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type Mount = Parameters<NodeFS['init']>[1]

/** A file or folder that PostgreSQL has open; `nfd` is missing for folders. */
interface Stream {
  readonly nfd?: number
  readonly node: object
}

/** What PostgreSQL must be started with: without `-F`, which turns fsync off, and not with fdatasync, which is compiled to nothing. */
export const durableStartParameters: string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  '-c',
  'wal_sync_method=fsync',
]

/**
 * PGlite's own folder answers fsync without doing it. The compiled PostgreSQL asks its file system for the
 * operation `fsync`, which that one lacks; it is given here.
 */
export class DurableFolder extends NodeFS {
  override init(...[database, mount]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const addFsync: NonNullable<Mount['preRun']>[number] = (module) => {
      // Emscripten describes its file systems loosely; these three members are those that NODEFS has.
      const { NODEFS, FS } = module as unknown as {
        NODEFS: {
          stream_ops: { fsync?: (stream: Stream) => number }
          realPath(node: object): string
          convertNodeCode(error: unknown): number
        }
        FS: { ErrnoError: new (errno: number) => Error }
      }
      NODEFS.stream_ops.fsync = (stream) => {
        try {
          if (stream.nfd === undefined) syncPath(NODEFS.realPath(stream.node))
          else fs.fsyncSync(stream.nfd)
          return 0
        } catch (error) {
          throw new FS.ErrnoError(NODEFS.convertNodeCode(error))
        }
      }
    }
    return super.init(database, { ...mount, preRun: [...(mount.preRun ?? []), addFsync] })
  }
}

/** Brings the file or folder at `path` to the disk. */
export function syncPath(path: string): void {
  const descriptor = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Brings a folder and everything in it to the disk. */
export function syncTree(path: string): void {
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) syncTree(`${path}/${entry.name}`)
    else if (entry.isFile()) syncPath(`${path}/${entry.name}`)
  }
  syncPath(path)
}
