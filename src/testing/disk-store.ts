import { closedError } from '../../journal/error.ts'
import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from '../../journal/store.ts'
import { forever } from '../run/promised.ts'
import {
  type DiskWrite,
  failedRead,
  fencedError,
  simulated,
  type WriteFault,
} from './disk-faults.ts'
import type { DiskHost } from './disk-host.ts'
import { DiskView } from './disk-view.ts'
import { Scan } from './scan.ts'

/** One opening of a simulated disk. */
export class DiskStore implements Store {
  readonly place: string
  readonly #host: DiskHost
  readonly #view: DiskView
  #failed: 'append' | 'sync' | undefined
  #closed = false

  constructor(host: DiskHost) {
    this.place = host.place
    this.#host = host
    this.#view = new DiskView(host.medium.rows)
  }

  batch(): StoreBatch {
    const puts = new Map<string, Uint8Array>()
    const dels: string[] = []
    return {
      put(key, value) {
        puts.set(key, copyOf(value))
      },
      del(key) {
        puts.delete(key)
        dels.push(key)
      },
      write: () => this.#write({ puts, dels }),
      discard: async () => {},
    }
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read('get', key, () => {
      this.#mustBeReadable(key)
      return copyOfAny(this.#view.get(key))
    })
  }

  /** Each key is asked for as if it were alone, and then all are read at one moment. */
  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    for (const key of keys) await this.get(key)
    return keys.map(key => copyOfAny(this.#view.get(key)))
  }

  // No generator: of the promises that one needs, a schedule would make more than of all others.
  scan(range: KeyRange, options: ScanOptions = {}): AsyncIterable<readonly StoreEntry[]> {
    const { chunk } = this.#host
    const { gte } = range
    let view: readonly StoreEntry[] | undefined
    let at = 0
    const first = (): IteratorResult<readonly StoreEntry[], undefined> => {
      view = this.#view.between(range, options)
      return more()
    }
    const more = (): IteratorResult<readonly StoreEntry[], undefined> => {
      const rows = view?.slice(at, at + chunk) ?? []
      at += chunk
      for (const [key] of rows) this.#mustBeReadable(key)
      if (rows.length === 0) return { done: true, value: undefined }
      return { done: false, value: rows.map(([key, value]) => [key, copyOf(value)]) }
    }
    const next = (): Promise<IteratorResult<readonly StoreEntry[], undefined>> =>
      view === undefined ? this.#read('scan', gte, first) : this.#ask('scan', gte, more)
    return new Scan(next)
  }

  async close(): Promise<void> {
    if (!this.#host.isAlive()) return forever()
    const fault = this.#closed ? undefined : this.#host.callFault({ kind: 'close' })
    if (fault === 'crash') {
      this.#host.crash()
      return forever()
    }
    this.#closed = true
    this.#host.closed()
    if (fault === 'fails') throw simulated('closing failed')
  }

  /** Calls back when an access has taken its time; never, if the process has died by then. */
  #access(then: () => void, reject: (error: unknown) => void): void {
    if (this.#closed) throw closedError(this.place)
    this.#host.access(() => {
      if (!this.#host.isAlive()) return
      try {
        then()
      } catch (error) {
        reject(error)
      }
    })
  }

  #ask<Answer>(
    kind: 'get' | 'scan',
    key: string,
    answer: () => Answer | Promise<Answer>,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const read = (): void => {
        const fault = this.#host.callFault({ kind, key })
        if (fault === 'crash') return this.#host.crash()
        if (fault === 'fails') throw failedRead(key)
        resolve(answer())
      }
      this.#access(read, reject)
    })
  }

  #read<Answer>(kind: 'get' | 'scan', key: string, answer: () => Answer): Promise<Answer> {
    return this.#ask(kind, key, () => {
      const slow = this.#host.slow(key)
      return slow === undefined ? answer() : slow.then(answer)
    })
  }

  #mustBeReadable(key: string): void {
    if (this.#host.medium.unreadable.has(key)) throw failedRead(key)
  }

  // Whoever has been fenced out learns of it before the write, or before it is acknowledged.
  #write(write: DiskWrite): Promise<void> {
    return new Promise((resolve, reject) => {
      const acknowledge = (): void => {
        this.#mustNotBeFenced()
        resolve()
      }
      const begin = (): void => {
        this.#mustNotBeFenced()
        if (this.#failed !== undefined) {
          this.#writeLate(write)
          resolve()
        } else if (this.#decide(write)) this.#access(acknowledge, reject)
      }
      this.#access(begin, reject)
    })
  }

  /** Whether anybody is told that it was written. */
  #decide(write: DiskWrite): boolean {
    const fault = this.#host.writeFault(write)
    switch (fault) {
      case 'fails':
        this.#failed = 'append'
        this.#host.wrote(write, fault)
        throw simulated('no space left')
      case 'fails-but-written':
        this.#failed = 'sync'
        this.#view.overlook(this.#host.medium.writeUnsynced(write))
        this.#host.wrote(write, fault)
        throw simulated('the sync failed')
      case 'crash-before':
        this.#host.crash()
        return false
      case 'crash-after':
        this.#apply(write, fault)
        this.#host.crash()
        return false
      case undefined:
        this.#apply(write, fault)
        return true
      default:
        return fault satisfies never
    }
  }

  #mustNotBeFenced(): void {
    if (this.#host.isFenced()) throw fencedError(this.place)
  }

  #writeLate(write: DiskWrite): void {
    this.#host.wroteLate()
    if (this.#failed === 'sync') throw simulated('a sync has failed before')
    this.#view.imagine(write)
  }

  #apply(write: DiskWrite, fault: WriteFault | undefined): void {
    const { medium, sync } = this.#host
    if (sync) medium.write(write)
    else medium.writeUnsynced(write)
    this.#host.wrote(write, fault)
  }
}

// As buffers, many of which share one piece of memory: to allocate is dearer than to copy.
const copyOf = (value: Uint8Array): Uint8Array => Buffer.from(value)

const copyOfAny = (value: Uint8Array | undefined): Uint8Array | undefined => value && copyOf(value)
