import { decodeWritten } from './decode.ts'

/**
 * What `decodeValue(bytes)` returns, for bytes that `encodeValue(value)` has just returned; a
 * primitive needs no decoding. Like a decoded value it shares nothing with the original.
 */
export function echoValue(value: unknown, bytes: Uint8Array): unknown {
  return typeof value === 'object' && value !== null ? decodeWritten(bytes) : value
}
