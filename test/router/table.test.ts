import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bucket, Entry } from '../../src/router/bucket.ts'
import { Table } from '../../src/router/table.ts'

interface Ref {
  readonly id: number
}

// Few homes for many tags, some of them at the end of the table so that they run over its edge.
const tag = fc.oneof(
  fc.tuple(fc.constantFrom(0, 1, 7, 31, 63), fc.nat(30)).map(([low, high]) => low + 64 * high),
  fc.integer({ min: 0, max: 2 ** 30 - 1 }),
)
const moves = fc.array(fc.record({ tag, isSet: fc.boolean(), isTwo: fc.boolean() }), {
  size: 'max',
  maxLength: 300,
})

describe('a table', () => {
  test('does what a Map does', () => {
    fc.assert(
      fc.property(moves, moves => {
        const table = new Table<Ref>()
        const map = new Map<number, Bucket<Ref>>()
        const check = (tag: number): void => {
          const bucket = map.get(tag)
          const ref = bucket instanceof Entry ? bucket.ref : bucket && null
          if (table.get(tag) !== bucket || table.peek(tag) !== ref) throw new Error(`tag ${tag}`)
        }
        for (const [id, { tag, isSet, isTwo }] of moves.entries()) {
          const entry = new Entry(id, { id }, undefined)
          const bucket = isTwo ? [entry, entry] : entry
          if (isSet) {
            table.set(tag, bucket)
            map.set(tag, bucket)
          } else {
            table.delete(tag)
            map.delete(tag)
          }
          check(tag)
          expect(table.size).toBe(map.size)
        }
        for (const { tag } of moves) check(tag)
        for (const { tag } of moves) {
          table.delete(tag)
          map.delete(tag)
          for (const tag of map.keys()) check(tag)
        }
        expect(table.size).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})
