import type { SkipReason } from '../../journal/admission-entry.ts'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { keys } from '../../journal/keys.ts'
import { openRecord } from '../../journal/reader.ts'
import { type Rows, runsOn } from '../../src/testing/run-view.ts'
import type { Facts } from './policies.ts'

/** A step as far as it has got; `rests`: it has failed and is to be tried again. */
interface StepSight {
  readonly id: string
  state: 'open' | 'rests' | 'over'
}

/** A run as its records tell of it. Times are elapsed time, but for `wall`. */
export class Sight {
  readonly id: string
  facts: Facts | undefined
  workflow = ''
  /** When its event happened, as the sender says; of a start nothing. */
  ts: number | undefined
  arrivedAt = 0
  arrivedWall = 0
  /** By the wall clock: it waits until then. */
  from: number | undefined
  /** Numbers of what has joined it, as far as that is in its records. */
  readonly joined: number[] = []
  gathers = false
  /** Since then it may begin as far as what gathers or is ahead of time is concerned. */
  enteredAt: number | undefined
  enteredWall = 0
  queuedAt: number | undefined
  startedAt: number | undefined
  endedAt: number | undefined
  status: 'scheduled' | 'running' | 'skipped' | 'cancelled' | 'failed' | 'completed' | 'parked' =
    'scheduled'
  skipped: { readonly reason: SkipReason; readonly by: string | undefined } | undefined
  cancelled: { readonly reason: string; readonly at: number } | undefined
  readonly steps = new Map<number, StepSight>()
  #seq = 0
  /** Of the entry that is looked at. */
  #at = 0
  /** Seq of what it gathers or waits with. */
  #waits: number | undefined

  constructor(id: string) {
    this.id = id
  }

  get isOver(): boolean {
    return this.endedAt !== undefined
  }

  get isWaiting(): boolean {
    return this.enteredAt !== undefined && this.startedAt === undefined && !this.isOver
  }

  get isUnderWay(): boolean {
    return this.startedAt !== undefined && !this.isOver
  }

  /** Takes in what was recorded since. */
  look(rows: Rows): void {
    for (;;) {
      const key = keys.record(this.id, this.#seq)
      const bytes = rows.get(key)
      if (bytes === undefined) return
      const { entries, elapsed, at } = openRecord(key, bytes)
      for (const [index, entry] of entries.entries()) {
        this.#at = this.#seq + index
        this.#note(entry, elapsed, at)
      }
      const waits = this.gathers || this.from !== undefined
      const [first] = entries
      if (this.enteredAt === undefined && !this.isRefused && !waits) this.#enter(elapsed, at)
      if (this.enteredAt === undefined && first !== undefined && this.#lets(first)) {
        this.#enter(elapsed, at)
      }
      this.#seq += entries.length
    }
  }

  /** It was refused, or has joined another, as it came. */
  get isRefused(): boolean {
    const { reason } = this.skipped ?? {}
    return reason !== undefined && reason !== 'singleton' && reason !== 'backlog'
  }

  /** It was refused when it would have begun. */
  get isTurnedAway(): boolean {
    return this.skipped !== undefined && !this.isRefused
  }

  /** It would have begun, or waited for that, as it came. */
  get isPrompt(): boolean {
    return !this.gathers && this.from === undefined
  }

  #enter(elapsed: number, at: number): void {
    this.enteredAt = elapsed
    this.enteredWall = at
  }

  #lets(input: Entry): boolean {
    if (input.type === 'timer.fired') return input.of === this.#waits
    return input.type === 'run.joined' && input.full === true
  }

  #note(entry: Entry, elapsed: number, at: number): void {
    switch (entry.type) {
      case 'run.scheduled':
        this.workflow = entry.workflow
        this.facts = decodeValue(entry.data) as Facts
        this.ts = entry.event?.ts
        this.arrivedAt = elapsed
        this.arrivedWall = at
        return
      case 'start.set':
        this.from = entry.due
        this.#waits = this.#at
        return
      case 'gather.set':
        this.gathers = true
        this.#waits = this.#at
        return
      case 'run.joined':
        this.joined.push(...entry.events.map(({ data }) => (decodeValue(data) as Facts).n))
        return
      case 'queue.set':
        this.queuedAt = elapsed
        return
      case 'run.skipped':
        this.skipped = { reason: entry.reason, by: entry.by }
        return this.#end('skipped', elapsed)
      case 'run.started':
        this.startedAt ??= elapsed
        this.status = 'running'
        return
      case 'run.cancel_requested':
        this.cancelled = { reason: entry.reason, at: elapsed }
        return
      case 'run.completed':
        return this.#end('completed', elapsed)
      case 'run.failed':
        return this.#end('failed', elapsed)
      case 'run.cancelled':
        return this.#end('cancelled', elapsed)
      case 'run.parked':
        this.status = 'parked'
        return
      default:
        return this.#step(entry)
    }
  }

  #step(entry: Entry): void {
    if (entry.type === 'step.scheduled') {
      this.steps.set(this.#at, { id: entry.id, state: 'open' })
    } else if (entry.type === 'step.succeeded' || entry.type === 'step.failed') {
      const step = this.steps.get(entry.of)
      const rests = entry.type === 'step.failed' && entry.retryAt !== undefined
      if (step !== undefined) step.state = rests ? 'rests' : 'over'
    }
  }

  #end(status: Sight['status'], elapsed: number): void {
    this.status = status
    this.endedAt = elapsed
  }
}

/** All runs of a disk, looked at again and again. */
export class Sights {
  readonly #rows: Rows
  readonly #byId = new Map<string, Sight>()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  get all(): readonly Sight[] {
    return [...this.#byId.values()].filter(({ workflow }) => workflow === 'watched')
  }

  get(id: string): Sight | undefined {
    return this.#byId.get(id)
  }

  look(): void {
    for (const id of runsOn(this.#rows)) {
      const sight = this.#byId.get(id) ?? new Sight(id)
      this.#byId.set(id, sight)
      if (!sight.isOver) sight.look(this.#rows)
    }
  }
}
