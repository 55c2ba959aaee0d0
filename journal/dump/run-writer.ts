import type { Ledger } from '../ledger.ts'
import { RowWriter } from '../row-writer.ts'

/** Writes what follows from all the records of a run, at once. */
export class RunWriter extends RowWriter {
  finish(ledger: Ledger): void {
    const changes = [...ledger.open.values()].map(what => ({ op: 'opened' as const, what }))
    // As if the run had come into being like this.
    this.derive({ ...ledger, changes, last: 0, hadEnded: false })
  }
}
