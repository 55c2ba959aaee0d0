import { statSync } from 'node:fs'
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
  readonly #own: string

  /** @throws the system error when CURRENT is missing: then the store is not open */
  constructor(dir: string) {
    this.#path = join(dir, 'CURRENT')
    this.#own = identityOf(this.#path)
  }

  /** `undefined` while the directory is ours; otherwise which CURRENT was ours and which is there. */
  check(): { readonly ours: string; readonly found: string } | undefined {
    let found = 'none'
    try {
      found = identityOf(this.#path)
    } catch {
      // Deleted or unreadable is as good as replaced: nothing may be acknowledged on it.
    }
    return found === this.#own ? undefined : { ours: this.#own, found }
  }
}

/** Inode numbers are used again, so the times count as well. */
function identityOf(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`
}
