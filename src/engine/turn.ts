import type { Input, Record } from '../../journal/entry.ts'
import type { Append } from '../../journal/journal.ts'
import type { Change } from '../../journal/pending.ts'
import type { Moment } from '../run/retry.ts'
import type { Ack, Run } from '../run/run.ts'

/** One turn of one run, from its input to what is to be performed once it is durable. */
export interface Turn {
  readonly run: Run
  /** Absent if the input was overtaken: there is nothing to record. */
  readonly input: Input | undefined
  readonly moment: Moment
  readonly ack: Ack | undefined
  /** Whether the run's code takes part. It does not while the run is held. */
  readonly live: boolean
  record: Record | undefined
  changes: readonly Change[]
  /** A run that is scheduled in the same write. */
  successor: { readonly run: Run; readonly record: Record } | undefined
}

export function appendsOf({ run, record, successor }: Turn): Append[] {
  if (record === undefined) return []
  const own = { record, ledger: run.ledger }
  if (successor === undefined) return [own]
  return [own, { record: successor.record, ledger: successor.run.ledger }]
}

/** Lets the runs become what their records say. */
export function evolve({ run, record, successor }: Turn): void {
  if (record !== undefined) run.evolve(record)
  if (successor !== undefined) successor.run.evolve(successor.record)
}
