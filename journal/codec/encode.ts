import { JournalError } from '../error.ts'
import { dismantle } from './dismantle.ts'
import { bytesLimit, depthLimit, type ValueLimits } from './limits.ts'
import { packBehind } from './packer.ts'
import { copyNumber, copyPlain, NOT_PLAIN } from './plain.ts'
import { tooLarge } from './refusal.ts'
import { Form, isExact } from './tags.ts'

/**
 * The canonical bytes of a value (grammar in tags.ts): the same for equal values, property order
 * included. The value is read, never changed; accessors are stored as what they return.
 *
 * Throws `VALUE_UNSTORABLE` (`facts.path`, `facts.what`) for a leaf that cannot be stored and
 * `VALUE_TOO_LARGE` (`facts.size`, `facts.limit`) beyond the limits.
 */
export function encodeValue(value: unknown, limits?: ValueLimits): Uint8Array {
  if (value === undefined) return Uint8Array.of(Form.undefined)
  const room = bytesLimit(limits)
  const plain = plainOf(value, room, limits)
  let bytes = plain === NOT_PLAIN ? undefined : packed(Form.plain, plain)
  if (bytes === undefined) bytes = packed(Form.tagged, dismantle(value, room, depthLimit(limits)))
  else if (mayBeInexact(bytes) && hasInexact(plain)) {
    bytes = packed(Form.tagged, dismantle(plain, room, depthLimit(limits)))
  }
  if (bytes.length > room) throw tooLarge(bytes.length, room)
  return bytes
}

function packed(form: number, node: unknown): Uint8Array {
  const bytes = packBehind(1, node)
  bytes[0] = form
  return bytes
}

function plainOf(value: unknown, room: number, limits: ValueLimits | undefined): unknown {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (value.length > room) throw tooLarge(value.length, room)
      return value
    case 'number':
      return copyNumber(value)
    case 'object':
      if (value === null) return null
      try {
        return copyPlain(value, room, depthLimit(limits))
      } catch (error) {
        if (error instanceof JournalError) throw error
        return NOT_PLAIN // an accessor or a trap threw: the slow way tells where
      }
    default:
      return NOT_PLAIN
  }
}

/** In UTF-8 surrogates start with ED or have become EF BF BD, and a byte order mark starts with EF. */
function mayBeInexact(bytes: Uint8Array): boolean {
  if (bytes.length > 96) return bytes.includes(0xed, 1) || bytes.includes(0xef, 1)
  for (let at = 1; at < bytes.length; at++) if ((bytes[at]! | 2) === 0xef) return true
  return false
}

function hasInexact(plain: unknown): boolean {
  if (typeof plain === 'string') return !isExact(plain)
  if (typeof plain !== 'object' || plain === null) return false
  if (Array.isArray(plain)) return plain.some(hasInexact)
  return Object.entries(plain).some(([key, item]) => !isExact(key) || hasInexact(item))
}
