import { type Bucket, collect, type Entry } from './bucket.ts'
import type { Place, Shape } from './shape.ts'
import { Table } from './table.ts'

interface Sheet<Ref extends object> {
  readonly shape: Shape
  readonly table: Table<Ref>
}

const NO_SHEETS: readonly never[] = []

/**
 * All entries under one event name. Few shapes are expected, and many boards if names are made for
 * one wait each: so the tables are in a list, and what every event finds needs none.
 */
export class Board<Ref extends object> {
  #every: Bucket<Ref> | undefined
  #sheets: readonly Sheet<Ref>[] = NO_SHEETS

  get isEmpty(): boolean {
    return this.#every === undefined && this.#sheets.length === 0
  }

  get({ shape, tag }: Place): Bucket<Ref> | undefined {
    return shape.text === '' ? this.#every : this.#tableOf(shape)?.get(tag)
  }

  /** Undefined leaves nothing there. */
  set({ shape, tag }: Place, bucket: Bucket<Ref> | undefined): void {
    if (shape.text === '') this.#every = bucket
    else if (bucket === undefined) this.#clear(shape, tag)
    else (this.#tableOf(shape) ?? this.#open(shape)).set(tag, bucket)
  }

  /** Each ref once, in the order of the entries. */
  candidates(event: unknown): Ref[] {
    if (this.#every !== undefined) return inOrder(this.#collect(event))
    let only: Ref | undefined
    for (const { shape, table } of this.#sheets) {
      const tag = shape.tagIn(event)
      const cell = tag === undefined ? undefined : table.peek(tag)
      if (cell === undefined) continue
      if (cell === null || only !== undefined) return inOrder(this.#collect(event))
      only = cell
    }
    return only === undefined ? [] : [only]
  }

  #collect(event: unknown): Entry<Ref>[] {
    const found: Entry<Ref>[] = []
    if (this.#every !== undefined) collect(this.#every, found)
    for (const { shape, table } of this.#sheets) {
      const tag = shape.tagIn(event)
      const bucket = tag === undefined ? undefined : table.get(tag)
      if (bucket !== undefined) collect(bucket, found)
    }
    return found
  }

  #tableOf(shape: Shape): Table<Ref> | undefined {
    return this.#sheets.find(sheet => sheet.shape.text === shape.text)?.table
  }

  #open(shape: Shape): Table<Ref> {
    const table = new Table<Ref>()
    this.#sheets = [...this.#sheets, { shape, table }]
    return table
  }

  #clear(shape: Shape, tag: number): void {
    const table = this.#tableOf(shape)
    table?.delete(tag)
    if (table?.size !== 0) return
    const others = this.#sheets.filter(sheet => sheet.table !== table)
    this.#sheets = others.length === 0 ? NO_SHEETS : others
  }
}

// One ref may be found several times: through two alternatives, or under two conditions.
function inOrder<Ref extends object>(found: Entry<Ref>[]): Ref[] {
  found.sort((a, b) => a.order - b.order)
  return [...new Set(found.map(entry => entry.ref))]
}
