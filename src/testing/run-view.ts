import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import { openHead } from '../../journal/head-reader.ts'
import { keys } from '../../journal/keys.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import { openRecord, type StoredRecord } from '../../journal/reader.ts'
import { outcomeOf } from '../engine/outcomes.ts'
import { decodeThrown } from '../run/thrown.ts'
import { timelineOf } from './timeline.ts'

/** What is on a simulated disk. */
export type Rows = ReadonlyMap<string, Uint8Array>

/** A step as far as it is recorded. */
export interface StepView {
  /** With its occurrence from the second on: `charge`, `charge:1`, ... */
  readonly id: string
  readonly status: 'running' | 'succeeded' | 'failed'
  /** How many attempts have ended. */
  readonly attempts: number
  /** What it came to, once it has succeeded. */
  readonly value: unknown
  /** What its last attempt threw, if that failed. */
  readonly error: unknown
}

/** A run as it is recorded: what would be there after a crash. */
export class RunView {
  readonly id: string
  readonly #rows: Rows
  #head: { readonly bytes: Uint8Array; readonly head: Head } | undefined

  constructor(rows: Rows, id: string) {
    this.id = id
    this.#rows = rows
  }

  get workflow(): string {
    return this.#read().workflow
  }

  get status(): RunStatus {
    return this.#read().status
  }

  /** What it returned; `undefined` unless it has completed. */
  get output(): unknown {
    const outcome = this.#outcome()
    return outcome?.kind === 'completed' ? decodeValue(outcome.output) : undefined
  }

  /** What it failed with; of a parked run, the report. */
  get error(): unknown {
    const outcome = this.#outcome()
    if (outcome?.kind === 'failed') return decodeThrown(outcome.error)
    return outcome?.kind === 'parked' ? decodeValue(outcome.report) : undefined
  }

  /** Why it is parked, was cancelled or skipped: `joined`, if another run has taken it in. */
  get reason(): string | undefined {
    const outcome = this.#outcome()
    if (outcome?.kind === 'cancelled' || outcome?.kind === 'skipped') return outcome.reason
    if (outcome?.kind === 'parked') return outcome.code
    return this.status === 'skipped' ? 'joined' : undefined
  }

  /** Of a skipped run: the one that stands in its place, if there is one. */
  get by(): string | undefined {
    const outcome = this.#outcome()
    if (outcome?.kind === 'skipped') return outcome.by
    return this.status === 'skipped' ? this.continuedAs : undefined
  }

  /** The id of the run that continues it, or has taken it in. */
  get continuedAs(): string | undefined {
    return this.#read().continuedAs
  }

  /** Its steps, in the order in which they were asked for. */
  get steps(): readonly StepView[] {
    return stepsOf(this.entries)
  }

  /** The step of this id (`charge`, `charge:1`, ...), if the run has come to it. */
  step(id: string): StepView | undefined {
    return this.steps.find(step => step.id === id)
  }

  /** One line an entry: `step.scheduled charge`, `timer.fired wait`, `run.completed`. */
  get timeline(): readonly string[] {
    return timelineOf(this.entries)
  }

  /** Everything that is recorded of it. */
  get entries(): readonly Entry[] {
    return this.records().flatMap(({ entries }) => entries)
  }

  /** What is recorded, as it lies on disk. */
  records(): readonly StoredRecord[] {
    const records: StoredRecord[] = []
    for (let seq = 0; ; seq += records.at(-1)?.entries.length ?? 0) {
      const key = keys.record(this.id, seq)
      const bytes = this.#rows.get(key)
      if (bytes === undefined) return records
      records.push(openRecord(key, bytes))
    }
  }

  #outcome(): ReturnType<typeof outcomeOf> {
    const { status, continuedAs } = this.#read()
    if (status === 'running' || status === 'scheduled' || continuedAs !== undefined)
      return undefined
    return outcomeOf([...this.entries].reverse())
  }

  #read(): Head {
    const active = keys.active(this.id)
    const ended = keys.ended(this.id)
    const bytes = this.#rows.get(active) ?? this.#rows.get(ended)
    if (bytes === undefined) throw new Error(`There is no run ${this.id}.`)
    if (this.#head?.bytes !== bytes) {
      const head = openHead(this.#rows.has(active) ? active : ended, bytes)
      this.#head = { bytes, head }
    }
    return this.#head.head
  }
}

/** The ids of all runs, in their order. */
export function runsOn(rows: Rows): string[] {
  const ids: string[] = []
  for (const key of rows.keys()) {
    if (key.startsWith('a!') || key.startsWith('z!')) ids.push(key.slice(2))
  }
  return ids.sort()
}

function stepsOf(entries: readonly Entry[]): StepView[] {
  const steps = new Map<number, Mutable<StepView>>()
  for (const [seq, entry] of entries.entries()) {
    if (entry.type === 'step.scheduled') {
      const status = 'running'
      steps.set(seq, { id: entry.id, status, attempts: 0, value: undefined, error: undefined })
    } else if (entry.type === 'step.succeeded' || entry.type === 'step.failed') {
      const step = steps.get(entry.of)
      if (step === undefined) continue
      step.attempts = entry.attempt + 1
      if (entry.type === 'step.succeeded') {
        step.status = 'succeeded'
        step.value = decodeValue(entry.value)
        step.error = undefined
      } else {
        step.error = decodeThrown(entry.error)
        if (entry.retryAt === undefined) step.status = 'failed'
      }
    }
  }
  return [...steps.values()]
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }
