import type { Change, OpenWait } from '../../journal/pending.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { Births } from './births.ts'
import { CANCELS, Cancellings } from './cancellings.ts'
import type { CommitSeen } from './commit-laws.ts'
import type { EventBook, Stored } from './event-book.ts'
import { fits, type Listening } from './event-facts.ts'
import type { EventNode } from './event-nodes.ts'
import { Endings, Found } from './found.ts'
import type { History } from './history.ts'
import { cascaded, handedOn } from './inbox-laws.ts'
import type { Item } from './items.ts'
import { LawBroken } from './law.ts'

interface Waiting {
  readonly run: string
  readonly what: OpenWait
  readonly sources: readonly (Listening & { readonly key: string })[]
  readonly signal: string | undefined
  readonly k: unknown
  answered: boolean
}

const MISSED = 'an event that is waited for is never missed'
const WRONG = 'a wait is answered by the first event that fits, and by one'

/**
 * A list of all waits, looked through for every event: what each commit must put into which inboxes.
 * Only what stands later in the same commit may count or not, since one write has no before and after.
 */
export class Deliveries {
  readonly #book: EventBook
  readonly #history: History
  readonly #waits = new Map<string, Waiting>()
  readonly #cancels: Cancellings
  readonly #births = new Births()

  constructor(book: EventBook, history: History) {
    this.#book = book
    this.#history = history
    this.#cancels = new Cancellings(history)
  }

  get open(): number {
    return this.#waits.size + this.#cancels.size
  }

  forget(run: string): void {
    this.#births.forget(run)
    this.#cancels.forget(run)
    for (const key of this.#waits.keys()) if (key.startsWith(`${run}!`)) this.#waits.delete(key)
  }

  take(commit: CommitSeen, items: readonly Item[]): void {
    const found = new Found(items)
    const ending = new Endings(items)
    for (const [at, item] of items.entries()) {
      if (item.kind === 'record') {
        this.#births.note(item.record)
        for (const change of item.changes) {
          const before = items.slice(0, at)
          this.#cancels.follow(change, item, before, found)
          this.#follow(change, item, before, found, commit)
        }
      }
      if (item.kind === 'event') {
        this.#births.pass(item.event)
        const cancelled = this.#cancels.cancelled(item.event, at, found, ending)
        this.#answer(item.event, at, found, ending, cancelled)
      }
    }
    const children = new Set(cascaded(items).map(({ run }) => run))
    for (const { run, reason } of handedOn({ commit, book: this.#book, history: this.#history })) {
      const post = found.cancellation(run, reason)
      if (post !== undefined) found.explain(post)
    }
    const extra = found
      .left()
      .find(({ run, input }) => input?.type !== 'run.cancel_requested' || !children.has(run))
    if (extra === undefined) return
    const law = extra.input?.type === 'event.delivered' ? WRONG : CANCELS
    throw new LawBroken(law, `${extra.run} is told ${JSON.stringify(extra.input)}`)
  }

  #follow(
    { op, what }: Change,
    { record, changes }: Item & { kind: 'record' },
    before: readonly Item[],
    found: Found,
    commit: CommitSeen,
  ): void {
    if (what.kind !== 'wait') return
    const { run } = record
    const key = `${run}!${what.seq}`
    if (op === 'closed') {
      this.#waits.delete(key)
      return
    }
    const waiting = this.#waitingOf(run, what)
    this.#waits.set(key, waiting)
    const isBrief = changes.some(other => other.op === 'closed' && other.what.seq === what.seq)
    this.#lookBack(waiting, record, before, found, commit, isBrief)
  }

  // What is there already counts only for one that looks back; what was sent in the same write may.
  #lookBack(
    waiting: Waiting,
    { at: now, entries }: StoredRecord,
    before: readonly Item[],
    found: Found,
    { commit }: CommitSeen,
    isBrief: boolean,
  ): void {
    const { retention } = this.#history
    const { since } = waiting.what
    const here = before.flatMap(item => (item.kind === 'event' ? [item.event] : []))
    if (since === undefined && entries[0]?.type !== 'run.started') {
      for (const event of here) this.#deliver(waiting, event, found, false)
      return
    }
    // The first wait of a run hears what came since the run did: in the same moment, perhaps.
    const { createdAt = 0 } = this.#history.run(waiting.run)?.ledger ?? {}
    const asked = since ?? createdAt
    const sure = since ?? createdAt + 1
    const from = Math.max(asked, now - (retention === 'forever' ? Infinity : retention))
    const past = this.#book.stored.filter(
      event => (event.at >= from || here.includes(event)) && this.#book.byRow.has(event.row),
    )
    const later = new Set(this.#eventsOf(commit).filter(row => !here.some(e => e.row === row)))
    for (const event of past) {
      if (later.has(event.row) || this.#births.isOwn(waiting.run, event)) continue
      const isLater = event.at > createdAt || this.#births.precedes(waiting.run, event)
      const isSure = isLater && event.at >= Math.max(from, sure)
      this.#deliver(waiting, event, found, !isBrief && isSure)
    }
  }

  #eventsOf({ events = [] }: CommitSeen['commit']): string[] {
    return events.map(([row]) => row)
  }

  #answer(
    event: Stored,
    at: number,
    found: Found,
    ending: Endings,
    cancelled: ReadonlySet<string>,
  ): void {
    for (const waiting of this.#waits.values()) {
      if (cancelled.has(waiting.run)) continue
      const must = !ending.closesAfter(at, waiting.run, waiting.what.seq)
      this.#deliver(waiting, event, found, must)
    }
  }

  #deliver(waiting: Waiting, event: Stored, found: Found, must: boolean): void {
    if (waiting.answered) return
    const { run, what } = waiting
    const key = keyFor(waiting, event)
    if (key === undefined) return
    const post = found.delivery(run, what.seq)
    if (post?.input?.type === 'event.delivered' && post.input.row === event.row) {
      waiting.answered = true
      found.explain(post)
      if (post.input.key === key) return
      throw new LawBroken(WRONG, `${run}!${what.seq} got ${event.row} as ${post.input.key}`)
    }
    if (!must || found.mayHave(run)) return
    const instead = post === undefined ? 'nothing' : JSON.stringify(post.input)
    throw new LawBroken(MISSED, `${run}!${what.seq} got ${instead}, not ${event.row}`)
  }

  #waitingOf(run: string, what: OpenWait): Waiting {
    const call = this.#book.calls.get(`${run} ${what.id}`)
    const { node } = call ?? {}
    if (call === undefined || node === undefined) {
      throw new LawBroken('a wait was asked for', `${run}!${what.seq} ${what.id}`)
    }
    return {
      ...{ run, what, sources: sourcesOf(node), k: call.facts.k, answered: false },
      signal: node.kind === 'signal' ? node.signal : undefined,
    }
  }
}

function sourcesOf(node: EventNode): Waiting['sources'] {
  if (node.kind === 'wait') return [{ name: node.name, how: node.how, key: 'event' }]
  if (node.kind === 'any of') return node.sources.map((each, at) => ({ ...each, key: `e${at}` }))
  return []
}

/** Under which key an event answers a wait, if it does. */
function keyFor({ sources, signal, k }: Waiting, event: Stored): string | undefined {
  if (signal !== undefined) {
    const isIt = event.name === 'perdure/signal' && nameIn(event.data) === signal
    return isIt ? 'event' : undefined
  }
  return sources.find(each => fits(each, k, event))?.key
}

const nameIn = (data: unknown): unknown => (data as { signal?: unknown }).signal
