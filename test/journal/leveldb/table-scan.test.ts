import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LiveTable } from '../../../journal/leveldb/manifest.ts'
import { readManifest } from '../../../journal/leveldb/manifest.ts'
import { scanTable } from '../../../journal/leveldb/table-scan.ts'
import { bytesOf, openStore, scratch, write } from './store.ts'

const dirs = scratch()

describe.each([
  ['compressed', true],
  ['plain', false],
])('tables with %s blocks', (_, compression) => {
  let dir: string
  let tables: readonly LiveTable[]
  const pathOf = (table: LiveTable): string =>
    join(dir, `${String(table.number).padStart(6, '0')}.ldb`)

  beforeAll(async () => {
    dir = await dirs('tables')
    const db = await openStore(dir, { compression })
    await write(db, new Map(), { from: 1, to: 300, valueBytes: 900 })
    await db.put('large', bytesOf('large', 700_000))
    await db.close()
    // Opening again turns the log into a table.
    await (await openStore(dir, { compression })).close()
    tables = (await readManifest(dir)).tables
  })

  test('are found whole, and to be the ones the MANIFEST names', async () => {
    expect(tables.length).toBeGreaterThan(0)
    for (const table of tables) {
      expect(await scanTable(pathOf(table))).toEqual([])
      expect(await scanTable(pathOf(table), table)).toEqual([])
    }
  })

  test('every flipped byte is found, and named by the offset of its block', async () => {
    const path = pathOf(tables[0]!)
    const bytes = await readFile(path)
    const ends = Array.from({ length: 60 }, (_, at) => bytes.length - 1 - at)
    const spread = Array.from({ length: 90 }, (_, at) => Math.floor((at * bytes.length) / 90))
    for (const at of [...ends, ...spread]) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1 << (at % 8)
      await writeFile(path, flipped)
      const findings = await scanTable(path)
      expect(findings.length, `byte ${at} of ${bytes.length}`).toBe(1)
      expect(findings[0]!.offset).toBeLessThanOrEqual(at)
    }
    await writeFile(path, bytes)
  })

  test('all damaged blocks are listed, not only the first', async () => {
    const path = pathOf(tables[0]!)
    const bytes = await readFile(path)
    const damaged = Buffer.from(bytes)
    for (const at of [10, 20_000, 40_000]) damaged[at]! ^= 4
    await writeFile(path, damaged)
    expect(await scanTable(path)).toHaveLength(3)
    await writeFile(path, bytes)
  })

  test('cut short at any length is found', async () => {
    const path = pathOf(tables[0]!)
    const bytes = await readFile(path)
    for (const length of [0, 1, 47, 48, 49, 5_000, bytes.length - 48, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length))
      expect(await scanTable(path), `length ${length}`).not.toEqual([])
    }
    await writeFile(path, bytes)
  })

  test('another whole table in its place is found', async () => {
    const [table] = tables
    const other = { ...table!, largest: Buffer.from('zzzz-12345678') }
    expect(await scanTable(pathOf(table!), other)).toMatchObject([
      { why: 'is another table than the MANIFEST names' },
    ])
    const first = { ...table!, smallest: Buffer.from('key-000-12345678') }
    expect(await scanTable(pathOf(table!), first)).toHaveLength(1)
  })

  test('a scan lets the event loop run', async () => {
    let turns = 0
    const count = (): void => {
      turns++
      next = setImmediate(count)
    }
    let next = setImmediate(count)
    for (const table of tables) await scanTable(pathOf(table))
    clearImmediate(next)
    expect(turns).toBeGreaterThan(2)
  })
})

test('a table that was deleted meanwhile has no findings', async () => {
  expect(await scanTable(join(await dirs(), '000005.ldb'))).toEqual([])
})

test('a footer that claims the impossible is a finding, not an allocation', async () => {
  const path = join(await dirs(), '000005.ldb')
  const footer = Buffer.alloc(48)
  footer.fill(0xff, 0, 6)
  Buffer.from([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]).copy(footer, 40)
  await writeFile(path, footer)
  expect(await scanTable(path)).toHaveLength(1)
})
