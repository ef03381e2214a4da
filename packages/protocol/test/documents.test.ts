// The documents that are made from the schemas: current, valid, complete, and with examples that hold.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Parser } from '@asyncapi/parser'
import {
  clientEvents,
  limitRows,
  parseClientEvent,
  restErrorCodes,
  restSchemas,
  routeList,
  serverEvents,
  sessionErrorCodes,
} from '@parley/protocol'
import { asyncApi, documents, errorsPage, openApi, protocolPage } from '@parley/protocol/documents'
import { update } from './support.js'

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

for (const { path, text } of documents)
  test(`${path} is what the schemas say; if not, run "node scripts/generate-docs.mjs"`, () => {
    const file = new URL(`../../../${path}`, import.meta.url)
    assert.ok(readFileSync(file, 'utf8') === text(), `${path} is out of date`)
  })

// ── AsyncAPI ──

test('the AsyncAPI document is valid', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApi()))
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => [message, path]),
    [],
  )
  assert.equal(document?.messages().length, Object.keys(clientEvents).length + Object.keys(serverEvents).length)
})

test('the AsyncAPI document says who sends which event', () => {
  const { receive, send } = asyncApi().operations
  const types = ({ messages }: typeof receive) => messages.map(({ $ref }) => $ref.split('/').at(-1))
  assert.deepEqual(types(receive), Object.keys(clientEvents))
  assert.deepEqual(types(send), Object.keys(serverEvents))
})

const exampleOf = (type: string) => plain(asyncApi().components.messages[type]?.examples[0]?.payload)

for (const type of Object.keys(clientEvents))
  test(`the example of ${type} is understood by the server`, () => {
    const example = exampleOf(type)
    assert.equal(example.type, type)
    assert.ok(parseClientEvent(JSON.stringify(example)).ok)
    if (type === 'session.update') assert.deepEqual(update(example.session).problems, [])
  })

for (const [type, event] of Object.entries(serverEvents))
  test(`the example of ${type} has the fields of its schema and no other (65)`, () => {
    const { timestamp, ...example } = exampleOf(type)
    assert.equal(typeof timestamp, 'number')
    assert.deepEqual(event.parse(example), example)
  })

// ── OpenAPI ──

test('the OpenAPI document has every route, with its parameters', () => {
  const document = plain(openApi())
  const operations = Object.entries<Record<string, { operationId: string }>>(document.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, method.toUpperCase(), path]),
  )
  const expected = routeList.map(({ name, method, path }) => [name, method, path.replace(/:(\w+)/, '{$1}')])
  assert.deepEqual(operations.sort(), expected.sort())
  const { parameters } = document.paths['/v1/token'].get
  assert.deepEqual(
    parameters.map(({ name, required, schema }: { name: string; required: boolean; schema: object }) => [
      name,
      required,
      schema,
    ]),
    [
      ['expires_in_seconds', true, { type: 'integer', minimum: 1, maximum: 600 }],
      ['max_session_duration_seconds', false, { type: 'integer', minimum: 60, maximum: 10_800, default: 10_800 }],
    ],
  )
  assert.equal(document.paths['/v1/agents/{id}'].get.parameters[0].name, 'id')
})

test('the OpenAPI document says which requests need no key, no body, and what can go wrong', () => {
  const { paths } = plain(openApi())
  assert.deepEqual(paths['/healthz'].get.security, [])
  assert.equal(paths['/v1/agents'].post.security, undefined)
  assert.equal(paths['/v1/tokens'].post.requestBody.required, false)
  assert.equal(paths['/v1/agents'].post.requestBody.required, true)
  const statuses = (operation: { responses: object }) => Object.keys(operation.responses).join(' ')
  assert.equal(statuses(paths['/v1/agents'].post), '201 400 401 403 409 422 429 500 503')
  assert.equal(statuses(paths['/v1/agents/{id}'].delete), '204 401 403 404 429 500 503')
})

test('the OpenAPI document says what a key must be allowed to do, and that a POST may be sent again', () => {
  const { paths } = plain(openApi())
  assert.match(paths['/v1/agents'].get.description, /scope `agents`/)
  assert.match(paths['/v1/voices'].get.description, /Any API key/)
  assert.match(paths['/v1/accounts'].post.description, /account `default` with the scope `admin`/)
  const headers = (operation: { parameters?: { in: string; name: string }[] }) =>
    (operation.parameters ?? []).filter((parameter) => parameter.in === 'header').map(({ name }) => name)
  assert.deepEqual(headers(paths['/v1/tokens'].post), ['Idempotency-Key'])
  assert.deepEqual(headers(paths['/v1/agents'].get), [])
})

test('every route that needs a key says what for', () => {
  for (const { name, secured, scope } of routeList) assert.equal(scope !== undefined, secured, name)
})

