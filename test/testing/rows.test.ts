import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rows } from '../../src/testing/rows.ts'

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

// The last two change places by UTF-16 units.
const plain = fc.string({ unit: fc.constantFrom('a', 'b', '!', '\uffff'), maxLength: 4 })
const any = fc.string({ unit: fc.constantFrom('a', '!', '\uffff', '\u{1f600}'), maxLength: 4 })

const change = (key: fc.Arbitrary<string>) =>
  fc.record({ key, kind: fc.constantFrom('set', 'set', 'set', 'delete', 'clear') })
const changes = fc.oneof(
  fc.array(change(plain), { maxLength: 60 }),
  fc.array(change(any), { maxLength: 60 }),
)

test('are in the order of bytes, whatever is done', () => {
  fc.assert(
    fc.property(changes, any, any, fc.boolean(), fc.nat(5), (made, gte, lt, reverse, limit) => {
      const rows = new Rows()
      const model = new Map<string, Uint8Array>()
      for (const [at, { key, kind }] of made.entries()) {
        const value = Uint8Array.of(at)
        for (const each of [rows, model]) {
          if (kind === 'set') each.set(key, value)
          else if (kind === 'delete') each.delete(key)
          else if (at % 7 === 0) each.clear()
        }
      }
      const inside = [...model].filter(([key]) => byBytes(key, gte) >= 0 && byBytes(key, lt) < 0)
      inside.sort(([a], [b]) => byBytes(a, b))
      if (reverse) inside.reverse()
      expect(rows.between({ gte, lt }, { reverse })).toEqual(inside)
      expect(rows.between({ gte, lt }, { reverse, limit })).toEqual(inside.slice(0, limit))
      expect([...rows]).toEqual([...model])
    }),
    { numRuns: 400 },
  )
})

test('are so when there are many, added and removed in any order', () => {
  const rows = new Rows()
  const key = (n: number): string => String((n * 7_919) % 9_973).padStart(5, '0')
  for (let n = 0; n < 9_973; n++) rows.set(key(n), Uint8Array.of(1))
  for (let n = 0; n < 9_973; n += 3) rows.delete(key(n))
  for (let n = 0; n < 9_973; n += 6) rows.set(key(n), Uint8Array.of(2))
  const sorted = [...rows.keys()].sort()
  expect(rows.between({ gte: '', lt: '~' }).map(([found]) => found)).toEqual(sorted)
  const backward = rows.between({ gte: '01000', lt: '09000' }, { reverse: true, limit: 2_000 })
  const inside = sorted.filter(found => found >= '01000' && found < '09000').reverse()
  expect(backward.map(([found]) => found)).toEqual(inside.slice(0, 2_000))
  // From here on their order is by bytes: the same, as long as nothing is beyond the basic plane.
  rows.set('\u{1f600}', Uint8Array.of(3))
  rows.set('\uffff', Uint8Array.of(3))
  const all = rows.between({ gte: '', lt: '\u{10ffff}' }).map(([found]) => found)
  expect(all).toEqual([...sorted, '\uffff', '\u{1f600}'])
})
