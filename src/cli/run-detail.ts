import type { Secrets } from '../inspect/secrets.ts'
import type { RunOutcome, Timeline } from '../inspect/timeline.ts'
import { maskedJson } from './masked.ts'
import { namesOf } from './names-of.ts'
import type { RunDetailRecord } from './records/run-detail.ts'
import { spanRecordOf } from './span-record.ts'
import { isoText } from './times.ts'

type Masks = Pick<Secrets, 'mask'>

export function runDetailOf(timeline: Timeline, secrets: Masks): RunDetailRecord {
  const { run: id, workflow, status, scheduled, started, newest, ended } = timeline
  const { outcome, parked, cancelRequested, entries, bytes: valueBytes } = timeline
  return {
    ...{ v: 1, kind: 'run-detail', id, workflow, status, scheduledAt: isoText(scheduled.at) },
    ...(started !== undefined && { startedAt: isoText(started.at) }),
    updatedAt: isoText(newest.at),
    ...(ended !== undefined && { endedAt: isoText(ended.at), tookMs: ended.at - scheduled.at }),
    ...{ entries, valueBytes, origin: originRecord(timeline, secrets) },
    ...(outcome !== undefined && { outcome: outcomeRecord(outcome, secrets) }),
    ...(parked !== undefined && {
      parked: { code: parked.code, report: maskedJson(parked.report, secrets) },
    }),
    ...(cancelRequested !== undefined && {
      cancelRequested: {
        ...{ at: isoText(cancelRequested.when.at), reason: cancelRequested.reason },
      },
    }),
    spans: timeline.spans.map(span => spanRecordOf(span, secrets)),
    marks: timeline.marks.map(({ seq, at, entry }) => ({ seq, at: isoText(at), type: entry.type })),
  }
}

function originRecord({ origin, workflow }: Timeline, secrets: Masks): RunDetailRecord['origin'] {
  const { data, event, schedule, continues, parents } = origin
  return {
    data: maskedJson(data, secrets, namesOf(event, workflow)),
    ...(event !== undefined && { event }),
    ...(schedule !== undefined && { schedule }),
    ...(continues !== undefined && { continues }),
    parents: [...parents],
  }
}

function outcomeRecord(
  outcome: RunOutcome,
  secrets: Masks,
): NonNullable<RunDetailRecord['outcome']> {
  switch (outcome.kind) {
    case 'completed':
      return { kind: outcome.kind, output: maskedJson(outcome.output, secrets) }
    case 'failed':
      return { kind: outcome.kind, error: maskedJson(outcome.error, secrets) }
    case 'continued':
    case 'cancelled':
    case 'skipped':
      return outcome
    default:
      return outcome satisfies never
  }
}
