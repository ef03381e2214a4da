// Pages of lists: which one is asked for, and how to go on from one to the next.
import { z } from 'zod'
import { limits } from './limits.js'

/** A number in a query: the text of an integer, or left as it is for the schema to refuse. */
export const inQuery = <Schema extends z.ZodType<number>>(schema: Schema) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\s*[+-]?\d+\s*$/.test(text) ? safe(Number(text)) : text),
    schema,
  )

export const PageQuery = z
  .object({
    limit: inQuery(z.number().int().min(1).max(limits.pageSize).default(limits.defaultPageSize)).describe(
      `How many entries at most, 1 to ${limits.pageSize}.`,
    ),
    cursor: z.string().optional().describe('Where to go on: `next_cursor` of the page before.'),
  })
  .describe('Which page of a list.')
export type PageQuery = z.infer<typeof PageQuery>

/** What every page of a list says beside its entries. */
export const Paged = z.object({
  has_more: z.boolean().describe('Whether there is another page.'),
  response_metadata: z
    .object({ next_cursor: z.string().describe('`cursor` of the next page; empty on the last one.') })
    .describe('How to go on.'),
})

/** Far beyond every range, a number need not be exact: it is refused for its size. */
const safe = (number: number): number => Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number))
