// Base64 in the fastest way that the host offers: its own methods, Node's Buffer, or btoa and atob.

interface NativeBase64 {
  toBase64(): string
}
interface NativeBase64Constructor {
  fromBase64(text: string): Uint8Array<ArrayBuffer>
}
interface NodeBuffer {
  from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer>
  from(buffer: ArrayBufferLike, offset: number, length: number): { toString(encoding: 'base64'): string }
}

/** Arguments are passed on the stack, which is bounded: this many at a time is safe everywhere. */
const SLICE_BYTES = 0x8000

// The library's types describe neither Node nor the newest methods of Uint8Array; what is there is found at run time.
const buffer = (globalThis as { Buffer?: NodeBuffer }).Buffer
const native = Uint8Array as unknown as Partial<NativeBase64Constructor>

export const encodeBase64: (bytes: Uint8Array) => string = buffer
  ? (bytes) => buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  : 'toBase64' in Uint8Array.prototype
    ? (bytes) => (bytes as unknown as NativeBase64).toBase64()
    : encodeWithBtoa

/** Throws when `text` is not base64 (Node's Buffer skips what it does not know). */
export const decodeBase64: (text: string) => Uint8Array<ArrayBuffer> = buffer
  ? (text) => buffer.from(text, 'base64')
  : native.fromBase64
    ? (text) => native.fromBase64!(text)
    : decodeWithAtob

export function encodeWithBtoa(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += SLICE_BYTES)
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES))
  return btoa(binary)
}

export function decodeWithAtob(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
