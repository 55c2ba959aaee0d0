import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Bytes } from '../../journal/entry.ts'
import type { Secrets } from '../inspect/secrets.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A stored value for programs. */
export const maskedJson = (bytes: Bytes, secrets: Pick<Secrets, 'mask'>): Json =>
  jsonOf(toTaggedJson(decodeValue(bytes)), secrets)

/** What is JSON but for properties that are undefined, which are left out. */
export const jsonOf = (value: unknown, secrets: Pick<Secrets, 'mask'>): Json =>
  JSON.parse(JSON.stringify(secrets.mask(value)))
