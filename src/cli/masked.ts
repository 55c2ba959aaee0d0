import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Bytes } from '../../journal/entry.ts'
import type { Secrets } from '../inspect/secrets.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A stored value for programs. `of`: names of those whose data it is. */
export const maskedJson = (
  bytes: Bytes,
  secrets: Pick<Secrets, 'mask'>,
  of?: readonly string[],
): Json => jsonOf(toTaggedJson(decodeValue(bytes)), secrets, of)

/** What is JSON but for properties that are undefined, which are left out. */
export const jsonOf = (
  value: unknown,
  secrets: Pick<Secrets, 'mask'>,
  of?: readonly string[],
): Json => JSON.parse(JSON.stringify(secrets.mask(value, of)))
