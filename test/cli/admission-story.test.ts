import { expect, test } from 'vitest'
import { headBody } from '../../journal/head.ts'
import { emptyLedger, noteRecord } from '../../journal/ledger.ts'
import { openOn } from '../../journal/open.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { short } from '../../src/cli/short.ts'
import { Story } from '../../src/cli/story.ts'
import { noSecrets } from '../../src/inspect/secrets.ts'
import { fillLanes } from '../journal/lanes.ts'
import { memoryStore } from '../journal/sample-store.ts'

test('a story tells how a run was admitted, or that it was not', async () => {
  const { journal } = await openOn(await memoryStore(), { path: 'memory', now: 3_999_999_000_000 })
  const { records } = await fillLanes(journal)
  const told = (run: string): string[] => {
    const own = records.filter(record => record.run === run)
    const ledger = emptyLedger(run)
    for (const record of own) noteRecord(ledger, record)
    const story = new Story(
      { run, ...headBody(ledger) },
      {
        ...{ columns: 200, colors: false },
        short: bytes => short(bytes, noSecrets),
      },
    )
    const lines = own.map(record => story.lines({ ...record, link: 0, check: 0 } as StoredRecord))
    return lines
      .join('')
      .trimEnd()
      .split('\n')
      .map(line => line.replace(/^ *\d+ {2}\S+ {2}/, '').replace(/ {2,}/g, ' | '))
  }
  const slot = '["run","mail","",""]'
  const rate = '["rate","mail","",""]'
  expect(told('m-batch').slice(1)).toEqual([
    'gather.set | batch | for 16m40s | by size',
    'deadline.set | to start | for 16m40s',
    "run.joined | for 16m40s1ms | app/mailed evt_m 1, 'more'",
  ])
  expect(told('o-full').slice(2)).toEqual([
    'run.joined | (full) | app/mailed evt_m 1',
    `slot.set | ${slot}`,
    'run.started',
  ])
  expect(told('q-queued').slice(-2)).toEqual([
    `queue.set | place 1 | ${slot}, ${rate}`,
    'deadline.moved | to start | gone',
  ])
  expect(told('r-begun').at(-1)).toBe('deadline.moved | to finish | for 16m40s9ms')
  expect(told('t-refused').at(-1)).toBe('run.skipped | backlog')
  expect(told('u-joined').at(-1)).toBe('run.skipped | joined | by m-batch')
})
