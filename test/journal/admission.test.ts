import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredHeld, StoredLimit, StoredQueued } from '../../journal/admission.ts'
import type { Entry, Record } from '../../journal/entry.ts'
import { unseal } from '../../journal/envelope.ts'
import { keys, parseKey } from '../../journal/keys.ts'
import {
  emptyLedger,
  isPassive,
  type Ledger,
  note,
  noteRecord,
  startOf,
} from '../../journal/ledger.ts'
import { openOn } from '../../journal/open.ts'
import { JournalReader } from '../../journal/reader.ts'
import { startJournal } from '../../journal/start.ts'
import { verify } from '../../journal/verify.ts'
import { forge } from './damage.ts'
import { GATHER, LIMIT, QUEUED, SLOT } from './damage-to-admission.ts'
import { fillLanes, LANE, RATE, scheduled, value } from './lanes.ts'
import { laneRows, memoryStore, type Rows, sampleRows, storeOf } from './sample-store.ts'

const OPTIONS = { durability: 'fsync', now: Date.UTC(2030, 0, 3) } as const

let whole: Rows
beforeAll(async () => {
  whole = await laneRows()
})

async function opened(rows: Rows) {
  const queued: StoredQueued[] = []
  const held: StoredHeld[] = []
  const limits: StoredLimit[] = []
  const kinds = new Set<'held' | 'queued'>()
  const { journal } = await startJournal(await storeOf(rows), {
    ...OPTIONS,
    onQueued: each => kinds.add('queued') && queued.push(each),
    onHeld: each => kinds.add('held') && held.push(each),
    onLimit: each => limits.push(each),
  })
  return { journal, queued, held, limits, kinds: [...kinds] }
}

