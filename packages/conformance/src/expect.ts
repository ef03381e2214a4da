// What a check says of a server: that it fails, with what was seen, or that it cannot be made here.
import { isDeepStrictEqual } from 'node:util'

const SHOWN_CHARACTERS = 160

/** The server does not do what the item asks. The message says what was seen. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** The item cannot be tried here. The message says why, and what would make it possible. */
export class Skip extends Error {
  override readonly name = 'Skip'
}

/** `seen`: what the server did instead. */
export function must(holds: unknown, seen: string): asserts holds {
  if (!holds) throw new Failure(seen)
}

/** Deep equality; `what` names the thing that is compared. */
export function same(actual: unknown, expected: unknown, what: string): void {
  must(isDeepStrictEqual(actual, expected), `${what} is ${show(actual)}, not ${show(expected)}`)
}

/** A string of this form. */
export function like(value: unknown, form: RegExp, what: string): string {
  must(typeof value === 'string' && form.test(value), `${what} is ${show(value)}, which is not of the form ${form}`)
  return value
}

export type Fields = Readonly<Record<string, unknown>>

export function object(value: unknown, what: string): Fields {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} is ${show(value)}, not an object`)
  // True: an object that is neither null nor a list has only string keys that JSON can hold.
  return value as Fields
}

export function list(value: unknown, what: string): readonly unknown[] {
  must(Array.isArray(value), `${what} is ${show(value)}, not a list`)
  return value
}

export function string(value: unknown, what: string): string {
  must(typeof value === 'string', `${what} is ${show(value)}, not a string`)
  return value
}

export function number(value: unknown, what: string): number {
  must(typeof value === 'number' && Number.isFinite(value), `${what} is ${show(value)}, not a number`)
  return value
}

export const show = (value: unknown): string => {
  const text = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
