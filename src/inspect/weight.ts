import type { Record } from '../../journal/entry.ts'

/** Beside the values in it. */
const ENTRY = 128

/** Roughly how many bytes a record takes in memory: most of it are the values in its entries. */
export function weightOf({ entries }: Pick<Record, 'entries'>): number {
  let weight = 0
  for (const entry of entries) weight += ENTRY + bytesIn(entry)
  return weight
}

function bytesIn(facts: object): number {
  let bytes = 0
  for (const name in facts) {
    const fact: unknown = facts[name as keyof typeof facts]
    if (typeof fact !== 'object' || fact === null) continue
    bytes += fact instanceof Uint8Array ? fact.length : bytesIn(fact)
  }
  return bytes
}