describe('an opening', () => {
  test('is given what waits, what is held and gathered, and the states of limits', async () => {
    const { queued, held, limits, journal, kinds } = await opened(whole)
    // Who holds what is known when those come that wait.
    expect(kinds).toEqual(['held', 'queued'])
    expect(queued.map(({ run, rank, place, seq }) => [run, rank, place, seq])).toEqual([
      ['q-queued', 4, 1, 2],
      ['p-over', 5, 0, 3],
    ])
    expect(queued[0]).toMatchObject({ lane: LANE, workflow: 'mail', bytes: 8 })
    expect(queued[0]?.holds).toHaveLength(1)
    expect(queued[1]?.limits).toEqual(queued[0]?.limits)
    expect(held.map(({ run, kind }) => [run, kind])).toEqual([
      ['m-batch', 'gather'],
      ['n-debounce', 'gather'],
      ['o-full', 'slot'],
      ['r-begun', 'slot'],
      ['s-asked', 'slot'],
    ])
    const bytes = [{ to: 'm-batch' }, 1, 'more'].reduce<number>(
      (sum, data) => sum + value(data).length,
      0,
    )
    expect(held[0]).toEqual({
      ...{ run: 'm-batch', seq: 1, kind: 'gather', gather: 'batch', key: 'by size', mode: 'all' },
      ...{ due: 4_000_000_000_001, ts: 7, count: 3, bytes, workflow: 'mail' },
    })
    expect(limits).toEqual([{ id: RATE, body: { at: 2 }, check: expect.any(Number) }])
    expect(journal.tip.counts.queued).toBe(4)
  })

  test.each([
    ['a run is gone from its lane', QUEUED, 'q!'],
    ['a gathering is gone', GATHER, 'q!'],
    ['a slot is gone', SLOT, 'q!'],
    ['the state of a limit is gone', LIMIT, 'k!'],
  ])('finds that %s', async (_, key, place) => {
    const rows = new Map(whole)
    rows.delete(key)
    await expect(opened(rows)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT', facts: { place } })
  })

  test('finds that a row was invented, or the state of a limit is another', async () => {
    const at = keys.held('t-refused', 1)
    const invented = new Map(whole).set(at, whole.get(SLOT)!)
    await expect(opened(invented)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' })
    const older = new Map(whole)
    forge(older, LIMIT, () => ({ at: 1 }))
    await expect(opened(older)).rejects.toMatchObject({ facts: { place: 'k!' } })
  })

  test('goes on where the one before it was: digests, and places in lanes', async () => {
    const store = await storeOf(whole)
    const { journal } = await startJournal(store, OPTIONS)
    let place: number | undefined
    await journal.change(group => {
      place = group.nextPlace()
      const { check } = unseal(LIMIT, whole.get(LIMIT)!)
      group.dropLimit(RATE, check)
    })
    expect(place).toBe(4)
    expect(journal.tip.limits.count).toBe(0)
    await journal.close()
    const findings: unknown[] = []
    for await (const finding of verify(store)) findings.push(finding)
    expect(findings).toEqual([])
  })
})

test('the rows of a lane are read in order, behind a place, and those of no other lane', async () => {
  const store = await memoryStore()
  const { journal } = await openOn(store, { path: 'memory', now: 5 })
  const hand = await fillLanes(journal)
  const beside = { ...(await hand.queue('beside', 0, [])), lane: `${LANE}x` } as Entry
  await hand.write('beside', scheduled('beside'), beside)
  for (const [run, rank] of [
    ['late', 5],
    ['far', 2e15],
    ['soon', 10],
  ] as const)
    await hand.write(run, scheduled(run), await hand.queue(run, rank, []))
  const reader = new JournalReader(store)
  const read = async (...args: Parameters<JournalReader['queued']>): Promise<string[]> => {
    const runs: string[] = []
    for await (const { run } of reader.queued(...args)) runs.push(run)
    return runs
  }
  expect(await read(LANE)).toEqual(['q-queued', 'p-over', 'late', 'soon', 'far'])
  expect(await read(LANE, undefined, 2)).toEqual(['q-queued', 'p-over'])
  expect(await read(LANE, { rank: 5, place: 0 })).toEqual(['late', 'soon', 'far'])
  expect(await read(LANE, { rank: 4, place: 9 }, 1)).toEqual(['p-over'])
  expect(await read('nobody')).toEqual([])
})

test('a journal of old says nothing of admission, and is opened and goes on as before', async () => {
  const rows = await sampleRows()
  const news = ['admission', 'limits', 'queued']
  const bodies = [...rows].map(([key, bytes]) => unseal(key, bytes).body)
  for (const name of news) expect(JSON.stringify(bodies)).not.toContain(`"${name}"`)
  const store = await storeOf(rows)
  const { journal } = await startJournal(store, OPTIONS)
  expect(journal.tip).toMatchObject({ admission: { count: 0 }, limits: { count: 0 } })
  expect(journal.tip.counts).toMatchObject({ queued: 0 })
  await fillLanes(journal)
  await journal.close()
  for await (const finding of verify(store)) expect(finding).toBeUndefined()
})

test('what stands in keys is read from them again', () => {
  for (const lane of ['', 'a', LANE, '!"%41\u{1f600}', 'ä'.repeat(9)]) {
    const key = keys.queued(lane, 3, 4, 'run', 5)
    expect(key).toMatch(/^q![\w.~/@%-]*!/)
    expect(parseKey.queued(key)).toEqual({ lane, rank: 3, place: 4, run: 'run', seq: 5 })
    expect(parseKey.limit(keys.limit(lane))).toBe(lane)
  }
  const far = parseKey.queued(keys.queued('a', 1e300, -3, 'run', 5))
  expect(far).toMatchObject({ rank: Number.MAX_SAFE_INTEGER, place: 0 })
})

describe('the fold', () => {
  let ledger: Ledger
  const begin = (...entries: readonly Entry[]): void => {
    ledger = emptyLedger('r')
    for (const entry of [scheduled('r'), ...entries]) note(ledger, entry)
  }
  const kinds = (): string[] => [...ledger.open.values()].map(({ kind }) => kind)
  const gather = {
    type: 'gather.set',
    gather: 'batch',
    key: 'k',
    mode: 'all',
    due: 9,
    ts: 1,
  } as const
  const place = { lane: 'l', rank: 1, place: 0, limits: ['a'], bytes: 3 }
  const queue = { type: 'queue.set', ...place, holds: ['a'] } as const
  const joined = { type: 'run.joined', events: [{ data: value(1) }] } as const
  const toStart = { type: 'deadline.set', phase: 'start', due: 5 } as const
  const toFinish = { type: 'deadline.set', phase: 'finish', due: 5 } as const

  test('a gathering counts what joins, and keeps its time unless it is given another', () => {
    begin(gather, toStart)
    note(ledger, joined)
    const first = { to: 'r' }
    const bytes = value(first).length + value(1).length
    expect(startOf(ledger)).toMatchObject({ seq: 1, count: 2, bytes, due: 9 })
    note(ledger, { ...joined, due: 12 })
    expect(startOf(ledger)).toMatchObject({ seq: 1, count: 3, due: 12 })
    expect(isPassive(ledger)).toBe(true)
    note(ledger, { ...joined, full: true })
    expect(startOf(ledger)).toBeUndefined()
    expect(isPassive(ledger)).toBe(false)
    expect(() => note(ledger, joined)).toThrow('nothing is gathered in run r')
  })

  test('a record that joins closes the gathering, and opens it again', () => {
    begin(gather)
    const record: Record = { run: 'r', seq: 2, at: 1, elapsed: 1, entries: [joined] }
    noteRecord(ledger, record)
    expect(ledger.changes.map(({ op, what }) => [op, what.kind, what.seq])).toEqual([
      ['closed', 'gather', 1],
      ['opened', 'gather', 1],
    ])
  })

  test('every parent is kept: of the first, and of what joined', () => {
    const [one, two] = [
      { run: 'p', seq: 1 },
      { run: 'q', seq: 2 },
    ]
    ledger = emptyLedger('r')
    note(ledger, { ...scheduled('r'), parent: one })
    note(ledger, gather)
    note(ledger, { ...joined, events: [{ data: value(1), parent: two }, { data: value(2) }] })
    expect(ledger.parents).toEqual([one, two])
    ledger = emptyLedger('r')
    note(ledger, { ...scheduled('r'), parents: [one, two] })
    expect(ledger.parents).toEqual([one, two])
    begin()
    expect(ledger.parents).toEqual([])
  })

  test('a start turns a place into what it holds, and ends the deadline to start', () => {
    begin(toStart, toFinish, queue)
    expect(isPassive(ledger)).toBe(true)
    note(ledger, { type: 'run.started' })
    expect(kinds()).toEqual(['deadline', 'slot'])
    expect(ledger.open.get(3)).toMatchObject({ kind: 'slot', holds: ['a'] })
    expect(ledger.open.get(2)).toMatchObject({ phase: 'finish', clock: 'elapsed', due: 5 })
    begin({ ...queue, holds: [] })
    note(ledger, { type: 'run.started' })
    expect(kinds()).toEqual([])
  })

  test('what is held or due is nothing that the code waits for', () => {
    begin({ type: 'slot.set', holds: ['a'] }, toFinish, { type: 'run.started' })
    expect(isPassive(ledger)).toBe(false)
    expect(ledger.open.size).toBe(ledger.aside)
    note(ledger, { type: 'timer.set', id: 's', clock: 'elapsed', due: 9 })
    expect(isPassive(ledger)).toBe(true)
  })

  test.each([
    ['a place in a lane', queue],
    ['a gathering', gather],
  ])('nor is %s, once a run that was parked before it began is brought back', (_, entry) => {
    begin(entry, { type: 'run.parked', code: 'POISON', report: value(null) })
    note(ledger, { type: 'run.unparked' })
    expect(isPassive(ledger)).toBe(false)
  })

  test('a request to cancel ends deadlines, and nothing else that is open aside', () => {
    begin({ type: 'slot.set', holds: ['a'] }, toFinish, queue, gather)
    note(ledger, { type: 'run.cancel_requested', reason: 'x' })
    expect(kinds()).toEqual(['slot', 'queue', 'gather'])
    note(ledger, { type: 'run.cancelled', reason: 'x' })
    expect(kinds()).toEqual([])
  })

  test('a run that is skipped has ended; one that joined another goes on as that', () => {
    begin(toStart, { type: 'run.skipped', reason: 'singleton', by: 'other' })
    expect(ledger).toMatchObject({ status: 'skipped', skippedFor: 'singleton', aside: 0 })
    expect(ledger.continuedAs).toBeUndefined()
    expect(ledger.outcome).toBeDefined()
    begin({ type: 'run.skipped', reason: 'joined', by: 'other' })
    expect(ledger).toMatchObject({ skippedFor: 'joined', continuedAs: 'other' })
    expect(() => note(ledger, { type: 'run.started' })).toThrow('cannot follow')
  })

  test('a run that has begun joins, queues and skips no more', () => {
    for (const entry of [joined, gather, queue, toStart] as const) {
      begin({ type: 'run.started' })
      if (entry === toStart) note(ledger, entry)
      else expect(() => note(ledger, entry)).toThrow('cannot follow')
    }
    expect(() => note(ledger, { type: 'run.skipped', reason: 'draining' })).toThrow('cannot follow')
  })
})
