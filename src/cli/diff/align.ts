/** Two items that belong together, or one that has no other. */
export interface Pair<Item> {
  readonly a: Item | undefined
  readonly b: Item | undefined
}

/**
 * Puts two lists beside each other, so that as many items as possible meet one of the same key, in
 * order. Keys are unique within a list: then the longest common subsequence is the longest increasing
 * one of their places, which takes n log n.
 */
export function align<Item>(
  a: readonly Item[],
  b: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Pair<Item>[] {
  const places = new Map(b.map((item, at) => [keyOf(item), at]))
  const met = a.flatMap((item, at) => {
    const place = places.get(keyOf(item))
    return place === undefined ? [] : [{ at, place }]
  })
  const pairs: Pair<Item>[] = []
  let [nextA, nextB] = [0, 0]
  const upTo = (endA: number, endB: number): void => {
    while (nextA < endA) pairs.push({ a: a[nextA++], b: undefined })
    while (nextB < endB) pairs.push({ a: undefined, b: b[nextB++] })
  }
  for (const { at, place } of longestRising(met)) {
    upTo(at, place)
    pairs.push({ a: a[nextA++], b: b[nextB++] })
  }
  upTo(a.length, b.length)
  return pairs
}

interface Meeting {
  readonly at: number
  readonly place: number
}

/** Patience: `ends[k]` ends the best rising sequence of k+1 meetings; each knows the one before it. */
function longestRising(met: readonly Meeting[]): readonly Meeting[] {
  const ends: Meeting[] = []
  const before = new Map<Meeting, Meeting | undefined>()
  for (const meeting of met) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle]?.place ?? 0) < meeting.place) low = middle + 1
      else high = middle
    }
    before.set(meeting, ends[low - 1])
    ends[low] = meeting
  }
  const found: Meeting[] = []
  for (let each = ends.at(-1); each !== undefined; each = before.get(each)) found.push(each)
  return found.reverse()
}
