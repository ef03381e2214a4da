// Finding model files in their packages, and refusing any that is not byte for byte the one that was measured.
// A native runtime aborts its process on a damaged model, so a file is judged before it is ever handed over.
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { EngineError } from '../engine.js'
import type { PackagedFile } from './catalogue.js'

/**
 * The path of a sound copy of `file`. Rejects with an `EngineError` (`model_missing`, `model_damaged`) that names the
 * file and what to do.
 */
export async function locateModel(file: PackagedFile): Promise<string> {
  const path = foldersOf(file.package)
    .map((folder) => join(folder, file.path))
    .find((candidate) => existsSync(candidate))
  if (path === undefined)
    throw modelError(
      'model_missing',
      `The model file ${file.path} of the package ${file.package} is not installed. Run \`npm ci\` in the project's folder.`,
    )
  await checkModel(path, file)
  return path
}

/** Resolves when the file at `path` has the expected length and digest; rejects as `locateModel` does. */
export async function checkModel(path: string, expected: Pick<PackagedFile, 'bytes' | 'sha256'>): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile())
    throw modelError(
      'model_missing',
      `The model file ${path} does not exist. Run \`npm ci\` in the project's folder to install it again.`,
    )
  if (found.size !== expected.bytes) throw damaged(path, `it has ${found.size} bytes instead of ${expected.bytes}`)
  if ((await digest(path)) !== expected.sha256) throw damaged(path, 'its sha256 is not the expected one')
}

const damaged = (path: string, what: string) =>
  modelError(
    'model_damaged',
    `The model file ${path} is damaged: ${what}. Delete the package that holds it and run \`npm ci\` in the project's folder.`,
  )

const modelError = (code: string, message: string) => new EngineError({ code, message, retryable: false })

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

// Packages hide their files behind "exports", so the folders are searched as the resolver would search them.
const require = createRequire(import.meta.url)
const foldersOf = (name: string) => (require.resolve.paths(name) ?? []).map((folder) => join(folder, name))
