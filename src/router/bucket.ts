import { type Condition, isSame } from './condition.ts'

/** One addition to the index; all its places hold the same object. */
export class Entry<Ref extends object> {
  /** Grows with every addition. */
  readonly order: number
  readonly ref: Ref
  readonly condition: Condition | undefined

  constructor(order: number, ref: Ref, condition: Condition | undefined) {
    this.order = order
    this.ref = ref
    this.condition = condition
  }
}

/**
 * The entries under one key, at least one: alone, a few in a list, or many by their refs. Lists are
 * replaced, not changed, so that they take no more room than their entries; maps are changed.
 */
export type Bucket<Ref extends object> = Few<Ref> | Map<Ref, Few<Ref>>

type Few<Ref extends object> = Entry<Ref> | readonly Entry<Ref>[]

// A list above the first becomes a map, a map of the second a list: not back and forth at one size.
const FEW = 8
const FEW_AGAIN = 4

export function find<Ref extends object>(
  bucket: Bucket<Ref>,
  condition: Condition | undefined,
  ref: Ref,
): Entry<Ref> | undefined {
  const few = bucket instanceof Map ? bucket.get(ref) : bucket
  return listOf(few).find(entry => entry.ref === ref && isSame(entry.condition, condition))
}

/** The bucket with an entry that it does not hold yet. */
export function including<Ref extends object>(
  bucket: Bucket<Ref> | undefined,
  entry: Entry<Ref>,
): Bucket<Ref> {
  if (bucket === undefined) return entry
  if (bucket instanceof Map) return includingOne(bucket, entry)
  const list = [...listOf(bucket), entry]
  if (list.length <= FEW) return list
  return list.reduce(includingOne<Ref>, new Map<Ref, Few<Ref>>())
}

/** The bucket without an entry that it holds; undefined if that was the only one. */
export function excluding<Ref extends object>(
  bucket: Bucket<Ref>,
  entry: Entry<Ref>,
): Bucket<Ref> | undefined {
  if (!(bucket instanceof Map)) return rest(bucket, entry)
  const alike = rest(bucket.get(entry.ref), entry)
  if (alike === undefined) bucket.delete(entry.ref)
  else bucket.set(entry.ref, alike)
  return bucket.size > FEW_AGAIN ? bucket : [...bucket.values()].flatMap(listOf<Ref>)
}

/** Adds the entries of the bucket to `found`, in any order. */
export function collect<Ref extends object>(bucket: Bucket<Ref>, found: Entry<Ref>[]): void {
  if (bucket instanceof Entry) found.push(bucket)
  else if (bucket instanceof Map) for (const few of bucket.values()) collect(few, found)
  else for (const entry of bucket) found.push(entry)
}

function includingOne<Ref extends object>(
  many: Map<Ref, Few<Ref>>,
  entry: Entry<Ref>,
): Map<Ref, Few<Ref>> {
  const alike = many.get(entry.ref)
  return many.set(entry.ref, alike === undefined ? entry : [...listOf(alike), entry])
}

function rest<Ref extends object>(
  few: Few<Ref> | undefined,
  entry: Entry<Ref>,
): Few<Ref> | undefined {
  const list = listOf(few).filter(other => other !== entry)
  return list.length > 1 ? list : list[0]
}

function listOf<Ref extends object>(few: Few<Ref> | undefined): readonly Entry<Ref>[] {
  if (few === undefined) return []
  return few instanceof Entry ? [few] : few
}
