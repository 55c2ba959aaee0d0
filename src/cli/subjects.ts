import type { Entry } from '../../journal/entry.ts'
import { saysNoSuchRun } from '../../journal/error.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { Committed, Source } from '../inspect/source.ts'

/** Runs that are remembered: of one that is forgotten the records are read again. */
const RUNS_MOST = 10_000

/** What an answer is to: a step, a sleep, a wait, a child. */
export interface Subject {
  readonly id: string
  /** When it was asked for: ms since the epoch. */
  readonly at: number
}

/** Tells what answers are to, over many runs at once. */
export class Subjects {
  readonly #source: Source
  readonly #runs = new Map<string, Map<number, Subject>>()

  constructor(source: Source) {
    this.#source = source
  }

  /** What each entry of a record is of: in the order of its entries. */
  async of({ record }: Committed): Promise<readonly (Subject | undefined)[]> {
    const { run, seq, at, entries } = record
    const known = await this.#known(run, seq)
    const found = entries.map((entry, place) => {
      const own = subjectIn(entry, at)
      if (own !== undefined) known.set(seq + place, own)
      return own ?? ('of' in entry ? known.get(entry.of) : undefined)
    })
    if (entries.some(({ type }) => ENDINGS.has(type))) this.#runs.delete(run)
    return found
  }

  // Of a run that was under way before the first record that is told of, what came before is read.
  async #known(run: string, seq: number): Promise<Map<number, Subject>> {
    const there = this.#runs.get(run)
    if (there !== undefined) return there
    const known = new Map<number, Subject>()
    if (this.#runs.size >= RUNS_MOST) this.#runs.clear()
    this.#runs.set(run, known)
    if (seq > 0) await this.#recall(run, seq, known)
    return known
  }

  async #recall(run: string, seq: number, known: Map<number, Subject>): Promise<void> {
    try {
      for await (const page of this.#source.records(run)) {
        for (const record of page) {
          if (record.seq >= seq) return
          for (const [place, entry] of record.entries.entries()) {
            const subject = subjectIn(entry, record.at)
            if (subject !== undefined) known.set(record.seq + place, subject)
          }
        }
      }
    } catch (error) {
      if (!saysNoSuchRun(error)) throw error
    }
  }
}

const ENDINGS: ReadonlySet<string> = new Set(
  (['completed', 'failed', 'cancelled', 'skipped'] as const)
    .filter(isFinal)
    .map(status => `run.${status}`),
)

function subjectIn(entry: Entry, at: number): Subject | undefined {
  switch (entry.type) {
    case 'step.scheduled':
    case 'timer.set':
    case 'wait.set':
    case 'child.started':
    case 'event.sent':
      return { id: entry.id, at }
    case 'code.failed':
      return { id: 'code', at }
    default:
      return undefined
  }
}
