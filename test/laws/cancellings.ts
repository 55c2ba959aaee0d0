import { decodeValue } from '../../journal/codec/decode.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import type { Change } from '../../journal/pending.ts'
import type { Stored } from './event-book.ts'
import { fits } from './event-facts.ts'
import type { Endings, Found } from './found.ts'
import type { History, RunHistory } from './history.ts'
import type { Item } from './items.ts'
import { LawBroken } from './law.ts'

export const CANCELS = 'an event cancels whom it is to cancel, and nobody else'

interface Cancelling {
  readonly run: string
  /** When its run was accepted. */
  readonly since: number
  /** The entry that says so now. */
  seq: number
  /** Of the event that its run is about. */
  k: unknown
  asked: boolean
}

/** A list of all runs that events cancel, looked through for every event. */
export class Cancellings {
  readonly #history: History
  readonly #all = new Map<string, Cancelling>()

  constructor(history: History) {
    this.#history = history
  }

  get size(): number {
    return this.#all.size
  }

  forget(run: string): void {
    this.#all.delete(run)
  }

  /** `before`: what stands before it in its commit. */
  follow(
    change: Change,
    { record: { run }, changes }: Item & { kind: 'record' },
    before: readonly Item[],
    found: Found,
  ): void {
    const { op, what } = change
    const history = this.#history.run(run)
    const known = this.#all.get(run)
    if (history === undefined) return
    if (op === 'closed') {
      if (what.kind === 'gather' && known !== undefined) known.k = aboutOf(history)
      // That another entry says from now on what cancels the run is the same cancellation.
      const goesOn = changes
        .slice(changes.indexOf(change))
        .some(each => each.op === 'opened' && each.what.kind === 'cancel')
      if (what.kind === 'cancel' && !goesOn) this.#all.delete(run)
    } else if (what.kind === 'cancel') {
      const { seq } = what
      const since = history.ledger.createdAt
      const cancelling = known ?? { run, since, seq, k: aboutOf(history), asked: false }
      this.#all.set(run, Object.assign(cancelling, { seq }))
      for (const item of before) {
        if (item.kind === 'event') this.#hear(cancelling, item.event, found)
      }
    }
  }

  /** The runs that the event cancels. */
  cancelled(event: Stored, at: number, found: Found, ending: Endings): ReadonlySet<string> {
    const cancelled = new Set<string>()
    for (const cancelling of this.#all.values()) {
      const { run, seq, asked } = cancelling
      const heard = this.#hear(cancelling, event, found)
      if (heard === 'cancelled') cancelled.add(run)
      if (heard !== 'not cancelled') continue
      const isAsked = asked || this.#history.run(run)?.ledger.cancelled !== undefined
      if (isAsked || found.mayHave(run) || ending.closesAfter(at, run, seq)) continue
      throw new LawBroken(CANCELS, `${run} goes on after ${event.row}`)
    }
    return cancelled
  }

  #hear(
    cancelling: Cancelling,
    event: Stored,
    found: Found,
  ): 'cancelled' | 'not cancelled' | 'not meant' {
    const { run, since, k } = cancelling
    const isMeant = this.#history
      .cancelOf(run)
      .some(
        rule =>
          fits(rule, k, event) && (rule.timeout === undefined || event.at < since + rule.timeout),
      )
    if (!isMeant) return 'not meant'
    const post = found.cancellation(run, `event ${event.name} ${event.id}`)
    if (post === undefined) return 'not cancelled'
    cancelling.asked = true
    found.explain(post)
    return 'cancelled'
  }
}

/** The `k` of what a run is about: the newest that it has gathered, or what it was scheduled for. */
function aboutOf({ records, ledger }: RunHistory): unknown {
  const entries = records.flatMap(record => record.entries)
  const all = entries.flatMap(entry => {
    if (entry.type === 'run.scheduled') {
      return [{ ts: entry.event?.ts ?? ledger.createdAt, data: entry.data }]
    }
    if (entry.type !== 'run.joined') return []
    return entry.events.map(({ event, data }) => ({ ts: event?.ts ?? 0, data }))
  })
  const isDebounced = entries.some(
    entry => entry.type === 'gather.set' && entry.gather === 'debounce',
  )
  const isOver = isDebounced && gatherOf(ledger) === undefined
  const [own] = all
  const newest = all.toSorted((one, other) => one.ts - other.ts).at(-1)
  const about = isOver ? newest : own
  return about === undefined ? undefined : (decodeValue(about.data) as { k?: unknown }).k
}
