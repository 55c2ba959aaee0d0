import type { Record } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import type { Journal } from '../../journal/journal.ts'
import { EngineError } from '../define/error.ts'
import { carryOver } from '../run/carry-over.ts'
import type { Moment } from '../run/retry.ts'
import type { Run } from '../run/run.ts'

/** Writes a new run that takes over what a failed one recorded, all in one commit. */
export async function rerun(
  head: Head,
  from: string | undefined,
  next: Run,
  moment: Moment,
  journal: Journal,
): Promise<void> {
  const records: Record[] = []
  for await (const record of journal.records(head)) records.push(record)
  const carried = carryOver(records, next.id, moment, from)
  if (carried === undefined) throw noSuchStep(head.run, from)
  let durable = Promise.resolve()
  for (const record of carried) {
    next.note(record)
    durable = journal.append([{ record, ledger: next.ledger }])
    next.evolve(record)
  }
  await durable
}

const noSuchStep = (run: string, step: string | undefined): EngineError =>
  new EngineError('STEP_NOT_FOUND', `Run ${run} has no step '${step}'.`, {
    hint: 'Steps are named with their occurrence from the second on: charge, charge:1, ...',
    facts: { run, step },
  })
