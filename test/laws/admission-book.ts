import { openLimit } from '../../journal/admission.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { passedIn } from './commit-laws.ts'
import type { ExchangeSeen } from './event-book.ts'
import type { History, RunHistory } from './history.ts'
import { lettedIn, queueOf, valueFor, waitsOf } from './turnout.ts'

/** A run that has come past its throttle. */
export interface Passed {
  readonly run: string
  readonly workflow: string
  readonly value: string
  readonly at: number
}

/** When runs began to wait, and when they waited no more: as the journal grew. */
export class AdmissionBook {
  /** The commit that put each run in its lane. */
  readonly seated = new Map<string, number>()
  /** Runs that passed with the newest commit. */
  newest: Passed[] = []
  /** How far each throttle has got, by workflow and value: naively. */
  readonly paces = new Map<string, number>()
  /** What the rows of limits say. */
  readonly marks = new Map<string, unknown>()
  readonly #through = new Set<string>()
  readonly #history: History

  constructor(history: History) {
    this.#history = history
  }

  /** Before the laws look. */
  take({ commit, items }: ExchangeSeen): void {
    const { commit: number } = commit.commit
    // What a commit without records says of the time is that of the one before.
    const elapsed = Math.floor(passedIn(this.#history, commit.epoch))
    for (const { ledger } of queueOf(this.#history)) {
      if (!this.seated.has(ledger.run)) this.seated.set(ledger.run, number)
    }
    const records = items.flatMap(item => (item.kind === 'record' ? item.record : []))
    const posted = items.flatMap(item => (item.kind === 'post' ? item.post.run : []))
    this.newest = [...new Set([...records.map(({ run }) => run), ...posted])].flatMap(
      run => this.#passed(run, elapsed, records) ?? [],
    )
  }

  /** After the laws have looked. */
  close({ commit }: ExchangeSeen): void {
    for (const [key, row] of commit.write.puts) {
      if (!key.startsWith('k!')) continue
      const { id, body } = openLimit(key, row)
      this.marks.set(id, body)
    }
    for (const { workflow, value, at } of this.newest) {
      const throttle = this.#history.flowOf(workflow)?.throttle
      if (throttle === undefined) continue
      const id = `${workflow} ${value}`
      this.paces.set(id, Math.max(this.paces.get(id) ?? 0, at) + throttle.period / throttle.limit)
    }
  }

  /** From when on the next may pass. */
  freeAt({ workflow, value }: Omit<Passed, 'at' | 'run'>): number {
    const { limit = 1, period = 0, burst = 1 } = this.#history.flowOf(workflow)?.throttle ?? {}
    const pace = this.paces.get(`${workflow} ${value}`) ?? 0
    return Math.floor(pace - ((burst - 1) * period) / limit)
  }

  #passed(run: string, at: number, records: readonly StoredRecord[]): Passed | undefined {
    const of = this.#history.run(run)
    if (of === undefined || this.#through.has(run)) return undefined
    const { ledger } = of
    const first = of.records[0]?.entries[0]
    if (first?.type !== 'run.scheduled' || first.continues !== undefined) return undefined
    const isIn = lettedIn(this.#history.events).has(run)
    const isOut = ledger.status === 'skipped' || (ledger.outcome !== undefined && !hasPassed(of))
    if (isOut || (waitsOf(ledger).length > 0 && !isIn)) return undefined
    this.#through.add(run)
    const value = valueFor(this.#history.flowOf(ledger.workflow)?.throttle?.key, run, this.#history)
    const own = records.find(record => record.run === run)
    const when = isIn ? at : (own?.elapsed ?? at)
    return value === undefined ? undefined : { run, workflow: ledger.workflow, value, at: when }
  }
}

/** Whether a run that has ended was held up no more before that. */
function hasPassed({ ledger, records }: RunHistory): boolean {
  if (ledger.started) return true
  const entries = records.flatMap(({ entries }) => entries)
  const waited = entries.some(({ type }) => type === 'gather.set' || type === 'start.set')
  const entered = entries.some(
    entry => entry.type === 'timer.fired' || (entry.type === 'run.joined' && entry.full),
  )
  return (!waited || entered) && !entries.some(({ type }) => type === 'queue.set')
}
