import type { Store } from '../store.ts'
import { type Anonymous, keyOfLine } from './anonymous.ts'
import type { OtherItem } from './item.ts'
import { otherFacts } from './other-facts.ts'
import { othersOf } from './others.ts'

/** What lines of a dump say that are no entries, in order. */
export interface OtherLine {
  readonly kind: OtherItem['kind']
  readonly facts: object
}

/** The lines of what a journal, or one run of it, holds beside entries. */
export async function* otherLines(
  store: Store,
  run: string | undefined,
  anonymous: Anonymous | undefined,
): AsyncGenerator<readonly OtherLine[]> {
  const chunks = othersOf(store, run)
  if (anonymous === undefined) {
    for await (const items of chunks) {
      yield items.map(item => ({ kind: item.kind, facts: otherFacts(item) }))
    }
    return
  }
  // Fakes have an order of their own. What they change the order of are ids, which fit into memory.
  let waiting: [key: string, line: OtherLine][] = []
  const sorted = (): OtherLine[] => {
    const lines = waiting.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
    waiting = []
    return lines
  }
  for await (const items of chunks) {
    const lines: OtherLine[] = []
    for (const item of items) {
      const facts = anonymous.facts({ ...otherFacts(item) })
      const line = { kind: item.kind, facts }
      if (waiting.length > 0 && waiting[0]?.[1].kind !== item.kind) lines.push(...sorted())
      const key = keyOfLine(facts)
      if (key === undefined) lines.push(line)
      else waiting.push([key, line])
    }
    yield lines
  }
  yield sorted()
}
