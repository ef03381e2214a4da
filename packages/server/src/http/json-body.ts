// The bodies of requests: JSON or nothing, and no deeper than anybody needs.
import type { FastifyInstance } from 'fastify'
import { refuse } from './problem.js'

/** How deep the values of a body may be nested. Whatever walks through one by calling itself can rely on it. */
const DEEPEST = 100

/** A body may be left out even when its type is named. Names that would reach into JavaScript's own objects are refused. */
export function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (/^[ \t\r\n]*$/.test(body)) return done(null, undefined)
    parse(request, body, (error, value) => {
      if (!error && isDeeperThan(DEEPEST, value))
        return done(refuse('invalid_request', request, `The body is nested more than ${DEEPEST} levels deep`))
      done(error, value)
    })
  })
  app.removeContentTypeParser('text/plain')
}

/** Goes level by level, for a value as deep as a body can hold would exhaust the stack. */
function isDeeperThan(most: number, value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  }
  return false
}
