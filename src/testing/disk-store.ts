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
  /** What each access waits for. */
  access(): Promise<void>
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
        puts.set(key, Uint8Array.from(value))
      },
      del(key) {
        puts.delete(key)
        dels.push(key)
      },
      write: () => this.#write({ puts, dels }),
      discard: async () => {},
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#read('get', key)
    await this.#host.slow(key)
    this.#mustBeReadable(key)
    const value = this.#view.get(key)
    return value && Uint8Array.from(value)
  }

  /** Each key is asked for as if it were alone, and then all are read at one moment. */
  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    for (const key of keys) await this.get(key)
    return keys.map(key => {
      const value = this.#view.get(key)
      return value && Uint8Array.from(value)
    })
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<readonly StoreEntry[]> {
    const { chunk } = this.#host
    await this.#read('scan', range.gte)
    await this.#host.slow(range.gte)
    const view = this.#view.between(range, options)
    for (let at = 0; at < view.length; at += chunk) {
      const rows = view.slice(at, at + chunk)
      for (const [key] of rows) this.#mustBeReadable(key)
      yield rows.map(([key, value]) => [key, Uint8Array.from(value)])
      await this.#read('scan', range.gte)
    }
  }

  async close(): Promise<void> {
    if (!this.#host.isAlive()) return forever()
    const fault = this.#closed ? undefined : this.#host.callFault({ kind: 'close' })
    if (fault === 'crash') return this.#die()
    this.#closed = true
    this.#host.closed()
    if (fault === 'fails') throw new Error('simulated: closing failed')
  }

  async #access(): Promise<void> {
    if (this.#closed) throw closedError(this.place)
    await this.#host.access()
    if (!this.#host.isAlive()) return forever()
  }

  async #read(kind: 'get' | 'scan', key: string): Promise<void> {
    await this.#access()
    const fault = this.#host.callFault({ kind, key })
    if (fault === 'crash') return this.#die()
    if (fault === 'fails') throw failedRead(key)
  }

  #mustBeReadable(key: string): void {
    if (this.#host.medium.unreadable.has(key)) throw failedRead(key)
  }

  // Whoever has been fenced out learns of it before the write, or before it is acknowledged.
  async #write(write: DiskWrite): Promise<void> {
    await this.#access()
    if (this.#host.isFenced()) throw fencedError(this.place)
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
        await this.#access()
        if (this.#host.isFenced()) throw fencedError(this.place)
        return
      default:
        return fault satisfies never
    }
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
