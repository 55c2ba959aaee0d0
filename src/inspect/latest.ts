import type { AddedRecord } from '../../journal/group.ts'
import type { Journal } from '../../journal/journal.ts'

/** Bytes of records that a follower may be behind. */
const BEHIND_BYTES = 16 << 20

/** A commit, and the records in it. */
export interface Told {
  readonly commit: number
  readonly added: readonly AddedRecord[]
}

/** What is committed while somebody reads, as it is told; too much of it is dropped, all of it. */
export class Latest {
  readonly #signal: AbortSignal
  /** How many records. */
  readonly #behind: number
  readonly #leave: () => void
  readonly #wake = (): void => this.#waiting?.()
  #told: Told[] = []
  #records = 0
  #bytes = 0
  #overflown = false
  #waiting: (() => void) | undefined

  constructor(journal: Pick<Journal, 'follow'>, signal: AbortSignal, behind: number) {
    this.#signal = signal
    this.#behind = behind
    this.#leave = journal.follow((commit, added) => this.#add(commit, added))
    signal.addEventListener('abort', this.#wake, { once: true })
  }

  /** What has come, as soon as something has; nothing: there was too much, or it is over. */
  async take(): Promise<readonly Told[] | undefined> {
    if (this.#told.length === 0 && !this.#overflown && !this.#signal.aborted) {
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
      this.#waiting = undefined
    }
    if (this.#overflown || this.#signal.aborted) return undefined
    const told = this.#told
    this.#begin()
    return told
  }

  end(): void {
    this.#leave()
    this.#signal.removeEventListener('abort', this.#wake)
  }

  #begin(): void {
    this.#told = []
    this.#records = 0
    this.#bytes = 0
  }

  #add(commit: number, added: readonly AddedRecord[]): void {
    if (this.#overflown || added.length === 0) return
    this.#told.push({ commit, added })
    this.#records += added.length
    for (const { sealed } of added) this.#bytes += sealed.length
    if (this.#records > this.#behind || this.#bytes > BEHIND_BYTES) {
      this.#overflown = true
      this.#begin()
    }
    this.#wake()
  }
}
