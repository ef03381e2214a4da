import assert from 'node:assert/strict'
import { copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EngineError } from '@parley/server'
import { moonshineDecoder, moonshineEncoder, sileroVoiceActivity } from '@parley/server/engines/models/catalogue.js'
import { checkModel, locateModel } from '@parley/server/engines/models/files.js'
import { moonshineTokens, tokenLines } from '@parley/server/engines/models/tokens.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-models-'))
})
after(() => rm(folder, { recursive: true }))

const failure =
  (code: string, ...parts: readonly string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof EngineError)
    assert.equal(error.failure.code, code)
    for (const part of [...parts, 'npm ci'])
      assert.ok(error.message.includes(part), `"${error.message}" lacks "${part}"`)
    return true
  }

test('every model file of the catalogue is found in its package, sound', async () => {
  for (const file of [sileroVoiceActivity, moonshineEncoder, moonshineDecoder])
    assert.ok((await stat(await locateModel(file))).isFile())
})

test('a package that is not installed is named', async () => {
  const file = { ...sileroVoiceActivity, package: '@parley/not-installed' }
  await assert.rejects(locateModel(file), failure('model_missing', '@parley/not-installed'))
})

test('a model file that is missing, cut short or altered is refused by name', async () => {
  const sound = await locateModel(sileroVoiceActivity)
  const copy = join(folder, 'copy.onnx')
  await assert.rejects(checkModel(copy, sileroVoiceActivity), failure('model_missing', copy))

  await copyFile(sound, copy)
  await checkModel(copy, sileroVoiceActivity)

  const file = await open(copy, 'r+')
  await file.write(Buffer.of(0xff), 0, 1, 1_000_000)
  await file.close()
  await assert.rejects(checkModel(copy, sileroVoiceActivity), failure('model_damaged', copy, 'sha256'))

  await truncate(copy, 1_000_000)
  await assert.rejects(checkModel(copy, sileroVoiceActivity), failure('model_damaged', copy, '1000000 bytes'))
})

test('the tokens are made once, and made again when the file is damaged', async () => {
  const path = await moonshineTokens(join(folder, 'not', 'there', 'yet'))
  const tokens = await readFile(path, 'utf8')
  const made = (await stat(path)).mtimeMs
  assert.equal(await moonshineTokens(join(folder, 'not', 'there', 'yet')), path)
  assert.equal((await stat(path)).mtimeMs, made)

  await writeFile(path, tokens.slice(0, 100))
  await moonshineTokens(join(folder, 'not', 'there', 'yet'))
  assert.equal(await readFile(path, 'utf8'), tokens)
})

test('servers that start at the same time on one data folder all find whole tokens', async () => {
  const shared = join(folder, 'shared')
  const paths = await Promise.all(Array.from({ length: 4 }, () => moonshineTokens(shared)))
  assert.equal(new Set(paths).size, 1)
  assert.equal((await readFile(paths[0]!, 'utf8')).split('\n').length, 32_769)
})

test('a token is written as the bytes that it stands for', () => {
  const lines = tokenLines(['<unk>', '<s>', '</s>', '<0x0A>', '\u2581the', 'é']).split('\n')
  const token = (id: number) => {
    const [bytes, number] = lines[id]!.split('\t')
    assert.equal(Number(number), id)
    return Buffer.from(bytes!, 'base64').toString()
  }
  assert.deepEqual([0, 2, 3, 4, 5].map(token), ['<unk>', '</s>', '\n', ' the', 'é'])
})
