import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import { unseal } from '../../journal/envelope.ts'
import { openRecord } from '../../journal/reader.ts'
import type { StateParts } from './trial.ts'

/** Rows that others follow from, or that count what has no influence, say nothing of their own. */
const TELLING = /^[evbsp](!|$)/

const digests = new WeakMap<Uint8Array, Buffer>()

/**
 * A digest of a state: two schedules that come to the same one go on in the same ways. Undefined if
 * the world holds what cannot be compared, such as functions.
 */
export function stateKey({ rows, world, rest }: StateParts): string | undefined {
  const hash = createHash('sha1')
  for (const key of [...rows.keys()].filter(key => TELLING.test(key)).sort()) {
    hash.update(digestOf(key, rows.get(key) as Uint8Array))
  }
  hash.update(JSON.stringify(rest))
  try {
    hash.update(serialize(world))
  } catch {
    return undefined
  }
  return hash.digest('base64')
}

// Of a record, when it was written and what it follows is of no importance.
function digestOf(key: string, row: Uint8Array): Buffer {
  const known = digests.get(row)
  if (known !== undefined) return known
  const body = key.startsWith('e!') ? openRecord(key, row).entries : unseal(key, row).body
  const digest = createHash('sha1').update(`${key}\n`).update(serialize(body)).digest()
  digests.set(row, digest)
  return digest
}
