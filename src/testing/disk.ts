import type { Durability } from '../../journal/meta.ts'
import type { Store } from '../../journal/store.ts'
import { forever } from '../run/promised.ts'
import {
  type CallFault,
  type DiskCall,
  type DiskWrite,
  failedOpening,
  lockedError,
  type WriteFault,
} from './disk-faults.ts'
import type { DiskHost } from './disk-host.ts'
import { DiskStore } from './disk-store.ts'
import { Medium } from './medium.ts'
import type { Rows } from './rows.ts'

export type { CallFault, DiskCall, DiskWrite, WriteFault } from './disk-faults.ts'

export interface DiskOptions {
  /** Calls back when an access has taken its time. Default: after one `setImmediate`. */
  readonly later?: (then: () => void) => void
  /** Rows that a scan gives at once. Default: 3, so that much can happen between them. */
  readonly chunk?: number
  /** With `'os'` writes are not synced: a power cut may take them back. Default: `'fsync'`. */
  readonly durability?: Durability
}

/** Who has the disk open. */
interface Owner {
  isAlive: boolean
  isFenced: boolean
  isOpen: boolean
}

const PLACE = 'simulated disk'
const oneImmediate = (then: () => void): void => void setImmediate(then)

/**
 * A disk with one store on it at a time, which behaves as LevelDB does: every batch is there whole or
 * not at all, in the order of writing. When the process dies, the store that was open is dead: what
 * it was asked for never answers.
 */
export class Disk {
  /** Decides each write's fate. */
  fault: (write: DiskWrite) => WriteFault | undefined = () => undefined
  /** Decides the fate of all that is no write. */
  callFault: (call: DiskCall) => CallFault | undefined = () => undefined
  /** What a read from this key on has to wait for. */
  slow: (key: string) => Promise<void> | undefined = () => undefined
  onCrash: () => void = () => {}
  /** Told what became of each write, before anybody else is. */
  onWrite: (write: DiskWrite, fault: WriteFault | undefined) => void = () => {}
  writes = 0
  /** Grows with whatever the disk is asked for. */
  accesses = 0
  /** Writes and other calls whose fate was decided. */
  calls = 0
  /** Writes asked of a store that had failed one. */
  lateWrites = 0
  readonly #medium = new Medium()
  readonly #later: (then: () => void) => void
  readonly #chunk: number
  readonly #sync: boolean
  #crashes = 0
  #owner: Owner = { isAlive: false, isFenced: false, isOpen: false }

  constructor({ later = oneImmediate, chunk = 3, durability = 'fsync' }: DiskOptions = {}) {
    this.#later = later
    this.#chunk = chunk
    this.#sync = durability === 'fsync'
  }

  /** What the next opening finds, unless the power is cut. */
  get rows(): Rows {
    return this.#medium.rows
  }

  /** Writes that a power cut may take back. */
  get unsynced(): number {
    return this.#medium.unsynced
  }

  /** For a new process: whatever was open before is dead. */
  open(): Store {
    this.#owner.isAlive = false
    return this.#newStore()
  }

  /**
   * Opens it as engines do: it may take time and fail. Rejects with JOURNAL_LOCKED while a store is
   * open that was not closed.
   */
  async acquire(): Promise<Store> {
    const crashes = this.#crashes
    await new Promise<void>(resolve => this.#access(resolve))
    if (this.#crashes > crashes) return forever()
    const fault = this.#callFault({ kind: 'open' })
    if (fault === 'crash') {
      this.crash()
      return forever()
    }
    if (fault === 'fails') throw failedOpening(PLACE)
    const { isAlive, isOpen } = this.#owner
    if (isAlive && isOpen) throw lockedError(PLACE)
    return this.#newStore()
  }

  /**
   * Opens it past whoever has it, as LevelDB allows by another spelling of the path. The store that
   * was open goes on to read; its next write, or the one under way, fails with JOURNAL_FENCED.
   */
  seize(): Store {
    this.#owner.isFenced = true
    return this.#newStore()
  }

  /** The process dies: whatever was open is dead from now on. What was written is there. */
  crash(): void {
    this.#crashes++
    this.#owner.isAlive = false
    this.onCrash()
  }

  /**
   * The power is cut: the process dies, and of the writes that were not synced only the first
   * `kept` are left.
   */
  cutPower(kept = 0): void {
    this.#medium.undo(kept)
    this.crash()
  }

  /** Damages a value: bits of one byte are flipped, or it cannot be read at all. */
  rot(key: string, how: { at?: number; bits?: number } | 'unreadable' = {}): void {
    if (how === 'unreadable') this.#medium.unreadable.add(key)
    else this.#medium.rot(key, how.at ?? 0, how.bits ?? 1)
  }

  #newStore(): Store {
    const owner: Owner = { isAlive: true, isFenced: false, isOpen: true }
    this.#owner = owner
    this.#medium.recover()
    return new DiskStore(this.#hostFor(owner))
  }

  #hostFor(owner: Owner): DiskHost {
    return {
      place: PLACE,
      medium: this.#medium,
      chunk: this.#chunk,
      sync: this.#sync,
      isAlive: () => owner.isAlive,
      isFenced: () => owner.isFenced,
      access: then => this.#access(then),
      slow: key => this.slow(key),
      writeFault: write => {
        this.calls++
        const fault = this.fault(write)
        this.writes++
        return fault
      },
      callFault: call => this.#callFault(call),
      wrote: (write, fault) => this.onWrite(write, fault),
      wroteLate: () => {
        this.lateWrites++
      },
      closed: () => {
        owner.isOpen = false
      },
      crash: () => this.crash(),
    }
  }

  #access(then: () => void): void {
    this.accesses++
    this.#later(then)
  }

  #callFault(call: DiskCall): CallFault | undefined {
    this.calls++
    return this.callFault(call)
  }
}
