import { parseKey } from '../../journal/keys.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Stored } from './event-book.ts'

interface Birth {
  /** How many events there had been. */
  readonly from: number
  /** Ids of the events that it was begun by. */
  readonly own: Set<string>
}

/** When runs came to be among all events, and what began them. */
export class Births {
  readonly #births = new Map<string, Birth>()
  #events = 0

  pass({ row }: Stored): void {
    this.#events = parseKey.event(row).n + 1
  }

  note({ run, entries }: StoredRecord): void {
    const birth = this.#births.get(run) ?? { from: this.#events, own: new Set() }
    this.#births.set(run, birth)
    for (const entry of entries) {
      const by =
        entry.type === 'run.scheduled' ? [entry] : entry.type === 'run.joined' ? entry.events : []
      for (const { event } of by) if (event !== undefined) birth.own.add(event.id)
    }
  }

  forget(run: string): void {
    this.#births.delete(run)
  }

  /** Whether the run was there when the event was stored. */
  precedes(run: string, { row }: Stored): boolean {
    return parseKey.event(row).n >= (this.#births.get(run)?.from ?? 0)
  }

  isOwn(run: string, { id }: Stored): boolean {
    return this.#births.get(run)?.own.has(id) ?? false
  }
}
