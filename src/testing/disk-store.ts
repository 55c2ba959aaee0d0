import { closedError } from '../../journal/error.ts'
import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from '../../journal/store.ts'
import { forever } from '../run/promised.ts'
import {
  type CallFault,
  type DiskCall,
  type DiskWrite,
  failedRead,
  fencedError,
  type WriteFault,
} from './disk-faults.ts'
import { DiskView } from './disk-view.ts'
import type { Medium } from './medium.ts'
import { Scan } from './scan.ts'

/** What one opening of a disk needs of it. */
export interface DiskHost {
  readonly place: string
  readonly medium: Medium
  /** Rows that a scan gives at once. */
  readonly chunk: number
  /** Whether a write is synced before it is acknowledged. */
  readonly sync: boolean
  /** Whether the process that opened it is still there. */
  isAlive(): boolean
  /** Whether it has been opened by somebody else since. */
  isFenced(): boolean
  /** Calls back when an access has taken its time. */
  access(then: () => void): void
  slow(key: string): Promise<void> | undefined
  writeFault(write: DiskWrite): WriteFault | undefined
  callFault(call: DiskCall): CallFault | undefined
  /** What became of a write that was decided upon. */
  wrote(write: DiskWrite, fault: WriteFault | undefined): void
  /** A write came after one that failed. */
  wroteLate(): void
  closed(): void
  crash(): void
}

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
    if (fault === 'crash') return this.#die()
    this.#closed = true
    this.#host.closed()
    if (fault === 'fails') throw new Error('simulated: closing failed')
  }

  /** What `answer` says when an access has taken its time; nothing, if the process has died by then. */
  #access<Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError(this.place)
      this.#host.access(() => {
        if (!this.#host.isAlive()) return
        try {
          resolve(answer())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #ask<Answer>(
    kind: 'get' | 'scan',
    key: string,
    answer: () => Answer | Promise<Answer>,
  ): Promise<Answer> {
    return this.#access(() => {
      const fault = this.#host.callFault({ kind, key })
      if (fault === 'crash') return this.#die()
      if (fault === 'fails') throw failedRead(key)
      return answer()
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
    return this.#access(() => {
      this.#mustNotBeFenced()
      if (this.#failed !== undefined) return this.#writeLate(write)
      const fault = this.#host.writeFault(write)
      switch (fault) {
        case 'fails':
          this.#failed = 'append'
          this.#host.wrote(write, fault)
          throw new Error('simulated: no space left')
        case 'fails-but-written':
          this.#failed = 'sync'
          this.#view.overlook(this.#host.medium.writeUnsynced(write))
          this.#host.wrote(write, fault)
          throw new Error('simulated: the sync failed')
        case 'crash-before':
          return this.#die()
        case 'crash-after':
          this.#apply(write, fault)
          return this.#die()
        case undefined:
          this.#apply(write, fault)
          return this.#access(() => this.#mustNotBeFenced())
        default:
          return fault satisfies never
      }
    })
  }

  #mustNotBeFenced(): void {
    if (this.#host.isFenced()) throw fencedError(this.place)
  }

  #writeLate(write: DiskWrite): void {
    this.#host.wroteLate()
    if (this.#failed === 'sync') throw new Error('simulated: a sync has failed before')
    this.#view.imagine(write)
  }

  #apply(write: DiskWrite, fault: WriteFault | undefined): void {
    const { medium, sync } = this.#host
    if (sync) medium.write(write)
    else medium.writeUnsynced(write)
    this.#host.wrote(write, fault)
  }

  #die(): Promise<never> {
    this.#host.crash()
    return forever()
  }
}

// As buffers, many of which share one piece of memory: to allocate is dearer than to copy.
const copyOf = (value: Uint8Array): Uint8Array => Buffer.from(value)

const copyOfAny = (value: Uint8Array | undefined): Uint8Array | undefined => value && copyOf(value)
