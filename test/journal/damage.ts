import { chainHash } from '../../journal/commit.ts'
import { seal, unseal } from '../../journal/envelope.ts'
import { keys, parseKey } from '../../journal/keys.ts'
import { openCommit } from '../../journal/reader.ts'
import type { Rows } from './sample-store.ts'

export const record = keys.record
export const PAYMENT = record('b-payment', 3)

export interface Damage {
  readonly name: string
  readonly damage: (rows: Rows) => void
  /** Exactly these findings. */
  readonly found: readonly string[]
}

/** Sealed again after a change: only other rows can tell. */
export function forge(rows: Rows, key: string, change: (body: object) => object): void {
  const { epoch, body } = unseal(key, rows.get(key)!)
  rows.set(key, seal(key, epoch, change(body as object)).bytes)
}

/** Rewrites the chain after commits were changed, and the last one states what it will. */
export function rechain(rows: Rows): void {
  let prev: Uint8Array = Buffer.alloc(0)
  for (const key of [...rows.keys()].filter(key => key.startsWith('c!')).sort()) {
    forge(rows, key, row => ({ ...row, prev }))
    prev = chainHash(rows.get(key)!)
  }
}

export function flip(rows: Rows, key: string, at: number): void {
  const value = Buffer.from(rows.get(key)!)
  value[at]! ^= 1
  rows.set(key, value)
}

export function exchange(rows: Rows, one: string, other: string): void {
  const [first, second] = [rows.get(one)!, rows.get(other)!]
  rows.set(one, second)
  rows.set(other, first)
}

export const commitOf = (rows: Rows, key: string): number => {
  const { run, seq } = parseKey.record(key)
  const found = [...rows].find(
    ([at, value]) =>
      at.startsWith('c!') && openCommit(at, value).records.some(r => r[0] === run && r[1] === seq),
  )
  return Number(found?.[0].slice(2))
}
