// The list of tokens that Moonshine's decoder speaks in, made from the tokenizer's package and kept in the data folder.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkModel } from './files.js'

const expected = { bytes: 504_250, sha256: '8cc7fa79a24ce514cdc438c72adddd70d8e09fbf79df84c96608cc093afc498e' }
/** The decoder has this many outputs; the tokenizer knows fewer, and the rest are never spoken. */
const OUTPUTS = 32_768

/**
 * The path of `tokens.txt`: for each token the base64 of its bytes, a tab and its number.
 * Made when there is none, or when the one there is damaged. Rejects with an `EngineError` when what the tokenizer
 * gives is not what the model was trained with.
 */
export async function moonshineTokens(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'models')
  const path = join(folder, 'moonshine-tiny-en-tokens.txt')
  const sound = await checkModel(path, expected).then(
    () => true,
    () => false,
  )
  if (sound) return path
  const { default: tokenizer } = await import('llama-tokenizer-js')
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `.${randomUUID()}`)
  try {
    await writeFile(draft, tokenLines(tokenizer.vocabById))
    await checkModel(draft, expected)
    // A rename is whole or not at all, so that another server on the same folder never reads half a file.
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  return path
}

const WORD_START = /\u2581/g
const RAW_BYTE = /^<0x([0-9A-F]{2})>$/

export function tokenLines(vocabulary: readonly string[]): string {
  const line = (_: unknown, id: number) => `${bytesOf(vocabulary[id], id).toString('base64')}\t${id}\n`
  return Array.from({ length: OUTPUTS }, line).join('')
}

function bytesOf(token: string | undefined, id: number): Buffer {
  if (token === undefined) return Buffer.from(`<f${id}>`)
  const raw = RAW_BYTE.exec(token)
  return raw ? Buffer.from([Number.parseInt(raw[1]!, 16)]) : Buffer.from(token.replace(WORD_START, ' '))
}
