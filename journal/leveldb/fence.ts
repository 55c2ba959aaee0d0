import { type BigIntStats, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Notices that another engine has opened the directory since this one did.
 *
 * Opening a LevelDB store replaces CURRENT by another file, and nothing else ever touches it. So
 * while CURRENT is the file it was, nobody took over; this works where locks do not (a second
 * container, a lock dropped by accident). Make one right after opening, and check before a commit
 * and again after its sync, before acknowledging it. What remains is the time the intruder needs
 * between its first look at the logs and its new CURRENT.
 */
export class Fence {
  readonly #path: string
  readonly #own: BigIntStats

  /** @throws the system error when CURRENT is missing: then the store is not open */
  constructor(dir: string) {
    this.#path = join(dir, 'CURRENT')
    this.#own = statSync(this.#path, { bigint: true })
  }

  /** `undefined` while the directory is ours; otherwise which CURRENT was ours and which is there. */
  check(): { readonly ours: string; readonly found: string } | undefined {
    const found = this.#look()
    if (found !== undefined && isSame(found, this.#own)) return undefined
    return { ours: describe(this.#own), found: found === undefined ? 'none' : describe(found) }
  }

  /** Deleted or unreadable is as good as replaced: nothing may be acknowledged on it. */
  #look(): BigIntStats | undefined {
    try {
      return statSync(this.#path, { bigint: true, throwIfNoEntry: false })
    } catch {
      return undefined
    }
  }
}

/** Inode numbers are used again, so the times count as well. */
const isSame = (a: BigIntStats, b: BigIntStats): boolean =>
  a.ino === b.ino &&
  a.mtimeNs === b.mtimeNs &&
  a.ctimeNs === b.ctimeNs &&
  a.size === b.size &&
  a.dev === b.dev

const describe = ({ ino, mtimeNs }: BigIntStats): string => `inode ${ino}, written at ${mtimeNs} ns`
