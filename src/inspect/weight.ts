import type { Record } from '../../journal/entry.ts'

/** Beside the values in it. */
const ENTRY = 128

/** Roughly how many bytes a record takes in memory: most of it are the values in its entries. */
export function weightOf({ entries }: Pick<Record, 'entries'>): number {
  let weight = 0
  for (const entry of entries) weight += ENTRY + bytesIn(Object.values(entry))
  return weight
}

function bytesIn(facts: readonly unknown[]): number {
  let bytes = 0
  for (const fact of facts) {
    if (fact instanceof Uint8Array) bytes += fact.length
    else if (Array.isArray(fact)) bytes += bytesIn(fact)
    else if (typeof fact === 'object' && fact !== null) bytes += bytesIn(Object.values(fact))
  }
  return bytes
}
