// Cuts an array into pieces of given lengths, over and over until nothing is left.
export function cut<T extends Uint8Array | Int16Array>(whole: T, lengths: readonly number[]): T[] {
  const pieces: T[] = []
  for (let at = 0, i = 0; at < whole.length; i++) {
    // a round of nothing but empty pieces would never end
    const length = lengths[i % lengths.length]! || (i % lengths.length === 0 ? 1 : 0)
    // slice() of a typed array is of the same kind
    pieces.push(whole.slice(at, at + length) as T)
    at += length
  }
  return pieces
}
