import type { Head } from '../../journal/head.ts'
import type { RunRecord } from './records/run.ts'
import { isoText } from './times.ts'

export function runRecordOf(head: Head): RunRecord {
  const { run, workflow, status, createdAt, at, seq, outcome } = head
  const { parkedFor, skippedFor, continuedAs, schedule } = head
  return {
    ...{ v: 1, kind: 'run', id: run, workflow, status },
    ...{ createdAt: isoText(createdAt), updatedAt: isoText(at) },
    ...(outcome !== undefined && {
      endedAt: isoText(outcome.at),
      tookMs: Math.max(0, outcome.at - createdAt),
    }),
    entries: seq,
    ...(parkedFor !== undefined && { parkedFor }),
    ...(skippedFor !== undefined && { skippedFor }),
    ...(continuedAs !== undefined && { continuedAs }),
    ...(schedule !== undefined && { schedule }),
  }
}
