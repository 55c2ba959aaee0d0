import type { Entry } from '../../journal/entry.ts'
import { keys } from '../../journal/keys.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { Open } from '../../journal/pending.ts'
import { openRecord } from '../../journal/reader.ts'
import { type Rows, runsOn } from '../../src/testing/run-view.ts'
import type { Flow } from './flow.ts'

/** A run as it is recorded. */
export class Recorded {
  readonly ledger: Ledger
  /** Each with when it was recorded, by elapsed time, and what its workflow allowed then. */
  readonly entries: { readonly entry: Entry; readonly at: number; readonly under: Flow }[] = []

  constructor(id: string) {
    this.ledger = emptyLedger(id)
  }

  get isOver(): boolean {
    return isFinal(this.ledger.status)
  }

  /** What it holds or waits with, of one kind. */
  opened<Kind extends Open['kind']>(kind: Kind): (Open & { readonly kind: Kind })[] {
    return [...this.ledger.open.values()].filter(
      (open): open is Open & { readonly kind: Kind } => open.kind === kind,
    )
  }

  /** The first entry of a type, and when it was recorded. */
  find<Type extends Entry['type']>(type: Type) {
    for (const { entry, at, under } of this.entries) {
      if (entry.type === type) return { entry: entry as Entry & { readonly type: Type }, at, under }
    }
    return undefined
  }

  /** Takes in what was recorded since. */
  look(rows: Rows, flows: readonly Flow[]): void {
    for (;;) {
      const key = keys.record(this.ledger.run, this.entries.length)
      const bytes = rows.get(key)
      if (bytes === undefined) return
      const record = openRecord(key, bytes)
      noteRecord(this.ledger, record)
      const under = flows[Number(this.ledger.workflow.slice(1))] ?? {}
      for (const entry of record.entries) this.entries.push({ entry, at: record.elapsed, under })
    }
  }
}

/** All runs of a disk, looked at again and again. */
export class Records {
  readonly #rows: Rows
  readonly #flows: readonly Flow[]
  readonly #byId = new Map<string, Recorded>()

  /** `flows`: what the workflows allow now. They change only after a look. */
  constructor(rows: Rows, flows: readonly Flow[]) {
    this.#rows = rows
    this.#flows = flows
  }

  get all(): readonly Recorded[] {
    return [...this.#byId.values()]
  }

  /** When anything was recorded last, by elapsed time. */
  get newest(): number {
    return Math.max(0, ...this.all.map(({ entries }) => entries.at(-1)?.at ?? 0))
  }

  get active(): readonly Recorded[] {
    return this.all.filter(({ isOver }) => !isOver)
  }

  get(id: string): Recorded | undefined {
    return this.#byId.get(id)
  }

  look(): void {
    for (const id of runsOn(this.#rows)) {
      const recorded = this.#byId.get(id) ?? new Recorded(id)
      this.#byId.set(id, recorded)
      recorded.look(this.#rows, this.#flows)
    }
  }
}
