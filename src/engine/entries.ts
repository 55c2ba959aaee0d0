import type { Record } from '../../journal/entry.ts'
import { type RunEntry, readable } from './handle.ts'

/** The entries of live records. Unlike a generator it can be left while it waits for the next. */
export class Entries implements AsyncIterableIterator<RunEntry> {
  readonly #records: AsyncIterableIterator<Record>
  #current: Iterator<RunEntry> | undefined
  #newest: Promise<unknown> = Promise.resolve()

  constructor(records: AsyncIterableIterator<Record>) {
    this.#records = records
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Calls that come before the last one has its answer get theirs in order. */
  next(): Promise<IteratorResult<RunEntry>> {
    const next = this.#newest.then(() => this.#next())
    this.#newest = next.catch(() => {})
    return next
  }

  async #next(): Promise<IteratorResult<RunEntry>> {
    for (;;) {
      const entry = this.#current?.next()
      if (entry?.done === false) return entry
      const record = await this.#records.next()
      if (record.done === true) return { done: true, value: undefined }
      this.#current = readable(record.value)
    }
  }

  async return(): Promise<IteratorResult<RunEntry>> {
    this.#current = undefined
    await this.#records.return?.()
    return { done: true, value: undefined }
  }
}
