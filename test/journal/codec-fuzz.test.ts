import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { JournalError } from '../../journal/error.ts'
import { handPicked } from './codec-values.ts'

/** Whether it decoded. Any error but the one for damage escapes. */
function survives(bytes: Uint8Array): boolean {
  try {
    decodeValue(bytes)
    return true
  } catch (error) {
    if (error instanceof JournalError && error.code === 'JOURNAL_CORRUPT') return false
    throw error
  }
}

const prototypes = (): string =>
  [Object, Array, Map, Set, Date, RegExp, Error, Function, String]
    .map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join())
    .join('\n')

describe('fuzz', () => {
  const seeds = Object.values(handPicked())
    .map(value => encodeValue(value))
    .filter(bytes => bytes.length < 2000)

  it('only the error for damage escapes, whatever is done to good bytes', () => {
    const before = prototypes()
    let decoded = 0
    const mutation = fc.tuple(
      fc.nat(),
      fc.nat(255),
      fc.constantFrom('set', 'cut', 'insert', 'copy'),
    )
    const property = fc.property(
      fc.constantFrom(...seeds),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (seed, mutations) => {
        if (survives(mutations.reduce(mutate, Buffer.from(seed)))) decoded += 1
      },
    )
    fc.assert(property, { numRuns: 60_000 })
    expect(decoded).toBeGreaterThan(1000)
    expect(prototypes()).toBe(before)
  })

  it('nor for bytes out of nowhere', () => {
    const before = prototypes()
    const token = fc.constantFrom(
      0x81,
      0x92,
      0xa1,
      0x24,
      0xc4,
      0xcb,
      0xd9,
      0xdc,
      0xde,
      0xdf,
      0xd4,
      0x72,
    )
    const body = fc.array(fc.oneof(fc.nat(255), token), { maxLength: 40 })
    const property = fc.property(fc.constantFrom(0x10, 0x11, 0x12), body, (form, bytes) => {
      survives(Uint8Array.of(form, ...bytes))
    })
    fc.assert(property, { numRuns: 40_000 })
    expect(prototypes()).toBe(before)
  })
})

function mutate(bytes: Buffer, [place, byte, how]: [number, number, string]): Buffer {
  const at = place % bytes.length
  switch (how) {
    case 'set':
      bytes[at] = byte
      return bytes
    case 'cut':
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(at + 1 + (byte % 8)),
        Buffer.of(0),
      ])
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at)])
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(byte % bytes.length)])
  }
}
