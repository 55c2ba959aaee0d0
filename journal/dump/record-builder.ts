import type { Entry, Record } from '../entry.ts'
import { entryFromJson } from '../entry-from-json.ts'
import { instant, int, Misshapen, runId } from './shape.ts'

type Facts = Readonly<{ [name: string]: unknown }>

interface OpenRecord extends Record {
  readonly entries: Entry[]
}

/** A record that is whole, and the line that it begins at. */
export interface BuiltRecord {
  readonly line: number
  readonly record: Record
}

/** Puts the entries of a dump, a line each, together to records. What is wrong is `Misshapen`. */
export class RecordBuilder {
  readonly #format: 1 | 2
  #open: { readonly line: number; readonly record: OpenRecord } | undefined
  #run: string | undefined
  #next = 0
  runs = 0

  constructor(format: 1 | 2) {
    this.#format = format
  }

  /** The run that the last line was about. */
  get run(): string | undefined {
    return this.#run
  }

  /** Gives the record before, if the entry of this line begins another one. */
  take(line: number, facts: Facts): BuiltRecord | undefined {
    const { kind: _, run, seq, record, at, elapsed, type, ...own } = facts
    this.#mustFollow(run, seq)
    const place = this.#next++
    const entry = entryFromJson(type, own)
    const begins = this.#begins(place, record, entry)
    const open = this.#open
    if (!begins && open !== undefined) {
      if (at !== open.record.at || elapsed !== open.record.elapsed) {
        throw new Misshapen('at and elapsed are not those of the record that it belongs to')
      }
      open.record.entries.push(entry)
      return undefined
    }
    if (!begins) throw new Misshapen('belongs to no record')
    const times = { at: instant(at), elapsed: instant(elapsed) }
    this.#open = {
      line,
      record: { run: runId(run), seq: place, ...times, entries: [entry] },
    }
    return open
  }

  /** The record that is being built. */
  end(): BuiltRecord | undefined {
    const open = this.#open
    this.#open = undefined
    return open
  }

  /** Forgets the record that is being built. */
  drop(): void {
    this.#open = undefined
  }

  #mustFollow(run: unknown, seq: unknown): void {
    if (run !== this.#run) {
      const id = runId(run)
      if (this.#run !== undefined && id < this.#run) {
        throw new Misshapen(`run ${id} belongs before run ${this.#run}`)
      }
      this.#run = id
      this.#next = 0
      this.runs++
    }
    if (int(seq) === this.#next) return
    throw new Misshapen(
      `entry ${this.#next} of run ${this.#run} is missing: this is ${String(seq)}`,
    )
  }

  #begins(place: number, record: unknown, entry: Entry): boolean {
    if (this.#format === 1) {
      if (record !== undefined) throw new Misshapen('record: has no business here')
      return this.#open?.record.run !== this.#run || beginsRecord(entry)
    }
    if (record === place) return true
    const open = this.#open?.record
    if (open?.run === this.#run && record === open?.seq) return false
    throw new Misshapen(`record: is neither ${place} nor where the record before began`)
  }
}

// In format 1 nothing says where a record begins. An input begins one; that the start of a run may
// have stood behind another input makes no difference to what the entries add up to.
function beginsRecord({ type }: Entry): boolean {
  switch (type) {
    case 'run.scheduled':
    case 'run.joined':
    case 'deadline.moved':
    case 'run.started':
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancel_requested':
    case 'run.parked':
    case 'run.unparked':
    case 'step.succeeded':
    case 'step.failed':
    case 'step.late':
    case 'timer.fired':
    case 'event.received':
    case 'child.finished':
    case 'code.woke':
      return true
    case 'step.scheduled':
    case 'timer.set':
    case 'wait.set':
    case 'child.started':
    case 'event.sent':
    case 'start.set':
    case 'cancel.set':
    case 'gather.set':
    case 'slot.set':
    case 'queue.set':
    case 'deadline.set':
    case 'code.failed':
    case 'run.completed':
    case 'run.continued':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.skipped':
      return false
    default:
      return type satisfies never
  }
}
