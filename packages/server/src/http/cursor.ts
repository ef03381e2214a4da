// Cursors of lists: a place in the order, written so that nobody is tempted to compute with it.
import type { FieldError } from '@parley/protocol'

/** The cursor that goes on after the entry at `position`. */
export const cursorOf = (position: string): string => Buffer.from(`after:${position}`).toString('base64url')

/** The position in `cursor`: undefined for the beginning, null when it is no cursor of ours. */
export function positionOf(cursor: string | undefined): string | undefined | null {
  if (!cursor) return undefined
  const position = /^after:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  return position !== undefined && cursorOf(position) === cursor ? position : null
}

/** What a page says of the one after it, which goes on at `next`. */
export const pagingOf = (next: string | undefined) => ({
  has_more: next !== undefined,
  response_metadata: { next_cursor: next === undefined ? '' : cursorOf(next) },
})

/** The answer to a cursor that is none of ours. */
export function wrongCursor(cursor = ''): FieldError {
  const message = 'Cursor is not one that a list has given'
  return {
    param: 'cursor',
    message,
    detail: { type: 'value_error', loc: ['query', 'cursor'], msg: `Value error, ${message}`, input: cursor },
  }
}
