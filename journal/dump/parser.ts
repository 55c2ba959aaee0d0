import { createHash } from 'node:crypto'
import { type JournalError, PerdureError } from '../error.ts'
import { badLine, cutDump, type DumpName, noDump } from './fault.ts'
import { type DumpHeader, readHeader } from './header.ts'
import type { DumpItem, OtherItem } from './item.ts'
import { jsonFault } from './json-fault.ts'
import type { DumpLine } from './lines.ts'
import { keyOf } from './other-facts.ts'
import { readOther } from './other-reader.ts'
import { type BuiltRecord, RecordBuilder } from './record-builder.ts'
import { SECTIONS } from './sections.ts'
import { isObject, Misshapen } from './shape.ts'

type Facts = Readonly<{ [name: string]: unknown }>

const places = new Map<unknown, number>(SECTIONS.map(([kind], place) => [kind, place]))

/** Reads the lines of a dump, of any format there was, one after the other. */
export class DumpParser {
  readonly #dump: DumpName
  readonly #hash = createHash('sha256')
  readonly #counts: number[] = SECTIONS.map(() => 0)
  #header: DumpHeader | undefined
  #records = new RecordBuilder(2)
  #section = 0
  #lastKey = ''
  /** The last run that something is wrong in. */
  #damaged: string | undefined
  #isWhole = false
  #line = 0

  constructor(dump: DumpName) {
    this.#dump = dump
  }

  /** Throws JOURNAL_CORRUPT (`facts.line`), JOURNAL_UNUSABLE and JOURNAL_FORMAT. */
  take({ number, bytes }: DumpLine, items: DumpItem[]): void {
    this.#line = number
    try {
      this.#take(bytes, items)
    } catch (error) {
      throw this.#fault(error)
    }
  }

  /** There are no more lines. */
  end(): void {
    if (this.#header === undefined) throw noDump(this.#dump)
    if (!this.#isWhole) throw cutDump(this.#dump, this.#line, 'its trailer is missing')
  }

  #take(bytes: Buffer, items: DumpItem[]): void {
    const facts = this.#parse(bytes)
    if (this.#isWhole) throw new Misshapen('it follows the trailer')
    if (this.#header === undefined) {
      const header = readHeader(facts, this.#dump)
      this.#header = header
      this.#records = new RecordBuilder(header.format)
      items.push({ kind: 'header', header })
    } else if (facts.kind === 'trailer') return this.#finish(facts, items)
    else this.#item(facts, items)
    this.#hash.update(bytes).update('\n')
  }

  #parse(bytes: Buffer): Facts {
    const text = bytes.toString()
    try {
      const facts: unknown = JSON.parse(text)
      if (isObject(facts)) return facts
    } catch {
      if (this.#header !== undefined) throw new Misshapen(jsonFault(text))
    }
    if (this.#header === undefined) throw noDump(this.#dump)
    throw new Misshapen('it is no object')
  }

  #item(facts: Facts, items: DumpItem[]): void {
    const { kind } = facts
    const place = places.get(kind)
    if (place === undefined) throw new Misshapen(`${JSON.stringify(kind)} is no kind of a line`)
    if (place < this.#section) throw new Misshapen(`a line of kind ${kind} comes too late`)
    if (place > this.#section) this.#endRecords(items)
    this.#section = place
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    if (place === 0) return this.#entry(facts, items)
    const { kind: _, ...own } = facts
    const item = readOther(kind as OtherItem['kind'], this.#line, own)
    const key = keyOf(item)
    if (`${place}${key}` <= this.#lastKey)
      throw new Misshapen('it is not in order, or it is there twice')
    this.#lastKey = `${place}${key}`
    items.push(item)
  }

  #entry(facts: Facts, items: DumpItem[]): void {
    const { run } = facts
    if (run === this.#damaged) return
    if (run !== this.#records.run) this.#endRecords(items)
    try {
      const built = this.#records.take(this.#line, facts)
      if (built !== undefined) items.push(itemOf(built))
    } catch (error) {
      if (typeof run !== 'string') throw error
      this.#records.drop()
      this.#damaged = run
      items.push({ kind: 'damage', run, error: this.#fault(error, facts) })
    }
  }

  #endRecords(items: DumpItem[]): void {
    const built = this.#records.end()
    if (built !== undefined) items.push(itemOf(built))
  }

  /** What is wrong inside was said, where it was. */
  #finish(trailer: Facts, items: DumpItem[]): void {
    this.#endRecords(items)
    this.#isWhole = true
    const { kind: _, runs, sha256, ...counts } = trailer
    const isDamaged = this.#damaged !== undefined
    const isFirst = this.#header?.format === 1
    if (!isDamaged && runs !== this.#records.runs) this.#mustCount('runs', runs)
    for (const [place, [, name]] of SECTIONS.entries()) {
      if (isFirst && place > 0) break
      if (counts[name] !== this.#counts[place]) this.#mustCount(name, counts[name])
    }
    if (isFirst || isDamaged || sha256 === this.#hash.digest('hex')) return
    throw new Misshapen('the lines before it are not those that were written (sha256)')
  }

  #mustCount(name: string, stated: unknown): never {
    throw cutDump(
      this.#dump,
      this.#line,
      `its trailer counts ${String(stated)} ${name}, there are others`,
    )
  }

  #fault(error: unknown, { run, seq }: Facts = {}): JournalError {
    if (error instanceof PerdureError) return error as JournalError
    if (!(error instanceof Misshapen)) throw error
    return badLine(this.#dump, this.#line, error.message, run === undefined ? {} : { run, seq })
  }
}

const itemOf = ({ line, record }: BuiltRecord): DumpItem => ({ kind: 'record', line, record })
