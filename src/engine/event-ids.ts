import type { Journal } from '../../journal/journal.ts'
import { EngineError } from '../define/error.ts'
import { IDS_KEPT_MS } from './gc.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import type { Turn } from './turn.ts'

/** Events that are not there yet. Whoever has asked tells what became of them. */
export interface Sifted {
  readonly fresh: readonly OutgoingEvent[]
  /** They are on disk. */
  stored(): void
  failed(error: unknown): void
}

export interface EventIdsHost {
  readonly journal: Journal
  now(): number
}

/** Ids that senders gave: an event of one id is stored once a day, whoever sends it. */
export class EventIds {
  readonly #host: EventIdsHost
  /** Ids that are being stored: two must not both find that one is new. */
  readonly #storing = new Map<string, Promise<void>>()

  constructor(host: EventIdsHost) {
    this.#host = host
  }

  /** Leaves out events that are known, and those that others have stored by then. */
  sift(events: readonly OutgoingEvent[]): Sifted | Promise<Sifted> {
    return events.some(({ dedupe }) => dedupe) ? this.#sift(events) : allOf(events)
  }

  async #sift(events: readonly OutgoingEvent[]): Promise<Sifted> {
    const { journal, now } = this.#host
    const stored = new Set<string>()
    // Of events that are sent together all are stored or none: first it must be known what becomes
    // of those that others have. Who waits holds no ids, so that nobody waits for one another.
    let left = this.#others(events, stored)
    while (left.size > 0) {
      for (const [id, storing] of left) if (await isStored(storing)) stored.add(id)
      left = this.#others(events, stored)
    }
    const since = now() - IDS_KEPT_MS
    const claim = this.#claim()
    const ours: OutgoingEvent[] = []
    for (const event of events) {
      const { id } = event.body
      if (event.dedupe && (stored.has(id) || claim.ids.has(id))) continue
      if (event.dedupe) claim.take(id)
      ours.push(event)
    }
    try {
      const fresh: OutgoingEvent[] = []
      for (const event of ours) {
        const isKnown = event.dedupe && (await journal.knowsEvent(event.body.id, since))
        if (!isKnown) fresh.push(event)
      }
      return { fresh, stored: claim.stored, failed: claim.failed }
    } catch (error) {
      claim.failed(error)
      throw error
    }
  }

  /** Who is storing some of these, but for those that are stored. */
  #others(
    events: readonly OutgoingEvent[],
    stored: ReadonlySet<string>,
  ): Map<string, Promise<void>> {
    const others = new Map<string, Promise<void>>()
    for (const { dedupe, body } of events) {
      const storing = dedupe && !stored.has(body.id) ? this.#storing.get(body.id) : undefined
      if (storing !== undefined) others.set(body.id, storing)
    }
    return others
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
    const others = () => sent.flatMap(({ body }) => this.#storing.get(body.id) ?? [])
    while (others().length > 0) await Promise.allSettled(others())
    const { fresh, stored, failed } = await this.sift(sent)
    return () => {
      const left = new Set(fresh)
      for (const { sends } of turns) {
        sends.splice(0, sends.length, ...sends.filter(each => !each.dedupe || left.has(each)))
      }
      // Written in this tick: what is appended after it is durable no sooner.
      queueMicrotask(() => this.#host.journal.append([]).then(stored, failed))
    }
  }

  #claim() {
    const ids = new Set<string>()
    let settle: { resolve(): void; reject(error: unknown): void } | undefined
    const storing = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject }
    })
    storing.catch(() => {})
    const release = (): void => {
      for (const id of ids) this.#storing.delete(id)
    }
    return {
      ids,
      take: (id: string): void => {
        ids.add(id)
        this.#storing.set(id, storing)
      },
      stored: (): void => {
        settle?.resolve()
        release()
      },
      failed: (error: unknown): void => {
        settle?.reject(error)
        release()
      },
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

/** Whether it was stored. Refused for want of room, it may be accepted from somebody else. */
async function isStored(storing: Promise<void>): Promise<boolean> {
  try {
    await storing
    return true
  } catch (error) {
    if (error instanceof EngineError && error.code === 'OVERLOADED') return false
    throw error
  }
}
