import { expect, test } from 'vitest'
import { type Manifest, parseManifest } from '../../../journal/leveldb/manifest.ts'
import { FULL, fragment } from './fragment.ts'
import { refusal } from './store.ts'

const key = (text: string): number[] => [text.length, ...Buffer.from(text)]
const added = (level: number, number: number, bytes: number): number[] => [
  ...[7, level, number, bytes],
  ...key('a12345678'),
  ...key('z12345678'),
]
const opening = [1, ...key('comparator'), 2, 3, 9, 0, 3, 5, 4, 20]

/** What edits in these records lead to. */
function fold(...edits: readonly (readonly number[])[]): Promise<Manifest> {
  const records = edits.map(edit => fragment(FULL, Uint8Array.from(edit)))
  return parseManifest('dir', 'MANIFEST-000001', Buffer.concat(records))
}

test('the tables are those added and not deleted, by level', async () => {
  const { tables, logNumber, lastSequence } = await fold(
    opening,
    [...added(0, 7, 100), ...added(0, 8, 101)],
    [6, 0, 7, ...added(2, 9, 102)],
    // One is moved: deleted where it was, added where it goes, in either order.
    [6, 0, 8, ...added(1, 8, 101)],
    [5, 1, ...key('pointer'), ...added(2, 8, 101), 6, 1, 8],
    [2, 11, 4, 90],
  )
  expect(tables.map(({ number, bytes }) => [number, bytes])).toEqual([
    [9, 102],
    [8, 101],
  ])
  expect(Buffer.from(tables[0]!.smallest).toString()).toBe('a12345678')
  expect(Buffer.from(tables[0]!.largest).toString()).toBe('z12345678')
  expect({ logNumber, lastSequence }).toEqual({ logNumber: 11, lastSequence: 90 })
})

test('an edit that adds and deletes the same table at one level keeps it', async () => {
  const { tables } = await fold(opening, added(1, 7, 100), [...added(1, 7, 100), 6, 1, 7])
  expect(tables).toHaveLength(1)
})

test('a log begins after the last write known when it was named, whatever came later', async () => {
  expect((await fold(opening, [2, 3, 4, 60])).loggedAfter).toBe(20)
  expect((await fold(opening, [2, 3, 4, 60], [2, 8, 4, 70], [2, 8, 4, 99])).loggedAfter).toBe(70)
})

test.each([
  ['an unknown field', [...opening, 8, 1]],
  ['a field cut short', [...opening, 7, 1]],
  ['a key cut short', [...opening, 5, 1, 9, 1]],
  ['a number longer than needed', [2, 0x83, 0, 3, 5, 4, 20]],
  ['a number no file has', [2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
])('%s is damage', async (_, edit) => {
  const error = await refusal(fold(opening, edit))
  expect(error.code).toBe('JOURNAL_CORRUPT')
  expect(error.message).toContain('unreadable edit')
})

test.each([[[3, 5, 4, 20]], [[2, 3, 4, 20]], [[2, 3, 3, 5]]])(
  'without one of the numbers it needs (%j), it is damage',
  async edit => {
    expect((await refusal(fold(edit))).message).toContain(
      'before the state of the store is complete',
    )
  },
)
