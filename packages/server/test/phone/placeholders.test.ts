// Placeholders in what an agent says, and the values that take their place.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { factsOf } from '../../dist/phone/call-facts.js'
import { filled, plainText } from '../../dist/phone/placeholders.js'

describe('a placeholder', () => {
  const values = { name: 'Ada', tier: 'gold', empty: '', 'first name': 'Grace', quote: 'a {{name}} b' }

  for (const [template, text, unknown = []] of [
    ['Hello {{name}}, you are {{tier}}.', 'Hello Ada, you are gold.'],
    ['{{ name }}{{name}}', 'AdaAda'],
    ['{{first name}}', 'Grace'],
    ['Hello {{nobody}}, welcome back {{nobody}}.', 'Hello, welcome back.', ['nobody']],
    ['{{nobody}} is calling.', 'is calling.', ['nobody']],
    ['One.\n{{nobody}} two.', 'One.\ntwo.', ['nobody']],
    ['{{nobody}}', '', ['nobody']],
    ['Hello {{empty}}!', 'Hello!'],
    ['{{name}} {{nobody}} {{tier}}', 'Ada gold', ['nobody']],
    ['Said: {{quote}}', 'Said: a {{name}} b'],
    ['{{constructor}}{{__proto__}}{{toString}}', '', ['constructor', '__proto__', 'toString']],
    ['{name} {{name} {{}} {{{name}}}', '{name} {{name} {{}} {Ada}'],
    ['', ''],
  ] as const)
    it(`becomes what is known, or nothing: ${JSON.stringify(template)}`, () => {
      assert.deepEqual(filled(template, values), { text, unknown: [...unknown] })
    })

  it('is filled once: whatever a value holds, it is in the text as it is', () => {
    const word = fc.string({ unit: fc.constantFrom('{', '}', '{{a}}', '{{b}}', 'x', ' ', '$&', '\\'), minLength: 1 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(filled('<{{a}}|{{b}}|{{a}}>', { a, b }).text, `<${a}|${b}|${a}>`)
      }),
    )
  })

  it('leaves every text without one as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ', '\n', 'é') }), (text) => {
        fc.pre(!/\{\{[^{}]+\}\}/.test(text))
        assert.deepEqual(filled(text, { a: 'x' }), { text, unknown: [] })
      }),
    )
  })

  it('leaves the rest of the text alone but for a space, and is itself gone', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '.', ' ', '\n'), maxLength: 6 })
    const squeezed = (text: string) => text.replace(/[ ]/g, '')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const { text, unknown } = filled(parts.join('{{nobody}}'), {})
        assert.equal(squeezed(text), squeezed(parts.join('')))
        assert.ok(parts.join('').length - text.length <= parts.length - 1)
        assert.equal(unknown.length, parts.length > 1 ? 1 : 0)
      }),
    )
  })

  it('cannot make a text grow without end, nor take long', () => {
    const started = performance.now()
    const { text } = filled('{{a}}'.repeat(100_000), { a: 'x'.repeat(2000) })
    assert.equal(text.length, 64_000)
    filled('{{'.repeat(200_000), {})
    filled(`{{${' '.repeat(200_000)}`, {})
    assert.ok(performance.now() - started < 5000)
  })
})

describe('a value', () => {
  it('is a text that can be stored and sent, however it came', () => {
    assert.equal(plainText('a\0b\u001b[1m\tc\nd\u0085\u200b'), 'ab[1m\tc\nd\u200b')
    assert.equal(plainText('half \ud83d'), 'half ')
    assert.equal(plainText('x'.repeat(3000)).length, 2000)
    assert.equal(plainText(`${'x'.repeat(1999)}😀`), 'x'.repeat(1999), 'no character is cut in two')
    fc.assert(
      fc.property(
        fc.array(fc.nat(0x10ffff), { maxLength: 30 }).map((codes) => String.fromCodePoint(...codes)),
        fc.nat(40),
        (text, most) => {
          const plain = plainText(text, most)
          assert.ok(plain.length <= most)
          assert.equal(Buffer.from(plain).toString(), plain)
          assert.equal(plainText(plain, most), plain)
        },
      ),
    )
  })
})

describe('what is known of a call', () => {
  const call = { id: 'call_1', agentId: 'agent_1', direction: 'inbound', from: '+15550100', to: '+15550199' } as const

  it('has both numbers, the direction and the agent, and no session', () => {
    assert.deepEqual(factsOf(call), {
      caller_number: '+15550100',
      dialed_number: '+15550199',
      direction: 'inbound',
      agent_id: 'agent_1',
    })
  })

  it('has no number of a caller who hides it', () => {
    // the last five are words, typed on a keypad: anonymous, blocked, restricted, unavailable, unknown
    const hidden = ['', 'anonymous', 'Restricted', 'sip:a@example.com', '+266696687', '+2562533', '+7378742833']
    for (const from of [...hidden, '+86282452253', '+8656696'])
      assert.ok(!('caller_number' in factsOf({ ...call, from })), from)
    assert.equal(factsOf({ ...call, from: '+2666966871' }).caller_number, '+2666966871')
  })
})
