// What a recogniser made of speech: enough of it to tell that the speech arrived.
import { must, show, string } from '../expect.js'

/** Fails unless the text has letters in it. Which words they are is the recogniser's affair, not the protocol's. */
export function understood(text: unknown): string {
  const words = string(text, 'the text of the turn')
  must(/\p{L}/u.test(words), `the text of the turn is ${show(text)}`)
  return words
}
