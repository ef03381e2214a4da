// Where calls may go to, so that a stolen key does not become a telephone bill.
import { phoneNumberPattern } from '@parley/protocol'

/** Whether `number` is a telephone number that begins as one of `prefixes` does. */
export const mayCall = (prefixes: readonly string[], number: string): boolean =>
  phoneNumberPattern.test(number) && prefixes.some((prefix) => number.startsWith(prefix))
