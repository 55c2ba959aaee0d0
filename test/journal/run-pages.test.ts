import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dump } from '../../journal/dump.ts'
import type { Entry, Record } from '../../journal/entry.ts'
import type { Journal } from '../../journal/journal.ts'
import { emptyLedger, noteRecord } from '../../journal/ledger.ts'
import { openOn } from '../../journal/open.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { readPages } from '../../journal/run-pages.ts'
import { verify } from '../../journal/verify.ts'
import { memoryStore } from './sample-store.ts'

const data = Buffer.of(0x10)

function entriesOf(turn: number, turns: number, seq: number): readonly Entry[] {
  const next: Entry =
    turn === turns - 1
      ? { type: 'run.completed', output: data }
      : { type: 'step.scheduled', id: `step-${turn}` }
  return turn === 0
    ? [{ type: 'run.scheduled', workflow: 'w', data, seed: '' }, { type: 'run.started' }, next]
    : [{ type: 'step.succeeded', of: seq - 1, attempt: 0, value: data }, next]
}

/** Appends a run of as many records; without its last one it has not ended. */
function append(journal: Journal, run: string, turns: number, ends: boolean): void {
  const ledger = emptyLedger(run)
  for (let turn = 0; turn < (ends ? turns : turns - 1); turn++) {
    const { seq } = ledger
    const entries = entriesOf(turn, turns, seq)
    const record: Record = { run, seq, at: 5, elapsed: 5, entries }
    noteRecord(ledger, record)
    void journal.append([{ record, ledger }])
  }
}

// Ids that are the beginnings of others, and chars from both ends of what an id may hold.
const runId = fc.string({
  unit: fc.constantFrom('-', '0', 'Z', '_', 'z'),
  minLength: 1,
  maxLength: 4,
})

test('pages hold the records of all runs, each under its head', async () => {
  const run = fc.record({ turns: fc.integer({ min: 2, max: 5 }), ends: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.dictionary(runId, run, { maxKeys: 30 }), async runs => {
      const store = await memoryStore()
      const { journal, meta } = await openOn(store, { path: '', now: 5 })
      // Long enough that chunks end within it.
      append(journal, 'K', 1_100, true)
      for (const [id, { turns, ends }] of Object.entries(runs)) {
        append(journal, id, turns, ends)
      }
      await journal.append([])
      const pages = new Map<string, StoredRecord[]>()
      for await (const some of readPages(store)) {
        for (const { head, records } of some) {
          expect(head).toEqual(await journal.head(head.run))
          const before = pages.get(head.run) ?? []
          pages.set(head.run, [...before, ...records])
        }
      }
      expect([...pages.keys()]).toEqual(['K', ...Object.keys(runs)].sort())
      for (const [id, records] of pages) {
        const head = (await journal.head(id))!
        expect(records).toEqual(await all(journal.records(head)))
        const alone = (await all(readPages(store, id))).flat()
        expect(alone.flatMap(page => page.records)).toEqual(records)
      }
      const lines = (await all(dump({ store, meta, tip: journal.tip }))).join('').split('\n')
      const entries = lines.length - 3
      const trailer = { kind: 'trailer', runs: pages.size, entries }
      expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject(trailer)
      expect(await all(verify(store))).toEqual([])
    }),
    { numRuns: 15, endOnFailure: true },
  )
})

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}
