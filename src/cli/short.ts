import { inspect } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Bytes } from '../../journal/entry.ts'

/** No longer than what may be shown of it: values can be megabytes. */
const INSPECT = {
  breakLength: Number.POSITIVE_INFINITY,
  compact: true,
  depth: 4,
  maxArrayLength: 20,
  maxStringLength: 500,
  customInspect: false,
} as const

/** A stored value in a few words. */
export function short(bytes: Bytes): string {
  const value = decodeValue(bytes)
  if (!(value instanceof Error)) return value === undefined ? '' : inspect(value, INSPECT)
  const message = value.message.slice(0, INSPECT.maxStringLength)
  return message === '' ? value.name : `${value.name}: ${message}`
}
