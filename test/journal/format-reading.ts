import { crc32 } from 'node:zlib'
import { Level } from 'level'
import { readDocument } from './format-document.ts'
import { fold, type Sum } from './format-fold.ts'
import type { Item, ItemMap } from './format-msgpack.ts'
import { mapOf, type Row, RowReader } from './format-rows.ts'
import { decodeBytes } from './format-value.ts'

export const document = readDocument()

/** A journal as docs/journal-format.md says that it is read. */
export interface Reading {
  /** Rows of a kind, in order of their keys. */
  readonly of: (kind: string) => Row[]
  /** What the records of each run add up to. */
  readonly sums: ReadonlyMap<string, Sum>
}

export async function readJournal(dir: string): Promise<Reading> {
  const db = new Level<string, Uint8Array>(dir, { createIfMissing: false, valueEncoding: 'view' })
  const reader = new RowReader(document)
  try {
    const rows = (await db.iterator().all()).map(([key, value]) => reader.open(key, value))
    const of = (kind: string): Row[] => rows.filter(row => row.kind === kind)
    const runs = [...new Set(of('record').map(runOf))]
    const records = (run: string): Row[] => of('record').filter(row => runOf(row) === run)
    return { of, sums: new Map(runs.map(run => [run, fold(records(run), document)])) }
  } finally {
    await db.close()
  }
}

export const runOf = ({ names }: Row): string => names.run ?? ''

export const field = (row: Row | undefined, name: string): Item =>
  mapOf(row?.body).get(name) ?? null

export const plainEntry = (entry: ItemMap): object =>
  Object.fromEntries([...entry].map(([name, item]) => [name, plainItem(item)]))

function plainItem(item: Item): unknown {
  if (item instanceof Uint8Array) return decodeBytes(item)
  if (item instanceof Map) return plainEntry(item)
  return Array.isArray(item) ? item.map(plainItem) : item
}

export const digestOf = (keys: readonly string[]): ItemMap =>
  new Map([
    ['count', keys.length],
    ['sum', keys.reduce((sum, key) => (sum + crc32(key)) % 2 ** 32, 0)],
  ])
