import { encodeValue } from '../codec/encode.ts'
import type { Loading } from '../dump/loading.ts'
import type { Record } from '../entry.ts'
import { parseKey, ranges } from '../keys.ts'
import { emptyLedger, noteRecord } from '../ledger.ts'
import { isFinal, lifecycle } from '../lifecycle.ts'
import { openRecord } from '../reader.ts'
import type { CutRun, OnSalvage } from './report.ts'
import type { RunSurvey, RunVerdict } from './run-survey.ts'
import type { Versions } from './versions.ts'

/** What runs are parked for of which something is missing. */
const PARKED_FOR = 'JOURNAL_CORRUPT'

interface Instant {
  readonly at: number
  readonly elapsed: number
}

/**
 * Saves the records that follow each other from the first of a run on. A run of which the end is gone
 * has done more than its records say: to go on from there would do it again. So it is parked, and so
 * is a run that waits for a child which is gone; what has ended stays as it is.
 */
export async function saveRuns(
  versions: Versions,
  survey: RunSurvey,
  loading: Loading,
  now: Instant,
  onProgress?: OnSalvage,
): Promise<readonly CutRun[]> {
  const cut: CutRun[] = []
  const total = [...survey.saved.values()].reduce((sum, { entries }) => sum + entries, 0)
  let current: Saving | undefined
  for await (const { key, newest, whole } of versions.scan(ranges.records())) {
    const { run, seq } = parseKey.record(key)
    const verdict = survey.saved.get(run)
    if (newest === 'deleted' || whole === undefined) continue
    if (verdict === undefined || seq >= verdict.entries) continue
    if (current?.run !== run) {
      if (current !== undefined) end(current, loading, now, cut)
      current = { run, verdict, why: whyCut(verdict, survey), ledger: emptyLedger(run) }
    }
    const { at, elapsed, entries } = openRecord(key, whole)
    const record = { run, seq, at, elapsed, entries }
    if (current.why !== undefined) noteRecord(current.ledger, record)
    loading.addRecord(record)
    onProgress?.({ phase: 'saving', done: loading.entries, total })
    if (loading.isFull) await loading.write()
  }
  if (current !== undefined) end(current, loading, now, cut)
  return cut
}

interface Saving {
  readonly run: string
  readonly verdict: RunVerdict
  readonly why: string | undefined
  readonly ledger: ReturnType<typeof emptyLedger>
}

function whyCut({ why, isFinal, children }: RunVerdict, { saved }: RunSurvey): string | undefined {
  if (why !== undefined || isFinal) return why
  const gone = children.find(child => !saved.has(child))
  return gone === undefined ? undefined : `its child ${gone} is gone`
}

function end({ run, why, ledger }: Saving, loading: Loading, now: Instant, cut: CutRun[]): void {
  if (why === undefined) return
  const { seq, status } = ledger
  const parks = !isFinal(status) && lifecycle[status]['run.parked'] !== undefined
  if (parks) loading.addRecord(parking(run, seq, why, now))
  cut.push({ run, entries: seq, why, parked: parks || status === 'parked' })
}

const parking = (run: string, seq: number, why: string, now: Instant): Record => ({
  run,
  seq,
  ...now,
  entries: [{ type: 'run.parked', code: PARKED_FOR, report: encodeValue({ entries: seq, why }) }],
})
