// The REST interface as an OpenAPI 3.1 document.
import type { z } from 'zod'
import { RestError, restSchemas } from '../rest.js'
import { type RestErrorCode, restErrors } from '../rest-errors.js'
import { commonErrors, keyErrors, type Need, onceErrors, type Route, routeList, type SchemaName } from '../routes.js'
import { defaultHost, license, title, version } from './about.js'
import { componentSchemas, type JsonSchema, reference, restObjects } from './json-schema.js'
import { restExamples } from './rest-examples.js'

/** The document, as a value that `JSON.stringify` writes. */
export function openApi() {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routeList) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: 'Stored agents, sessions, webhooks, API keys, tokens for browsers, and the state of the server.',
      license,
    },
    servers: [{ url: `http://${defaultHost}`, description: 'A server on this machine.' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'An API key, as it is.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
      },
    },
  }
}

/** The schemas of all bodies. Queries are described by their parameters instead. */
function schemas(): Readonly<Record<string, JsonSchema>> {
  const {
    CallQuery: _calls,
    PageQuery: _page,
    SessionQuery: _session,
    TokenQuery: _token,
    WebhookSubscriptionQuery: _webhooks,
    ...bodies
  } = restSchemas
  return componentSchemas({ ...restObjects, ...bodies, RestError })
}

function operation(route: (typeof routeList)[number]) {
  const { name, summary, secured, scope, body } = route
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)]
  return {
    operationId: name,
    summary,
    ...(scope === undefined ? {} : { description: scopeText(scope) }),
    ...(secured ? {} : { security: [] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: !route.bodyOptional, content: json(body) } }),
    responses: { [route.status]: success(route), ...failures(route) },
  }
}

function scopeText(scope: Need): string {
  if (scope === 'any') return 'Any API key will do.'
  if (scope === 'operator') return 'Needs an API key of the account `default` with the scope `admin`.'
  return `Needs an API key with the scope \`${scope}\`${scope === 'admin' ? '' : ' or `admin`'}.`
}

const pathParameters = ({ path }: Route) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: 'Which one.',
    schema: { type: 'string' },
  }))

function queryParameters({ query }: Route) {
  if (query === undefined) return []
  const { [query]: schema } = componentSchemas({ [query]: schemaNamed(query) })
  return Object.entries(schema?.properties ?? {}).map(([name, { description, ...property }]) => ({
    name,
    in: 'query',
    required: schema?.required?.includes(name) ?? false,
    description,
    schema: property,
  }))
}

const headerParameters = ({ method, secured }: Route) =>
  secured && method === 'POST'
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description:
            'Up to 256 printable characters without spaces. A request that is sent again with the same key within a day is answered as the first one was, and nothing is made twice.',
          schema: { type: 'string' },
        },
      ]
    : []

const success = ({ response, summary }: Route) =>
  response === undefined ? { description: 'Done.' } : { description: summary, content: json(response) }

/** Errors by status; several codes can share one. */
function failures({ errors, secured, method }: Route) {
  const byStatus = new Map<number, RestErrorCode[]>()
  const once = secured && method === 'POST' ? onceErrors : []
  for (const code of [...(secured ? keyErrors : []), ...errors, ...once, ...commonErrors]) {
    const { status } = restErrors[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${restErrors[code].description}`).join(' '),
        content: { 'application/json': { schema: { $ref: reference('RestError') } } },
      },
    ]),
  )
}

// the names in the route table are exactly the keys of `restSchemas`, which the compiler checks there
const schemaNamed = (name: string): z.ZodType => restSchemas[name as SchemaName]

const json = (name: string) => ({
  'application/json': { schema: { $ref: reference(name) }, example: restExamples[name as SchemaName] },
})
