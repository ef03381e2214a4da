// How secrets are made, compared and sealed.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { addKey, forgetOlderKeys, secretKeysFrom } from '../dist/secret-keys.js'
import {
  hashOf,
  looksLikeToken,
  newApiKey,
  newToken,
  recognisablePart,
  SecretBox,
  sameSecret,
} from '../dist/secrets.js'

describe('a sealed secret', () => {
  const box = new SecretBox(randomBytes(32))

  it('is opened by the same key at the same place, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        assert.equal(box.open(box.seal(text, place), place), text)
      }),
    )
  })

  it('shows nothing of itself, and looks different each time', () => {
    const [one, other] = [box.seal('the secret text', 'here'), box.seal('the secret text', 'here')]
    assert.match(one, /^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/)
    assert.notEqual(one, other)
    assert.ok(!Buffer.from(one.split('.')[3]!, 'base64url').includes('secret'))
  })

  it('does not open at another place, nor after any change of a letter', () => {
    const sealed = box.seal('text', 'agent_1.llm')
    assert.throws(() => box.open(sealed, 'agent_2.llm'), { name: 'SealError', message: /changed or moved/ })
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      // The last letter of base64 may hold bits that stand for nothing.
      if (
        Buffer.from(changed.split('.')[3] ?? '', 'base64url').equals(Buffer.from(sealed.split('.')[3]!, 'base64url')) &&
        at >= sealed.lastIndexOf('.')
      )
        continue
      assert.throws(() => box.open(changed, 'agent_1.llm'), { name: 'SealError' }, `letter ${at}`)
    }
    for (const broken of ['', 'v1', 'v1.0.0.0', 'v2.a.b.c', sealed.slice(0, 30)])
      assert.throws(() => box.open(broken, 'x'), { name: 'SealError' })
  })

  it('says which key it needs when another one is in use', () => {
    const other = new SecretBox(randomBytes(32))
    const sealed = other.seal('text', 'here')
    assert.throws(() => box.open(sealed, 'here'), {
      name: 'SealError',
      message: new RegExp(`needs the key ${sealed.split('.')[1]}, .* Set PARLEY_SECRET_KEY`),
    })
  })

  it('has a fingerprint that only the same key can make', () => {
    const other = new SecretBox(randomBytes(32))
    assert.deepEqual(box.fingerprint('text'), box.fingerprint('text'))
    assert.notDeepEqual(box.fingerprint('text'), box.fingerprint('texts'))
    assert.notDeepEqual(box.fingerprint('text'), other.fingerprint('text'))
  })
})

describe('a box with several keys', () => {
  const [newest, older, lost] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  const before = new SecretBox(older)
  const box = new SecretBox(newest, { older: [older] })

  it('opens what any of them has sealed, and seals with the newest', () => {
    assert.equal(box.open(before.seal('text', 'here'), 'here'), 'text')
    assert.equal(new SecretBox(newest).open(box.seal('text', 'here'), 'here'), 'text')
  })

  it('seals anew what an older one has sealed, at the same place alone', () => {
    const sealed = before.seal('text', 'here')
    const anew = box.resealed(sealed, 'here')!
    assert.equal(new SecretBox(newest).open(anew, 'here'), 'text')
    assert.equal(box.resealed(anew, 'here'), undefined)
    assert.throws(() => box.resealed(sealed, 'there'), { name: 'SealError', message: /changed or moved/ })
    assert.throws(() => box.resealed(anew, 'there'), { name: 'SealError', message: /changed or moved/ })
    assert.throws(() => box.resealed(new SecretBox(lost).seal('text', 'here'), 'here'), {
      name: 'SealError',
      message: new RegExp(`the key in use is ${box.keyId}, ${before.keyId}\\.`),
    })
  })

  it('asks again which keys there are when it meets one that it does not know', () => {
    let keys = [older]
    const running = new SecretBox(older, { reread: () => keys })
    assert.throws(() => running.open(box.seal('text', 'here'), 'here'), { name: 'SealError' })
    keys = [newest, older]
    assert.equal(running.open(box.seal('text', 'here'), 'here'), 'text')
  })
})

