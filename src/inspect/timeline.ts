import type { Bytes, Entry, EventFacts, Parent, Record } from '../../journal/entry.ts'
import { isFinal, lifecycle, type RunStatus } from '../../journal/lifecycle.ts'
import type { Moment, Span } from './span.ts'
import { SpanFold } from './span-fold.ts'

/** A run as its records tell it, in the order of what it asked for. */
export interface Timeline {
  readonly run: string
  readonly workflow: string
  readonly status: RunStatus
  readonly scheduled: Moment
  /** When its code began. */
  readonly started?: Moment
  /** The newest record. */
  readonly newest: Moment
  readonly ended?: Moment
  readonly origin: Origin
  readonly outcome?: RunOutcome
  /** Absent: it is not parked. */
  readonly parked?: { readonly code: string; readonly report: Bytes }
  readonly cancelRequested?: { readonly when: Moment; readonly reason: string }
  readonly spans: readonly Span[]
  /** What no span tells, in order. */
  readonly marks: readonly Mark[]
  /** How many entries there are, and the bytes of the values in them. */
  readonly entries: number
  readonly bytes: number
}

/** What started the run, and with what. */
export interface Origin {
  readonly data: Bytes
  readonly event?: EventFacts
  readonly schedule?: string
  readonly continues?: string
  readonly parents: readonly Parent[]
}

export type RunOutcome =
  | { readonly kind: 'completed'; readonly output: Bytes }
  | { readonly kind: 'continued'; readonly successor: string }
  | { readonly kind: 'failed'; readonly error: Bytes }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly reason: string; readonly by?: string }

/** An entry that is about the run, not about one thing that it asked for. */
export interface Mark extends Moment {
  readonly seq: number
  readonly entry: Entry
}

const NONE: Bytes = new Uint8Array([0x10])

/** Takes the records of a run in, one after another; what they add up to can be had at any time. */
export class TimelineFold {
  readonly #run: string
  readonly #spans = new SpanFold()
  readonly #marks: Mark[] = []
  #facts: Facts = {
    workflow: '',
    status: 'scheduled',
    scheduled: { at: 0, elapsed: 0 },
    newest: { at: 0, elapsed: 0 },
    origin: { data: NONE, parents: [] },
  }
  #entries = 0
  #bytes = 0

  constructor(run: string) {
    this.#run = run
  }

  /** Seq of the next entry. */
  get entries(): number {
    return this.#entries
  }

  add({ at, elapsed, entries }: Pick<Record, 'at' | 'elapsed' | 'entries'>): void {
    const now: Moment = { at, elapsed }
    this.#spans.beginRecord(now)
    for (const entry of entries) this.#note(entry, this.#entries++, now)
    this.#facts = { ...this.#facts, newest: now }
  }

  timeline(): Timeline {
    const { parked, ...facts } = this.#facts
    return {
      run: this.#run,
      ...facts,
      ...(parked !== undefined && facts.status === 'parked' && { parked }),
      ...{ spans: this.#spans.all(), marks: [...this.#marks] },
      ...{ entries: this.#entries, bytes: this.#bytes },
    }
  }

  #note(entry: Entry, seq: number, now: Moment): void {
    if (seq === 0) this.#facts = { ...this.#facts, scheduled: now }
    const status = lifecycle[this.#facts.status][entry.type] ?? this.#facts.status
    const ends = isFinal(status) && !isFinal(this.#facts.status)
    this.#facts = { ...this.#facts, ...factsOf(entry, this.#facts, now), status }
    this.#bytes += bytesOf(entry)
    if (!this.#spans.note(entry, seq)) this.#marks.push({ ...now, seq, entry })
    if (!ends) return
    this.#facts = { ...this.#facts, ended: now }
    this.#spans.end(status === 'cancelled' ? 'cancelled' : 'abandoned')
  }
}

/** Of records from the first on. */
export function timelineOf(run: string, records: Iterable<Omit<Record, 'run' | 'seq'>>): Timeline {
  const fold = new TimelineFold(run)
  for (const record of records) fold.add(record)
  return fold.timeline()
}

type Facts = Omit<Timeline, 'run' | 'spans' | 'marks' | 'entries' | 'bytes'>

/** What an entry changes in the facts of the run itself. */
function factsOf(entry: Entry, { started, origin }: Facts, now: Moment): Partial<Facts> {
  switch (entry.type) {
    case 'run.scheduled':
      return { workflow: entry.workflow, origin: originOf(entry) }
    case 'run.joined': {
      const joined = entry.events.flatMap(({ parent }) => parent ?? [])
      return { origin: { ...origin, parents: [...origin.parents, ...joined] } }
    }
    case 'run.started':
      return { started: started ?? now }
    case 'run.cancel_requested':
      return { cancelRequested: { when: now, reason: entry.reason } }
    case 'run.parked':
      return { parked: { code: entry.code, report: entry.report } }
    case 'run.completed':
      return { outcome: { kind: 'completed', output: entry.output } }
    case 'run.continued':
      return { outcome: { kind: 'continued', successor: entry.successor } }
    case 'run.failed':
      return { outcome: { kind: 'failed', error: entry.error } }
    case 'run.cancelled':
      return { outcome: { kind: 'cancelled', reason: entry.reason } }
    case 'run.skipped': {
      const { reason, by } = entry
      return { outcome: { kind: 'skipped', reason, ...(by !== undefined && { by }) } }
    }
    default:
      return {}
  }
}

function originOf(entry: Entry & { type: 'run.scheduled' }): Origin {
  const { data, event, schedule, continues, parent, parents } = entry
  return {
    ...{ data, parents: parents ?? (parent === undefined ? [] : [parent]) },
    ...(event !== undefined && { event }),
    ...(schedule !== undefined && { schedule }),
    ...(continues !== undefined && { continues }),
  }
}

/** Of the values in it. */
function bytesOf(entry: Entry): number {
  switch (entry.type) {
    case 'run.scheduled':
    case 'event.received':
      return entry.data.length
    case 'run.joined':
      return entry.events.reduce((sum, { data }) => sum + data.length, 0)
    case 'step.succeeded':
    case 'step.late':
    case 'child.finished':
      return entry.value.length
    case 'step.failed':
    case 'code.failed':
    case 'run.failed':
      return entry.error.length
    case 'run.completed':
      return entry.output.length
    case 'run.parked':
      return entry.report.length
    default:
      return 0
  }
}
