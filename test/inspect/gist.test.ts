import { beforeAll, expect, test } from 'vitest'
import { seal, unseal } from '../../journal/envelope.ts'
import type { Head } from '../../journal/head.ts'
import { keys } from '../../journal/keys.ts'
import { JournalReader } from '../../journal/reader.ts'
import { gistsOf } from '../../src/inspect/gist.ts'
import { laneRows, type Rows, storeOf } from '../journal/sample-store.ts'

let rows: Rows
let heads: Head[]

beforeAll(async () => {
  rows = await laneRows()
  heads = await headsIn(await readerOf(rows))
})

const readerOf = async (some: Rows): Promise<JournalReader> =>
  new JournalReader(await storeOf(some))

async function headsIn(reader: JournalReader): Promise<Head[]> {
  const found: Head[] = []
  for (const which of ['active', 'ended'] as const) {
    for await (const head of reader.heads(which)) found.push(head)
  }
  return found
}

/** A run of several records, and the key of its second. */
async function longer(): Promise<{ head: Head; second: string }> {
  for (const head of heads) {
    const seqs: number[] = []
    for await (const { seq } of (await readerOf(rows)).records(head)) seqs.push(seq)
    const [, second, third] = seqs
    if (second !== undefined && third !== undefined)
      return { head, second: keys.record(head.run, second) }
  }
  throw new Error('there is none')
}

test('the heads of many runs are those of each, wherever they lie', async () => {
  const reader = await readerOf(rows)
  const runs = ['none', ...heads.map(({ run }) => run)].reverse()
  expect(await reader.headsOf(runs)).toEqual(await Promise.all(runs.map(run => reader.head(run))))
  const ended = heads.map(({ run, outcome }) => outcome && run)
  const told = (await reader.endedHeads(heads.map(({ run }) => run))).map(head => head?.run)
  expect(told).toEqual(ended)
})

test('the gists of runs are the same whether their records are read at once or in a row', async () => {
  const reader = await readerOf(rows)
  const gists = await gistsOf(reader, heads)
  expect(gists.map(({ run }) => run)).toEqual(heads.map(({ run }) => run))
  const inRow = {
    records: (head: Head) => reader.records(head),
    shortRuns: async (some: readonly Head[]) => some.map(() => undefined),
  }
  expect(gists).toEqual(await gistsOf(inRow, heads))
  const ends = new Set(gists.map(({ end }) => end?.type))
  expect(ends).toContain('run.failed')
  expect(ends).toContain('run.continued')
  expect(gists.some(({ steps }) => steps === 1)).toBe(true)
  expect(gists.some(({ open }) => open.some(({ kind }) => kind === 'sleep'))).toBe(true)
  expect(gists.some(({ open }) => open.some(({ kind }) => kind === 'queue'))).toBe(true)
})

test('short runs are read whole, and at once', async () => {
  const reader = await readerOf(rows)
  const short = heads.filter(({ seq }) => seq <= 32)
  const found = await reader.shortRuns(short)
  for (const [at, head] of short.entries()) {
    const records = []
    for await (const record of reader.records(head)) records.push(record)
    expect(found[at]).toEqual(records)
  }
})

test('what is not as the head says is not taken for it', async () => {
  const { head, second } = await longer()
  const reader = await readerOf(rows)
  const others = [
    { ...head, seq: head.seq - 1 },
    { ...head, link: head.link + 1 },
  ]
  expect(await reader.shortRuns(others)).toEqual([undefined, undefined])
  const { epoch, body } = unseal(second, rows.get(second) ?? Buffer.alloc(0))
  const other = Uint8Array.from(seal(second, epoch, { ...Object(body), at: 1 }).bytes)
  const changed = await readerOf(new Map([...rows, [second, other]]))
  expect(await changed.shortRuns([head])).toEqual([undefined])
  const without = await readerOf(new Map([...rows].filter(([key]) => key !== second)))
  await expect(gistsOf(without, [head])).rejects.toThrow(/missing|follow/)
})

test('a run that was removed since its head was read has no gist', async () => {
  const { head } = await longer()
  const { run } = head
  const left = [...rows].filter(([key]) => !key.includes(run))
  const other = heads.find(some => some.run !== run && !some.run.includes(run))
  const gists = await gistsOf(await readerOf(new Map(left)), [head, other ?? head])
  expect(gists.map(gist => gist.run)).toEqual([other?.run])
})
