// What a route of the REST interface is, as plain data.
import type { Scope } from './keys.js'
import type { RestErrorCode } from './rest-errors.js'

/** A scope; `any`: every key will do; `operator`: only an `admin` key of the account `default`. */
export type Need = Scope | 'any' | 'operator'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with parameters as `:name`. */
  readonly path: string
  readonly summary: string
  /** Whether a key is needed. */
  readonly secured: boolean
  /** What the key must be allowed to do. A secured route that says nothing is for `admin` keys alone. */
  readonly scope?: Need
  readonly query?: string
  readonly body?: string
  /** Whether the body may be left out. */
  readonly bodyOptional?: true
  /** Status of a success. */
  readonly status: 200 | 201 | 204
  /** Schema of the response, absent when it has no body. */
  readonly response?: string
  /** Errors beyond those that every route can have. */
  readonly errors: readonly RestErrorCode[]
}
