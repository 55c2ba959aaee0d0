import type { Entry, Record } from '../../journal/entry.ts'

/** An entry of a run with what those before it tell of it. */
export interface RunEntry<Of extends Record = Record> {
  readonly seq: number
  readonly entry: Entry
  readonly record: Of
  /** Id of the step that it is of. */
  readonly step: string | undefined
  /** From when what it ends was begun, ms. */
  readonly took: number | undefined
}

/** Tells entries of one run by those before them: its records come in order, from the first on. */
export class RunEntries {
  readonly #subjects = new Map<number, { readonly id: string; readonly since: number }>()

  read<Of extends Record>(record: Of): RunEntry<Of>[] {
    return record.entries.map((entry, place) => this.#told(entry, record.seq + place, record))
  }

  #told<Of extends Record>(entry: Entry, seq: number, record: Of): RunEntry<Of> {
    const of = 'of' in entry ? entry.of : undefined
    const subject = of === undefined ? undefined : this.#subjects.get(of)
    const step = 'id' in entry ? entry.id : subject?.id
    if (step !== undefined || entry.type === 'code.failed') {
      this.#subjects.set(of ?? seq, { id: step ?? 'code', since: record.at })
    }
    const took = subject === undefined ? undefined : record.at - subject.since
    return { seq, entry, record, step, took }
  }
}
