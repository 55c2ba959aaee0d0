import { expect } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'

/** A state as it comes back from the disk: it must be plain data that does not change on the way. */
export function stored<State>(state: State): State {
  const again = decodeValue(encodeValue(state, { bytes: 1 << 20 }))
  expect(again).toStrictEqual(state)
  return again as State
}