const schemas: Readonly<Record<string, { parse(value: unknown): unknown }>> = restSchemas

for (const { name, body, response } of routeList)
  for (const schema of [body, response])
    if (schema !== undefined)
      test(`the example of ${schema} in ${name} is valid (143, 149)`, () => {
        const route = routeList.find((route) => route.name === name)!
        const operation = plain(openApi()).paths[route.path.replace(/:(\w+)/, '{$1}')][route.method.toLowerCase()]
        const { content } = schema === body ? operation.requestBody : operation.responses[route.status]
        const { example } = content['application/json']
        const parsed = schemas[schema]?.parse(example)
        if (schema === response) assert.deepEqual(parsed, example)
      })

for (const [name, document] of [
  ['AsyncAPI', asyncApi()],
  ['OpenAPI', openApi()],
] as const) {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)

  test(`every reference in the ${name} document leads somewhere`, () => {
    assert.ok(references.length > 20)
    for (const path of references) {
      const target = path.split('/').reduce((value, key) => value?.[key], plain(document))
      assert.ok(target, path)
    }
  })

  test(`every schema in the ${name} document is used`, () => {
    for (const schema of Object.keys(document.components.schemas))
      assert.ok(references.includes(`components/schemas/${schema}`), schema)
  })

  test(`every field in the ${name} document is described`, () => {
    const schemas: Record<string, Field> = plain(document.components.schemas)
    const missing = Object.entries(schemas).flatMap(([key, schema]) => undescribed(schema, key))
    assert.deepEqual(missing, [])
  })
}

interface Field {
  description?: string
  $ref?: string
  allOf?: Field[]
  anyOf?: Field[]
  items?: Field
  properties?: Record<string, Field>
}

/** The paths of what has no description, in `field` and below; what is described elsewhere is left out. */
function undescribed(field: Field, path: string): string[] {
  const variants = [...(field.allOf ?? []), ...(field.anyOf ?? [])]
  const own =
    field.description || field.$ref || variants.some(({ $ref, description }) => $ref || description) ? [] : [path]
  const objects = [field, field.items, ...variants, ...variants.map(({ items }) => items)]
  const inside = objects.flatMap((object) =>
    Object.entries(object?.properties ?? {}).flatMap(([key, inner]) => undescribed(inner, `${path}.${key}`)),
  )
  return [...own, ...inside]
}

// ── pages ──

test('the page of the protocol has every event and every limit', () => {
  const text = protocolPage()
  for (const type of [...Object.keys(clientEvents), ...Object.keys(serverEvents)])
    assert.ok(text.includes(`\n### ${type}\n`), type)
  for (const { description, value, unit } of limitRows)
    assert.ok(text.includes(`| ${description} | ${value} ${unit} |`))
})

test('the page of errors has every code', () => {
  const text = errorsPage()
  for (const code of [...sessionErrorCodes, ...restErrorCodes]) assert.ok(text.includes(`| \`${code}\` |`), code)
})

test('every row of a table has the cells of its head, and says something in the first and the last', () => {
  const blocks = [protocolPage(), errorsPage()].flatMap((text) => text.split('\n\n'))
  const tables = blocks.filter((block) => block.startsWith('| '))
  assert.ok(tables.length > 40)
  for (const table of tables) {
    const [head, ...rows] = table
      .trim()
      .split('\n')
      .map((line) => line.slice(2, -2).split(' | '))
    for (const row of rows) {
      assert.equal(row.length, head?.length, row.join(' | '))
      assert.ok(row[0]?.trim() && row.at(-1)?.trim(), row.join(' | '))
    }
  }
})

test('every link within the pages leads somewhere', () => {
  const pages: Record<string, string> = { 'protocol.md': protocolPage(), 'errors.md': errorsPage() }
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
  for (const [name, text] of Object.entries(pages))
    for (const [, file, anchor] of text.matchAll(/\]\(([\w.]*)(?:#([\w-]+))?\)/g)) {
      if (anchor) assert.ok(anchors(pages[file || name]!).includes(anchor), `${name}: ${file}#${anchor}`)
      else
        assert.ok(
          documents.some(({ path }) => path === `docs/${file}`),
          `${name}: ${file}`,
        )
    }
})

test('every block of JSON in the pages can be read', () => {
  const blocks = [...`${protocolPage()}${errorsPage()}`.matchAll(/```json\n([\s\S]*?)\n```/g)].map(
    ([, block]) => block!,
  )
  assert.equal(blocks.length, Object.keys(clientEvents).length + Object.keys(serverEvents).length + 1)
  for (const block of blocks) JSON.parse(block)
  for (const type of Object.keys(clientEvents))
    assert.ok(
      blocks.some((block) => JSON.stringify(JSON.parse(block)) === JSON.stringify(exampleOf(type))),
      type,
    )
})
