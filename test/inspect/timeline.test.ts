import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { openReader } from '../../journal/open-reader.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { readPages } from '../../journal/run-pages.ts'
import { isOpen, type Span } from '../../src/inspect/span.ts'
import { type Timeline, TimelineFold } from '../../src/inspect/timeline.ts'
import { RunView, runsOn } from '../../src/testing/run-view.ts'
import { writeJournal } from '../journal/format-journal.ts'
import { carryOut } from '../laws/driver.ts'
import { plans } from '../laws/plan.ts'
import { watchScopes } from '../laws/scopes.ts'

const RUNS = 60

const scopes = watchScopes()
afterAll(() => scopes.disable())

/** What must hold of a timeline after each record. */
function examine(records: readonly StoredRecord[]): Timeline | undefined {
  const [first] = records
  if (first === undefined) return undefined
  const fold = new TimelineFold(first.run)
  const ledger = emptyLedger(first.run)
  for (const record of records) {
    fold.add(record)
    noteRecord(ledger, record)
    agrees(fold.timeline(), ledger)
  }
  const timeline = fold.timeline()
  eachEntryOnce(timeline)
  timeNeverGoesBack(timeline)
  return timeline
}

/** What is open is what the journal's own fold of the same entries has open. */
function agrees({ spans, status, ended, entries, workflow }: Timeline, ledger: Ledger): void {
  const open = spans.filter(isOpen).map(span => `${span.seq} ${openAs(span)} ${attemptOf(span)}`)
  const there = [...ledger.open.values()].flatMap(what => {
    if (what.kind === 'cancel' || what.kind === 'slot' || what.kind === 'deadline') return []
    return `${what.seq} ${what.kind} ${what.kind === 'step' ? what.attempt : ''}`
  })
  expect(open.sort()).toEqual(there.sort())
  const { outcome } = ledger
  const known = { status: ledger.status, entries: ledger.seq, workflow: ledger.workflow }
  expect({ status, entries, workflow }).toEqual(known)
  expect(ended).toEqual(outcome && { at: outcome.at, elapsed: outcome.elapsed })
}

const openAs = ({ kind, state }: Span): string => (state === 'backoff' ? `${kind}-backoff` : kind)

const attemptOf = ({ kind, state, attempts }: Span): string =>
  kind === 'step' && state === 'running' ? String(attempts.at(-1)?.number) : ''

function eachEntryOnce({ spans, marks, entries }: Timeline): void {
  const told = [
    ...spans.flatMap(({ seq, answers }) => [seq, ...answers]),
    ...marks.map(({ seq }) => seq),
  ]
  expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: entries }, (_, seq) => seq))
}

function timeNeverGoesBack({ scheduled, spans, marks, newest }: Timeline): void {
  const begun = spans.map(span => span.begun)
  const orders = [
    [scheduled, ...begun, newest],
    [scheduled, ...marks, newest],
    ...spans.map(({ begun, ended = newest, attempts }) => {
      const own = attempts.flatMap(({ begun, ended }) => [begun, ended ?? newest])
      const isLate = attempts.some(({ late }) => late !== undefined)
      return [begun, ...own, ...(isLate ? [] : [ended])]
    }),
  ]
  for (const order of orders) {
    for (const clock of ['at', 'elapsed'] as const) {
      const times = order.map(moment => moment[clock])
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  }
}

test('whatever a run goes through, its timeline tells each entry once', async () => {
  const seen = new Set<string>()
  const property = fc.asyncProperty(plans, async plan => {
    const { disk } = await carryOut(plan)
    for (const run of runsOn(disk.rows)) {
      const timeline = examine(new RunView(disk.rows, run).records())
      for (const { kind, state } of timeline?.spans ?? []) seen.add(`${kind} ${state}`)
    }
    scopes.disable()
  })
  await fc.assert(property, { numRuns: RUNS, seed: 1 })
  expect(seen.size).toBeGreaterThan(12)
})

test('a journal with every kind of entry', async () => {
  const root = await mkdtemp(join(tmpdir(), 'perdure-timeline-'))
  try {
    await writeJournal(join(root, 'journal'))
    const opened = await openReader(join(root, 'journal'), { scratch: root })
    const runs = new Map<string, StoredRecord[]>()
    for await (const pages of readPages(opened.store)) {
      for (const { head, records } of pages) {
        runs.set(head.run, [...(runs.get(head.run) ?? []), ...records])
      }
    }
    const states = new Set<string>()
    for (const records of runs.values()) {
      for (const { kind, state } of examine(records)?.spans ?? []) states.add(`${kind} ${state}`)
    }
    await opened.close()
    expect([...states].sort()).toMatchInlineSnapshot(`
      [
        "child cancelled",
        "child failed",
        "child ok",
        "child timed-out",
        "child waiting",
        "code ok",
        "gather ok",
        "gather waiting",
        "queue ok",
        "queue waiting",
        "send ok",
        "sleep cancelled",
        "sleep ok",
        "sleep waiting",
        "start ok",
        "start waiting",
        "step backoff",
        "step cancelled",
        "step ok",
        "wait cancelled",
        "wait ok",
        "wait timed-out",
        "wait waiting",
      ]
    `)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
