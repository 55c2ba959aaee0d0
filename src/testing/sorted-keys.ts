/** Keys are kept in chunks of at most so many: what is added moves only what is in its chunk. */
const MOST = 512

/** Keys in the order of their UTF-8 bytes. */
export class SortedKeys {
  /** None is empty. */
  #chunks: string[][] = []
  #compare = byCodeUnits

  /** The key must be a new one. */
  add(key: string): void {
    if (this.#compare === byCodeUnits && BEYOND.test(key)) this.#sortByBytes()
    const { chunk, at } = this.#place(key, this.#compare)
    const keys = this.#chunks[chunk] ?? this.#chunks.at(-1)
    if (keys === undefined) {
      this.#chunks.push([key])
      return
    }
    keys.splice(this.#chunks[chunk] === undefined ? keys.length : at, 0, key)
    if (keys.length <= MOST) return
    this.#chunks.splice(this.#chunks.indexOf(keys) + 1, 0, keys.splice(MOST / 2))
  }

  /** The key must be there. */
  remove(key: string): void {
    const { chunk, at } = this.#place(key, this.#compare)
    const keys = this.#chunks[chunk]
    keys?.splice(at, 1)
    if (keys?.length === 0) this.#chunks.splice(chunk, 1)
  }

  clear(): void {
    this.#chunks = []
  }

  /** The keys with `gte <= key < lt`, from the first on or from the last back, up to a limit. */
  between(gte: string, lt: string, { reverse = false, limit = Infinity } = {}): string[] {
    const compare = BEYOND.test(gte + lt) ? byBytes : this.#compare
    if (compare(gte, lt) >= 0) return []
    const from = this.#place(gte, compare)
    const to = this.#place(lt, compare)
    // Most have one chunk, and no key in most ranges.
    if (from.chunk === to.chunk && from.at === to.at) return []
    const found: string[] = []
    for (let n = 0; n <= to.chunk - from.chunk && found.length < limit; n++) {
      const chunk = reverse ? to.chunk - n : from.chunk + n
      const start = chunk === from.chunk ? from.at : 0
      const end = chunk === to.chunk ? to.at : undefined
      const keys = this.#chunks[chunk]?.slice(start, end) ?? []
      if (reverse) keys.reverse()
      found.push(...keys.slice(0, limit - found.length))
    }
    return found
  }

  /** Where the first key that is not less than `bound` is. */
  #place(bound: string, compare: typeof byBytes): { chunk: number; at: number } {
    const chunk = firstChunk(this.#chunks, bound, compare)
    return { chunk, at: firstKey(this.#chunks[chunk] ?? NONE, bound, compare) }
  }

  #sortByBytes(): void {
    this.#compare = byBytes
    const keys = this.#chunks.flat().sort(byBytes)
    this.clear()
    while (keys.length > 0) this.#chunks.push(keys.splice(0, MOST))
  }
}

// The order of code units is that of UTF-8 bytes, but for what lies beyond the basic plane.
const BEYOND = /[\ud800-\udfff]/
const byCodeUnits = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
const byBytes = (a: string, b: string): number =>
  BEYOND.test(a) || BEYOND.test(b)
    ? Buffer.compare(Buffer.from(a), Buffer.from(b))
    : byCodeUnits(a, b)

const NONE: readonly string[] = []

/** The first that does not end before the bound. */
function firstChunk(
  chunks: readonly (readonly string[])[],
  bound: string,
  compare: typeof byBytes,
): number {
  let low = 0
  let high = chunks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(chunks[middle]?.at(-1) ?? '', bound) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function firstKey(keys: readonly string[], bound: string, compare: typeof byBytes): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(keys[middle] ?? '', bound) < 0) low = middle + 1
    else high = middle
  }
  return low
}
