import { inspect, isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Bytes } from '../../journal/entry.ts'
import type { Secrets } from '../inspect/secrets.ts'
import { jsonText } from './value-text.ts'

/** No longer than what may be shown of it: values can be megabytes. */
const INSPECT = {
  breakLength: Number.POSITIVE_INFINITY,
  compact: true,
  depth: 4,
  maxArrayLength: 20,
  maxStringLength: 500,
  customInspect: false,
} as const

/** A stored value in a few words, without its secrets. */
export function short(
  bytes: Bytes,
  secrets: Pick<Secrets, 'mask'>,
  of?: readonly string[],
): string {
  const value = decodeValue(bytes)
  const json = toTaggedJson(value)
  const masked = secrets.mask(json, of)
  if (!isDeepStrictEqual(masked, json)) return jsonText(masked, INSPECT.maxStringLength)
  if (!(value instanceof Error)) return value === undefined ? '' : inspect(value, INSPECT)
  const message = value.message.slice(0, INSPECT.maxStringLength)
  return message === '' ? value.name : `${value.name}: ${message}`
}
