import type { CallFault, DiskCall, DiskWrite, WriteFault } from './disk-faults.ts'
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
