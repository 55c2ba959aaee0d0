import type { Format, Globals } from './globals.ts'
import type { Io } from './io.ts'
import { type Looks, looksOf } from './looks.ts'
import { plain } from './plain.ts'
import { type Cell, type Column, plainTable, table } from './table.ts'
import { UsageError } from './usage.ts'

/** An item of a list: for programs, and for people, whose cells are made when they are needed. */
export interface Item {
  readonly record: { readonly kind: string }
  readonly cells: () => readonly Cell[]
}

/** Prints data in the format that was asked for. */
export class Output {
  readonly format: Format
  readonly looks: Looks
  readonly #io: Io
  readonly #globals: Globals
  readonly #fields: readonly string[] | undefined

  constructor(io: Io, globals: Globals) {
    this.#io = io
    this.#globals = globals
    this.#fields = globals.fields
    this.format = globals.output ?? (globals.json ? 'json' : globals.plain ? 'plain' : 'table')
    this.looks = looksOf(io.out, globals, io)
  }

  /** Whether programs read it. */
  get isJson(): boolean {
    return this.format === 'json' || this.format === 'ndjson'
  }

  /** A list. Gives how many there were; stops where nobody reads any more. */
  async list(
    of: string,
    items: AsyncIterable<Item> | Iterable<Item>,
    columns: readonly Column[],
  ): Promise<number> {
    if (this.isJson) await this.#mustBeFields(of)
    if (this.format === 'ndjson') return this.#lines(items)
    const kept: Item[] = []
    for await (const item of items) kept.push(item)
    if (this.format === 'json') {
      const all = kept.map(({ record }) => this.#picked(record))
      await this.json({ v: 1, kind: 'list', of, items: all })
      return kept.length
    }
    const places = this.#places(columns)
    const rows = kept.map(({ cells }) => {
      const all = cells()
      return places.map(at => cleaned(all[at]))
    })
    const shown = places.flatMap(at => columns[at] ?? [])
    if (this.format === 'plain') await this.text(plainTable(rows))
    else if (rows.length > 0) await this.text(table(shown, rows, this.looks))
    return kept.length
  }

  /** One thing: a document for programs, else the text, which is made when it is needed. */
  async one(record: { readonly kind: string }, text: () => string): Promise<void> {
    if (this.isJson) {
      await this.#mustBeFields(record.kind)
      await this.json(this.#picked(record))
    } else await this.text(text())
  }

  /** Data as it is; on a terminal, what is longer than it by the pager. */
  async text(text: string): Promise<void> {
    const pager = this.#pagerFor(text)
    const isShown = pager !== undefined && (await this.#io.page?.(pager, text))
    if (isShown !== true) await this.#io.out.write(text)
  }

  #pagerFor(text: string): string | undefined {
    const { out, env } = this.#io
    if (this.#globals.pager === false || !out.isTerminal || env.TERM === 'dumb') return undefined
    const { PERDURE_PAGER, PAGER } = env
    const pager = PERDURE_PAGER ?? PAGER ?? 'less'
    const isLong = text.split('\n').length > (out.rows ?? Number.POSITIVE_INFINITY)
    return isLong && pager !== '' && pager !== 'cat' ? pager : undefined
  }

  async json(document: object): Promise<void> {
    await this.#io.out.write(`${JSON.stringify(document)}\n`)
  }

  async #lines(items: AsyncIterable<Item> | Iterable<Item>): Promise<number> {
    let count = 0
    for await (const { record } of items) {
      await this.json(this.#picked(record))
      count++
      if (this.#io.out.isClosed) break
    }
    return count
  }

  /** What was asked for, and what says how it is to be read. */
  #picked(record: object): object {
    const fields = this.#fields
    if (fields === undefined) return record
    const named = new Map(Object.entries(record))
    const names = new Set(['v', 'kind', ...fields])
    return Object.fromEntries([...names].map(name => [name, named.get(name) ?? null]))
  }

  /** The schema of the records says which there may be: of those at hand each may lack some. */
  async #mustBeFields(kind: string): Promise<void> {
    if (this.#fields === undefined) return
    const { records } = await import('./records/all.ts')
    const schema = records.find(({ shape }) => shape.kind.value === kind)
    if (schema === undefined) return
    const names = Object.keys(schema.shape)
    const field = this.#fields.find(name => !names.includes(name))
    if (field === undefined) return
    const { suggestion } = await import('./suggestion.ts')
    throw new UsageError('USAGE_INVALID', `There is no property ${plain(field)}.`, {
      hint: `${suggestion(field, names)}There are ${names.join(', ')}.`,
      facts: { field, kind },
    })
  }

  #places(columns: readonly Column[]): readonly number[] {
    const fields = this.#fields
    if (fields === undefined) return [...columns.keys()]
    return fields.map(field => {
      const at = columns.findIndex(({ name }) => name.toLowerCase() === field.toLowerCase())
      if (at !== -1) return at
      const names = columns.map(({ name }) => name.toLowerCase()).filter(name => name !== '')
      throw new UsageError('USAGE_INVALID', `There is no column ${plain(field)}.`, {
        hint: `There are ${names.join(', ')}.`,
        facts: { field },
      })
    })
  }
}

// What comes from a journal must not steer the terminal.
const cleaned = (cell: Cell | undefined): Cell =>
  cell === undefined ? { text: '' } : { ...cell, text: plain(cell.text) }
