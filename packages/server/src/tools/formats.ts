// The formats that the server holds an argument to: e-mail, date, date-time and URI.
import { z } from 'zod'

interface Format {
  readonly schema: z.ZodType<string>
  /** To complete "must be". */
  readonly form: string
}

/** The format of that name; undefined for those that are a hint to the model and nothing more (protocol.md 7.1). */
export const formatFor = (name: unknown): Format | undefined =>
  typeof name === 'string' && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined

/** Longer text has none of these formats; checking it would cost more than it tells. */
const LONGEST_CHARACTERS = 2048

export const hasFormat = (value: string, { schema }: Format): boolean =>
  value.length <= LONGEST_CHARACTERS && schema.safeParse(value).success

/** A scheme and something after it, without spaces. */
const isUri = (value: string): boolean => /^[a-z][a-z\d+.-]*:[^\s]+$/i.test(value) && URL.canParse(value)

const FORMATS: Readonly<Record<string, Format>> = {
  email: { schema: z.email(), form: 'an e-mail address, such as name@example.com' },
  date: { schema: z.iso.date(), form: 'a date, such as 2026-03-31' },
  'date-time': {
    // models often leave the zone out when they do not know it
    schema: z.iso.datetime({ offset: true, local: true }),
    form: 'a date and time, such as 2026-03-31T15:00:00Z',
  },
  uri: { schema: z.string().refine(isUri), form: 'a whole address, such as https://example.com/page' },
}
