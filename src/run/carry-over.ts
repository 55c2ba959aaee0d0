import type { Entry, Record } from '../../journal/entry.ts'
import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'
import { StepError } from '../define/error.ts'
import type { Moment } from './retry.ts'
import { decodeThrown, gatheredIn } from './thrown.ts'

/**
 * The beginning of a new run that goes on where a failed one failed: its records, without the
 * attempts of the step that is to be done again and without what followed. Of a run whose code
 * threw, all is kept but the end. Seqs are made dense again. A hold that was lifted later than what is
 * kept is lifted now. It has gathered the same, waits for no turn to begin, holds the same limits, and
 * has as long again to finish. `undefined` if there is no such step.
 */
export function carryOver(
  records: readonly Record[],
  run: string,
  moment: Moment,
  from?: string,
): Record[] | undefined {
  const again = from === undefined ? failedStep(records) : stepOf(records, from)
  if (from !== undefined && again === undefined) return undefined
  const kept: Kept[] = []
  for (const record of records) {
    const answer = record.entries[0]
    if (again !== undefined && answer !== undefined && 'of' in answer && answer.of === again) {
      if (isLast(answer) || isChild(records, again)) break
      continue
    }
    kept.push(...reopened(record, moment))
  }
  const carried = renumbered(kept, run)
  const lift = liftOf(carried)
  const seq = carried.reduce((count, { entries }) => count + entries.length, 0)
  return lift === undefined ? carried : [...carried, { run, seq, ...moment, entries: [lift] }]
}

function liftOf(records: readonly Record[]): Entry | undefined {
  let status: RunStatus = 'scheduled'
  for (const { type } of records.flatMap(({ entries }) => entries)) {
    status = lifecycle[status][type] ?? status
  }
  if (status === 'paused') return { type: 'run.resumed' }
  return status === 'parked' ? { type: 'run.unparked' } : undefined
}

interface Kept {
  readonly record: Record
  /** None where one is left out. */
  readonly entries: readonly (Entry | undefined)[]
}

// Its attempts are dropped one by one: what other steps answered between them stays.
const isLast = (answer: Entry): boolean =>
  answer.type === 'step.succeeded' ||
  (answer.type === 'step.failed' && answer.retryAt === undefined)

/** The step or child whose failure the run failed with, itself or as a cause of it. Of many, the first. */
function failedStep(records: readonly Record[]): number | undefined {
  const failed = records.flatMap(({ entries }) => entries).find(({ type }) => type === 'run.failed')
  if (failed?.type !== 'run.failed') return undefined
  const ids = stepsIn(decodeThrown(failed.error), new Set())
  const steps = ids.flatMap(id => stepOf(records, id) ?? [])
  for (const { entries } of records) {
    const [answer] = entries
    if (answer === undefined || !('of' in answer) || !steps.includes(answer.of)) continue
    const isFailure = answer.type === 'step.failed' ? isLast(answer) : isChild(records, answer.of)
    if (isFailure) return answer.of
  }
  return steps[0]
}

const isChild = (records: readonly Record[], place: number): boolean =>
  records.some(({ seq, entries }) => entries[place - seq]?.type === 'child.started')

// What a step failed of may itself have failed of a step, but of another run.
function stepsIn(thrown: unknown, seen: Set<unknown>): readonly string[] {
  if (!(thrown instanceof Error) || seen.has(thrown)) return []
  seen.add(thrown)
  if (thrown instanceof StepError) return [thrown.stepId]
  return [...gatheredIn(thrown), thrown.cause].flatMap(error => stepsIn(error, seen))
}

function stepOf(records: readonly Record[], id: string): number | undefined {
  for (const { seq, entries } of records) {
    const at = entries.findIndex(
      entry =>
        (entry.type === 'step.scheduled' || entry.type === 'child.started') && entry.id === id,
    )
    if (at >= 0) return seq + at
  }
  return undefined
}

/** A record that ended the run becomes one after which its code is tried again. */
function reopened(record: Record, { elapsed }: Moment): Kept[] {
  if (record.entries[0]?.type === 'step.late') return []
  const entries = record.entries.map((entry): Entry | undefined => {
    switch (entry.type) {
      case 'run.failed':
        return { type: 'code.failed', error: entry.error, attempt: 0, retryAt: elapsed }
      case 'queue.set':
        return entry.holds.length > 0 ? { type: 'slot.set', holds: entry.holds } : undefined
      case 'deadline.set':
        if (entry.phase === 'start') return undefined
        return { ...entry, due: elapsed + entry.due - record.elapsed }
      case 'deadline.moved': {
        const { phase, to } = entry
        if (phase === 'start') return undefined
        return to === undefined ? entry : { ...entry, to: { ...to, due: elapsed + to.after } }
      }
      default:
        return entry
    }
  })
  return entries.some(entry => entry !== undefined) ? [{ record, entries }] : []
}

function renumbered(kept: readonly Kept[], run: string): Record[] {
  const places = new Map<number, number>()
  let seq = 0
  return kept.map(({ record, entries }) => {
    const first = seq
    for (const [place, entry] of entries.entries()) {
      if (entry !== undefined) places.set(record.seq + place, seq++)
    }
    const moved = entries.flatMap(entry => {
      if (entry === undefined) return []
      return 'of' in entry ? { ...entry, of: places.get(entry.of) ?? entry.of } : entry
    })
    return { run, seq: first, at: record.at, elapsed: record.elapsed, entries: moved }
  })
}
