// What holds for every route of the interface: it is described, and it has a door.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { routeList } from '@parley/protocol'
import { openApi } from '@parley/protocol/documents'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { answerOf, type TestApp, testApp } from './app.js'

let store: Store
let server: TestApp

before(async () => {
  store = await openStore('memory')
  server = testApp(store)
})
after(() => store.close())

const secured = routeList.filter(({ secured }) => secured)

describe('every route', () => {
  it('is in the OpenAPI document, but for those that are not of the REST interface', async () => {
    // the WebSocket, which AsyncAPI describes; figures; the document itself; what the page of the server asks
    const others = ['/v1/ws', '/metrics', '/openapi.json', '/console/config']
    await server.app.ready()
    const described = Object.entries(openApi().paths).map(([path, operations]) => ({
      path: path.replace(/\{(\w+)\}/g, ':$1'),
      methods: Object.keys(operations).map((method) => method.toUpperCase()),
    }))
    const served = pathsIn(server.app.printRoutes({ commonPrefix: false }))
    assert.deepEqual(
      served.filter((path) => !others.includes(path)),
      described.map(({ path }) => path).sort(),
    )
    for (const { path, methods } of described) {
      const { headers } = answerOf(await server.app.inject({ method: 'OPTIONS', url: path }))
      const expected = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
      assert.deepEqual(new Set(String(headers.allow).split(', ')), expected, path)
    }
  })

  it('that needs a key answers nobody without one', async () => {
    for (const { method, path } of secured) {
      const { statusCode } = await server.app.inject({ method, url: path.replace(/:\w+/, 'unknown') })
      // the older route tells a missing header as a missing field (checklist 19)
      assert.equal(statusCode, path === '/v1/token' ? 422 : 401, `${method} ${path}`)
    }
  })
})

/** The paths in Fastify's drawing of its tree, in which each line adds to the one that it is indented below. */
function pathsIn(tree: string): readonly string[] {
  const above: string[] = []
  return tree
    .split('\n')
    .flatMap((line) => {
      const [, indent, part] = /^([│ ]*)[├└]── (\S+) \(/.exec(line) ?? []
      if (indent === undefined || part === undefined) return []
      const depth = indent.length / 4
      above[depth] = (above[depth - 1] ?? '') + part
      return [above[depth]]
    })
    .sort()
}
