import { LawBroken } from '../laws/law.ts'
import type { Recorded, Records } from './records.ts'

/** What goes with a run that was taken in: no drain leaves its children out, nothing its handler. */
export function mayHaveLeftOut({ all }: Records): void {
  const handlers = new Map(all.filter(isHandler).map(each => [startedBy(each), each]))
  for (const recorded of all) {
    const { run, workflow, status, skippedFor, hadEnded } = recorded.ledger
    if (recorded.find('run.scheduled')?.entry.parent !== undefined && skippedFor === 'draining') {
      throw new LawBroken('a drain takes children in', `${run} of ${workflow} was skipped`)
    }
    if (isHandler(recorded)) {
      const isLeftOut = status === 'skipped' || recorded.find('queue.set') !== undefined
      if (!isLeftOut) continue
      throw new LawBroken('a handler is begun at once', `${run} of ${workflow} is ${status}`)
    }
    if ((status !== 'failed' && status !== 'cancelled') || hadEnded) continue
    if (handlers.has(`${run}/${status}`)) continue
    throw new LawBroken('an end is handled', `${run} of ${workflow} is ${status}`)
  }
}

const isHandler = ({ ledger }: Recorded): boolean => ledger.workflow.includes('/')

const startedBy = (recorded: Recorded): string | undefined =>
  recorded.find('run.scheduled')?.entry.event?.id
