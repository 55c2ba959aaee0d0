import { describe, expect, test } from 'vitest'
import { startJournal } from '../../journal/start.ts'
import { Disk } from '../../src/testing/disk.ts'

describe('the writer of a journal', () => {
  test('forgets no append, in whichever microtask after the last commit it comes', async () => {
    for (let depth = 0; depth < 12; depth++) {
      const options = { durability: 'fsync', now: 5, newId: 'j' } as const
      const { journal } = await startJournal(new Disk().open(), options)
      let marked = journal.change(() => {})
      for (let i = 0; i < depth; i++) marked = marked.then(() => {})
      await marked
      await journal.change(() => {})
      await journal.close()
    }
  })

  test('never lets the time of its commits go back', async () => {
    const disk = new Disk()
    const { journal } = await startJournal(disk.open(), { durability: 'fsync', now: 5, newId: 'j' })
    const { emptyLedger, noteRecord } = await import('../../journal/ledger.ts')
    const ledger = emptyLedger('r')
    const data = new Uint8Array([0x10])
    const scheduled = { type: 'run.scheduled', workflow: 'w', data, seed: 's' } as const
    const record = { run: 'r', seq: 0, at: 100, elapsed: 90, entries: [scheduled] }
    noteRecord(ledger, record)
    const appended = journal.append([{ record, ledger }])
    await null
    await null
    await Promise.all([appended, journal.change(() => {})])
    const times: number[] = []
    for await (const { at } of journal.commits()) times.push(at)
    expect(times).toEqual([5, 100, 100])
  })
})
