import type { Record } from '../../journal/entry.ts'
import { EngineError } from '../define/error.ts'

/** Hands records that have become durable to those who follow them live. */
export class Feed {
  readonly #readers = new Set<Reader>()
  readonly #most: number
  #closed = false

  constructor(most: number) {
    this.#most = most
  }

  publish(record: Record): void {
    for (const reader of this.#readers) reader.take(record)
  }

  /** Records from now on, in commit order; of one run only, if it is named. */
  follow(run?: string): AsyncIterableIterator<Record> {
    const reader = new Reader(run, this.#most, () => this.#readers.delete(reader))
    if (this.#closed) void reader.return()
    else this.#readers.add(reader)
    return reader
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers) void reader.return()
  }
}

class Reader implements AsyncIterableIterator<Record> {
  readonly #run: string | undefined
  readonly #most: number
  readonly #leave: () => void
  readonly #records: Record[] = []
  #entries = 0
  #asking: ((result: IteratorResult<Record>) => void) | undefined
  #ended = false
  #tooSlow = false

  constructor(run: string | undefined, most: number, leave: () => void) {
    this.#run = run
    this.#most = most
    this.#leave = leave
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  take(record: Record): void {
    if (this.#run !== undefined && record.run !== this.#run) return
    if (this.#asking !== undefined) {
      this.#asking({ done: false, value: record })
      this.#asking = undefined
      return
    }
    this.#records.push(record)
    this.#entries += record.entries.length
    if (this.#entries <= this.#most) return
    this.#tooSlow = true
    void this.return()
  }

  async next(): Promise<IteratorResult<Record>> {
    const value = this.#records.shift()
    if (value !== undefined) {
      this.#entries -= value.entries.length
      return { done: false, value }
    }
    if (this.#tooSlow) throw tooSlow(this.#most)
    if (this.#ended) return { done: true, value: undefined }
    return new Promise(resolve => {
      this.#asking = resolve
    })
  }

  async return(): Promise<IteratorResult<Record>> {
    this.#ended = true
    this.#leave()
    this.#asking?.({ done: true, value: undefined })
    this.#asking = undefined
    return { done: true, value: undefined }
  }
}

const tooSlow = (most: number): EngineError =>
  new EngineError('SUBSCRIBER_TOO_SLOW', `A subscriber fell more than ${most} entries behind.`, {
    hint: 'Read faster, raise limits.subscriberEntries, or read the runs from the journal.',
    facts: { most },
  })
