import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aLaw, muLaw } from '../../dist/audio/g711.js'

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)

/** How wide the interval of each of the 128 positive codes is, from 0 upwards: table 2 of G.711, on its 14-bit scale. */
const muLawWidths = Array.from({ length: 128 }, (_, code) => (code === 0 ? 1 : 2 * 2 ** (code >> 4)))
/** Table 1, on its 13-bit scale: two segments of width 2, then each twice as wide as the one before. */
const aLawWidths = Array.from({ length: 128 }, (_, code) => 2 * 2 ** Math.max(0, (code >> 4) - 1))

/** Where the intervals begin, on the 16-bit scale, and where the last one ends. */
function bordersOf(widths: readonly number[], scale: number): number[] {
  const borders = [0]
  for (const width of widths) borders.push(borders.at(-1)! + width * scale)
  return borders
}

/** The level of each positive code: the middle of its interval, but 0 where the two signs share one around 0. */
const levelsOf = (borders: readonly number[], isShared: boolean) =>
  Array.from({ length: 128 }, (_, code) => (code === 0 && isShared ? 0 : (borders[code]! + borders[code + 1]!) / 2))

const muLawBorders = bordersOf(muLawWidths, 4)
const aLawBorders = bordersOf(aLawWidths, 8)
const laws = [
  {
    name: 'mu-law',
    law: muLaw,
    borders: muLawBorders,
    levels: levelsOf(muLawBorders, true),
    byteOf: (code: number, isNegative: boolean) => (isNegative ? 0x7f : 0xff) - code,
  },
  {
    name: 'A-law',
    law: aLaw,
    borders: aLawBorders,
    levels: levelsOf(aLawBorders, false),
    byteOf: (code: number, isNegative: boolean) => ((isNegative ? 0 : 0x80) + code) ^ 0x55,
  },
]

for (const { name, law, borders, levels, byteOf } of laws) {
  test(`${name} gives every byte the level of the ITU's table`, () => {
    const decoded = law.decode(everyByte)
    for (const [code, level] of levels.entries()) {
      assert.equal(decoded[byteOf(code, false)], level)
      assert.equal(decoded[byteOf(code, true)], 0 - level)
    }
  })

  test(`${name} gives every sample the byte of its interval, on a border that of the upper one`, () => {
    const encoded = law.encode(everySample)
    for (const [i, sample] of everySample.entries()) {
      const isInside = (code: number) => (sample < 0 ? borders[code]! < -sample : borders[code]! <= sample)
      let code = 127
      while (!isInside(code)) code--
      assert.equal(encoded[i], byteOf(code, sample < 0), `sample ${sample}`)
    }
  })

  test(`${name} gives back the byte that was decoded`, () => {
    const back = law.encode(law.decode(everyByte))
    // mu-law has two zeros; the positive one is meant
    for (const [byte, again] of back.entries()) assert.equal(again, name === 'mu-law' && byte === 0x7f ? 0xff : byte)
  })
}

test('silence in mu-law is 0xff, and in A-law 0xd5', () => {
  assert.deepEqual(muLaw.encode(new Int16Array(2)), new Uint8Array([0xff, 0xff]))
  assert.deepEqual(aLaw.encode(new Int16Array(2)), new Uint8Array([0xd5, 0xd5]))
})

test('a given array is written into and handed back', () => {
  const samples = new Int16Array(4)
  assert.equal(muLaw.decode(new Uint8Array([0x80, 0x00]), samples), samples)
  assert.deepEqual(samples, new Int16Array([32_124, -32_124, 0, 0]))
  const bytes = new Uint8Array(3)
  assert.equal(aLaw.encode(new Int16Array([32_767, -32_768]), bytes), bytes)
  assert.deepEqual(bytes, new Uint8Array([0xaa, 0x2a, 0]))
})
