import type { Journal } from '../../journal/journal.ts'
import { IDS_KEPT_MS } from '../../journal/upkeep.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import { StoringIds } from './storing-ids.ts'
import type { Turn } from './turn.ts'

/** Events that are not there yet. Whoever has asked tells what became of them. */
export interface Sifted {
  readonly fresh: readonly OutgoingEvent[]
  /** They are on disk. */
  stored(): void
  failed(error: unknown): void
}

/** Events whose ids are nobody else's, and those ids. */
interface Claimed {
  readonly ours: readonly OutgoingEvent[]
  readonly ids: ReadonlySet<string>
}

export interface EventIdsHost {
  readonly journal: Journal
  now(): number
}

/** Ids that senders gave: an event of one id is stored once a day, whoever sends it. */
export class EventIds {
  readonly #host: EventIdsHost
  /** Two must not both find that an id is new. */
  readonly #storing = new StoringIds()

  constructor(host: EventIdsHost) {
    this.#host = host
  }

  /** Leaves out events that are known, and those that others have stored by then. */
  sift(events: readonly OutgoingEvent[]): Sifted | Promise<Sifted> {
    return events.some(({ dedupe }) => dedupe) ? this.#sift(events) : allOf(events)
  }

  async #sift(events: readonly OutgoingEvent[], isPatient = false): Promise<Sifted> {
    const { journal, now } = this.#host
    const { ours, ids } = await this.#claim(events, isPatient)
    const stored = (): void => this.#storing.stored(ids)
    const failed = (error: unknown): void => this.#storing.failed(ids, error)
    const since = now() - IDS_KEPT_MS
    try {
      const fresh: OutgoingEvent[] = []
      for (const event of ours) {
        const isKnown = event.dedupe && (await journal.knowsEvent(event.body.id, since))
        if (!isKnown) fresh.push(event)
      }
      return { fresh, stored, failed }
    } catch (error) {
      failed(error)
      throw error
    }
  }

  /**
   * Takes the ids of events that nobody else has, in the tick in which that is seen. Of events that
   * are sent together all are stored or none: first it must be known what becomes of those that
   * others have. Who waits holds no ids, so that nobody waits for one another.
   */
  async #claim(events: readonly OutgoingEvent[], isPatient: boolean): Promise<Claimed> {
    const stored = new Set<string>()
    let free: string | undefined
    for (;;) {
      const busy = this.#busyAmong(events, stored)
      if (busy === undefined) return this.#take(events, stored)
      if (free !== undefined) this.#storing.passOn(free)
      free = undefined
      try {
        if (await this.#storing.isStored(busy)) stored.add(busy)
        else free = busy
      } catch (error) {
        if (!isPatient) throw error
      }
    }
  }

  #take(events: readonly OutgoingEvent[], stored: ReadonlySet<string>): Claimed {
    const ids = new Set<string>()
    const ours = events.filter(({ dedupe, body: { id } }) => {
      if (dedupe && (stored.has(id) || ids.has(id))) return false
      if (dedupe) ids.add(id)
      return true
    })
    for (const id of ids) this.#storing.take(id)
    return { ours, ids }
  }

  #busyAmong(events: readonly OutgoingEvent[], stored: ReadonlySet<string>): string | undefined {
    const isBusy = ({ dedupe, body: { id } }: OutgoingEvent): boolean =>
      dedupe && !stored.has(id) && this.#storing.isBusy(id)
    return events.find(isBusy)?.body.id
  }

  /** Whether turns send events with ids. */
  concern(turns: readonly Turn[]): boolean {
    return turns.some(({ sends }) => sends.some(({ dedupe }) => dedupe))
  }

  /**
   * What it resolves with takes known events out of the turns, and is to be called in the tick in
   * which they are written.
   */
  async before(turns: readonly Turn[]): Promise<() => void> {
    const sent = turns.flatMap(({ sends }) => sends.filter(({ dedupe }) => dedupe))
    // What others store may come to nothing, and a turn cannot be made again: wait and see.
    const { fresh, stored, failed } = await this.#sift(sent, true)
    return () => {
      const left = new Set(fresh)
      for (const { sends } of turns) {
        sends.splice(0, sends.length, ...sends.filter(each => !each.dedupe || left.has(each)))
      }
      // Written in this tick: what is appended after it is durable no sooner.
      queueMicrotask(() => this.#host.journal.append([]).then(stored, failed))
    }
  }
}

// Ids that the engine made are known to nobody.
const allOf = (fresh: readonly OutgoingEvent[]): Sifted => ({
  fresh,
  stored: nothing,
  failed: nothing,
})

const nothing = (): void => {}
