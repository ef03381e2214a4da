// Ways in which REST can be wrong, with the items that must notice.
import { answering, fields, type Wrong, without } from './corrupting.js'

const agents = /^\/v1\/agents(\?|$)/
const anAgent = /^\/v1\/agents\/./
const tokens = /^\/v1\/token\?/

export const ofRest: readonly Wrong[] = [
  {
    name: 'the socket is not found by a plain GET',
    items: [12],
    ...answering('GET', /^\/v1\/ws/, () => ({ status: 404 })),
  },
  {
    name: 'a token does not say how long it lives',
    items: [13],
    ...answering('GET', tokens, ({ body }) => ({ body: without(body, 'expires_in_seconds') })),
  },
  {
    name: 'bad queries are answered with 400',
    items: [14, 15, 16, 17],
    ...answering('GET', /^\/v1\/token/, ({ status }) => ({ status: status === 422 ? 400 : status })),
  },
  {
    name: 'refused input is repeated as a number',
    items: [15, 18],
    rest: (answer) => ({
      ...answer,
      body: JSON.parse(
        JSON.stringify(answer.body ?? '').replace(/"input":"([0-9.]+)"/g, (_, digits) => `"input":${Number(digits)}`),
      ),
    }),
  },
  {
    name: 'agents are made with 200',
    items: [143],
    ...answering('POST', agents, ({ status }) => ({ status: status === 201 ? 200 : status })),
  },
  {
    name: 'ids of agents are UUIDs',
    items: [146],
    ...answering('POST', agents, ({ body, status }) =>
      status === 201 ? { body: { ...fields(body), id: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' } } : {},
    ),
  },
  {
    name: 'times have a zone',
    items: [148],
    ...answering('POST', agents, ({ body }) => ({
      body: { ...fields(body), created_at: `${fields(body).created_at}Z` },
    })),
  },
  {
    name: 'the list is bare',
    items: [149, 150],
    ...answering('GET', agents, ({ body }) => ({ body: fields(body).agents })),
  },
  {
    name: 'a PUT forgets the greeting',
    items: [151, 154],
    ...answering('PUT', anAgent, ({ body }) => ({ body: { ...fields(body), greeting: null } })),
  },
  {
    name: 'keys of models are shown',
    items: [157],
    ...answering('GET', anAgent, ({ body }) => ({
      body: { ...fields(body), llm: [{ base_url: 'x', model: 'tiny', api_key: 'sk' }] },
    })),
  },
  {
    name: 'values of headers are shown',
    items: [141],
    ...answering('GET', anAgent, ({ body }) => ({
      body: { ...fields(body), shown: 'Bearer secret-of-the-suite-0123456789abcdef' },
    })),
  },
  {
    name: 'DELETE answers with 200',
    items: [158],
    ...answering('DELETE', anAgent, ({ status }) => ({ status: status === 204 ? 200 : status })),
  },
  {
    name: 'errors have no request id in their headers',
    items: [160],
    rest: (answer) => ({
      ...answer,
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'x-request-id')),
    }),
  },
]
