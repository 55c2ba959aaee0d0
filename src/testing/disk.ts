import { closedError } from '../../journal/error.ts'
import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from '../../journal/store.ts'

/** What is to happen to a write, in place of success. */
export type WriteFault =
  /** Refused before anything was written. */
  | 'fails'
  /** Reported as failed, although it was written. */
  | 'fails-but-written'
  /** The process dies before it was written. */
  | 'crash-before'
  /** The process dies after it was written, before anybody is told. */
  | 'crash-after'

/** What the disk is about to write, for those who watch it. */
export interface DiskWrite {
  readonly puts: ReadonlyMap<string, Uint8Array>
  readonly dels: readonly string[]
}

/**
 * A disk with one store on it at a time. A crash leaves every batch whole or absent, as LevelDB
 * with fsync does, and the store that was open is dead: what it was asked for never answers.
 */
export class Disk {
  readonly rows = new Map<string, Uint8Array>()
  /** Decides each write's fate. */
  fault: (write: DiskWrite) => WriteFault | undefined = () => undefined
  /** What a read from this key on has to wait for. */
  slow: (key: string) => Promise<void> | undefined = () => undefined
  onCrash: () => void = () => {}
  /** Told what became of each write, before anybody else is. */
  onWrite: (write: DiskWrite, fault: WriteFault | undefined) => void = () => {}
  writes = 0
  /** Grows with whatever the disk is asked for. */
  accesses = 0
  /** Writes asked of a store that had failed one. */
  lateWrites = 0
  /** What every access waits for. */
  readonly later: () => Promise<void>
  #generation = 0

  constructor({ later = immediate }: { readonly later?: () => Promise<void> } = {}) {
    this.later = later
  }

  open(): Store {
    const generation = ++this.#generation
    return new DiskStore(this, () => generation === this.#generation)
  }

  /** Whatever was open is dead from now on. */
  crash(): void {
    this.#generation++
    this.onCrash()
  }

  apply({ puts, dels }: DiskWrite): void {
    for (const key of dels) this.rows.delete(key)
    for (const [key, value] of puts) this.rows.set(key, value)
  }
}

const forever = new Promise<never>(() => {})
// The order of code units is that of UTF-8 bytes, but for what lies beyond the basic plane.
const BEYOND = /[\ud800-\udfff]/
function byBytes(a: string, b: string): number {
  if (BEYOND.test(a) || BEYOND.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a === b ? 0 : a < b ? -1 : 1
}
const immediate = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

class DiskStore implements Store {
  readonly place = 'simulated disk'
  readonly #disk: Disk
  readonly #isAlive: () => boolean
  #failed = false
  #closed = false

  constructor(disk: Disk, isAlive: () => boolean) {
    this.#disk = disk
    this.#isAlive = isAlive
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
    await this.#access()
    await this.#disk.slow(key)
    const value = this.#disk.rows.get(key)
    return value && Uint8Array.from(value)
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<readonly StoreEntry[]> {
    await this.#access()
    await this.#disk.slow(range.gte)
    const inside = [...this.#disk.rows].filter(
      ([key]) => byBytes(key, range.gte) >= 0 && byBytes(key, range.lt) < 0,
    )
    inside.sort(([a], [b]) => byBytes(a, b))
    if (options.reverse) inside.reverse()
    const view = inside.slice(0, options.limit ?? inside.length)
    for (let at = 0; at < view.length; at += 3) {
      yield view.slice(at, at + 3).map(([key, value]) => [key, Uint8Array.from(value)])
      await this.#access()
    }
  }

  async close(): Promise<void> {
    if (!this.#isAlive()) return forever
    this.#closed = true
  }

  async #access(): Promise<void> {
    if (this.#closed) throw closedError(this.place)
    this.#disk.accesses++
    await this.#disk.later()
    if (!this.#isAlive()) return forever
  }

  async #write(write: DiskWrite): Promise<void> {
    await this.#access()
    if (this.#failed) {
      this.#disk.lateWrites++
      throw new Error('written after a failed write')
    }
    const fault = this.#disk.fault(write)
    this.#disk.writes++
    switch (fault) {
      case 'fails':
        this.#failed = true
        this.#disk.onWrite(write, fault)
        throw new Error('simulated: no space left')
      case 'fails-but-written':
        this.#failed = true
        this.#apply(write, fault)
        throw new Error('simulated: the sync failed')
      case 'crash-before':
        this.#disk.crash()
        return forever
      case 'crash-after':
        this.#apply(write, fault)
        this.#disk.crash()
        return forever
      case undefined:
        this.#apply(write, fault)
        return this.#access()
      default:
        return fault satisfies never
    }
  }

  #apply(write: DiskWrite, fault: WriteFault | undefined): void {
    this.#disk.apply(write)
    this.#disk.onWrite(write, fault)
  }
}
