import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import { unseal } from '../../journal/envelope.ts'
import { openRecord } from '../../journal/reader.ts'
import type { StateParts } from './state-parts.ts'

/**
 * Rows that follow from others, or that count what has no influence, say nothing of their own; but
 * timers do: which of two is due first may hang on a millisecond. Who waits and who holds what is in
 * the records of the runs; what is remembered of a limit is in its row alone.
 */
const TELLING = /^[etvbspk](!|$)/

const digests = new WeakMap<Uint8Array, Buffer>()

/** Every move takes a millisecond: only time that was let pass makes a difference. */
const NOTICED_MS = 1_000

/**
 * A digest of a state: two schedules that come to the same one go on in the same ways. Undefined if
 * the world holds what cannot be compared: functions, objects that keep something to themselves.
 */
export function stateKey({ rows, world, rest }: StateParts): string | undefined {
  const hash = createHash('sha1')
  for (const key of [...rows.keys()].filter(key => TELLING.test(key)).sort()) {
    hash.update(digestOf(key, rows.get(key) as Uint8Array))
  }
  hash.update(JSON.stringify(rest))
  if (isSecretive(world, new Set())) return undefined
  try {
    hash.update(serialize(world))
  } catch {
    return undefined
  }
  return hash.digest('base64')
}

// Of a record, what it follows is of no importance. The code may have asked for its time.
function digestOf(key: string, row: Uint8Array): Buffer {
  const known = digests.get(row)
  if (known !== undefined) return known
  const body = key.startsWith('e!') ? recordOf(key, row) : unseal(key, row).body
  const digest = createHash('sha1').update(`${key}\n`).update(serialize(body)).digest()
  digests.set(row, digest)
  return digest
}

function recordOf(key: string, row: Uint8Array): unknown {
  const { entries, at, elapsed } = openRecord(key, row)
  return [entries, Math.floor(at / NOTICED_MS), Math.floor(elapsed / NOTICED_MS)]
}

/** As classes are written, and as compilers write them for older engines. */
const PRIVATE = /#[\p{L}_$]|WeakMap|__private/u

/** Whether something in it has private fields, which nobody else can compare. */
function isSecretive(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  if (hasPrivate(Object.getPrototypeOf(value))) return true
  const inner =
    value instanceof Map
      ? [...value].flat()
      : value instanceof Set
        ? [...value]
        : Object.values(value)
  return inner.some(each => isSecretive(each, seen))
}

function hasPrivate(prototype: unknown): boolean {
  for (let at = prototype; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const made: unknown = at.constructor
    if (typeof made === 'function' && PRIVATE.test(String(made))) return true
  }
  return false
}