describe('the key that seals', () => {
  const folder = (t: TestContext) => {
    const path = mkdtempSync(join(tmpdir(), 'parley-key-'))
    t.after(() => rmSync(path, { recursive: true }))
    return path
  }

  it('is made in the data folder, for its owner alone, and is the same from then on', (t) => {
    const dataDir = join(folder(t), 'data')
    const keys = secretKeysFrom(undefined, dataDir)
    assert.deepEqual(
      keys.map(({ length }) => length),
      [32],
    )
    assert.deepEqual(readdirSync(dataDir), ['secret.key'])
    assert.equal(statSync(join(dataDir, 'secret.key')).mode & 0o777, 0o600)
    assert.deepEqual(secretKeysFrom(undefined, dataDir), keys)
  })

  it('is the one that was configured, and then none is made', (t) => {
    const dataDir = folder(t)
    const keys = [randomBytes(32), randomBytes(32)] as const
    assert.deepEqual(secretKeysFrom([...keys], dataDir), keys)
    assert.deepEqual(readdirSync(dataDir), [])
  })

  it('is not replaced when its file is damaged, for then all secrets would be lost', (t) => {
    const dataDir = folder(t)
    writeFileSync(join(dataDir, 'secret.key'), 'damaged')
    assert.throws(() => secretKeysFrom(undefined, dataDir), {
      name: 'SealError',
      message: /secret\.key does not hold keys/,
    })
  })
})

describe('the file of keys', () => {
  it('has a new key in front of the older ones, until those are forgotten', (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-key-'))
    t.after(() => rmSync(dataDir, { recursive: true }))
    const [first] = secretKeysFrom(undefined, dataDir)
    const [second, ...older] = addKey(dataDir)
    assert.deepEqual(older, [first])
    assert.deepEqual(secretKeysFrom(undefined, dataDir), [second, first])
    assert.deepEqual(forgetOlderKeys(dataDir), [second])
    assert.deepEqual(secretKeysFrom(undefined, dataDir), [second])
    assert.deepEqual(readdirSync(dataDir), ['secret.key'])
    assert.equal(statSync(join(dataDir, 'secret.key')).mode & 0o777, 0o600)
  })

  it('is changed by one process at a time, so that no key is lost', (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-key-'))
    t.after(() => rmSync(dataDir, { recursive: true }))
    const keys = secretKeysFrom(undefined, dataDir)
    writeFileSync(join(dataDir, 'secret.key.changing'), '')
    assert.throws(() => addKey(dataDir), { name: 'SealError', message: /secret\.key\.changing first/ })
    assert.deepEqual(secretKeysFrom(undefined, dataDir), keys)
  })
})

describe('keys and tokens', () => {
  it('are long, different each time, and told apart at their beginning', () => {
    assert.match(newApiKey(), /^parley_sk_[\w-]{43}$/)
    assert.match(newToken(), /^parley_tt_[\w-]{43}$/)
    assert.equal(new Set(Array.from({ length: 100 }, newApiKey)).size, 100)
    assert.deepEqual([looksLikeToken(newToken()), looksLikeToken(newApiKey())], [true, false])
  })

  it('are recognised by a part that is not enough to use them', () => {
    const key = newApiKey()
    assert.equal(recognisablePart(key), key.slice(0, 16))
  })

  it('are stored as SHA-256', () => {
    assert.equal(hashOf('abc').toString('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('are equal only to themselves', () => {
    assert.deepEqual(
      [sameSecret('abc', 'abc'), sameSecret('abc', 'abd'), sameSecret('abc', 'abcd'), sameSecret('', 'a')],
      [true, false, false, false],
    )
  })
})
