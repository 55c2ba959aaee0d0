import type { Listener } from '../../journal/entry.ts'
import { received, type StoredEvent } from '../../journal/event.ts'
import type { Journal } from '../../journal/journal.ts'
import { parseKey } from '../../journal/keys.ts'
import type { OpenWait } from '../../journal/pending.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Turn } from './turn.ts'

export interface LookbackHost {
  readonly journal: Journal
  readonly dispatcher: Dispatcher
  /** How long events are kept: it looks no farther back. */
  readonly retention: number
  /** Tells which of these listeners is answered by an event. */
  matcher(on: readonly Listener[]): (event: StoredEvent) => Listener | undefined
}

interface Look {
  readonly turn: Turn
  readonly wait: OpenWait
  readonly since: number
  /** Only from this place on among all events. */
  readonly from: number
  /** Ids of the events that started the run: they answer none of its waits. */
  readonly own: ReadonlySet<string>
  /** Whether there may be something on disk. */
  readonly isNeeded: boolean
}

/**
 * Looks for what a new wait is already answered by. What it finds is put into the run's inbox in the
 * write of the wait itself, so that nothing can come between the two.
 */
export class Lookback {
  readonly #host: LookbackHost

  constructor(host: LookbackHost) {
    this.#host = host
  }

  /**
   * Absent when there is nothing to look for. What it resolves with is to be called in the tick in
   * which the turns are written: until then events may come that they have to know of.
   */
  look(turns: readonly Turn[]): Promise<() => void> | undefined {
    const looks = turns.filter(beginsToWait).flatMap(turn => this.#looksOf(turn))
    return looks.some(({ isNeeded }) => isNeeded) ? this.#look(looks) : undefined
  }

  #looksOf(turn: Turn): Look[] {
    const { dispatcher, retention } = this.#host
    const birth = birthOf(turn)
    const own = ownOf(turn.run)
    const begun = turn.changes.flatMap(({ op, what }) => (op === 'opened' ? what : []))
    // A hold that is lifted opens all there is anew; what was there before has been looked for.
    return [...new Set(begun)].flatMap(what => {
      if (what.kind !== 'wait' || what.seq < (turn.record?.seq ?? 0)) return []
      const asked =
        what.since === undefined ? birth : { since: what.since, from: startOf(turn, what.since) }
      if (asked === undefined) return []
      const since = Math.max(asked.since, turn.moment.at - retention)
      const isNeeded = what.on.some(({ event }) => dispatcher.newest.mayHave(event, since))
      return [{ turn, wait: what, since, from: asked.from, own, isNeeded }]
    })
  }

  // What is stored while the disk is read counts too, also for waits that need no reading; what is
  // not durable yet is waited for.
  async #look(looks: readonly Look[]): Promise<() => void> {
    const { journal, dispatcher } = this.#host
    const meanwhile: Stored[] = []
    const end = dispatcher.watch((event, row) => meanwhile.push({ event, row }))
    try {
      await journal.append([])
      const reading = looks.map(look => (look.isNeeded ? this.#stored(look) : undefined))
      const found = await Promise.all(reading)
      return () => {
        end()
        for (const [at, look] of looks.entries()) {
          const first = found[at] ?? this.#first(look, meanwhile)
          if (first !== undefined) deliver(look, first)
        }
      }
    } catch (error) {
      end()
      throw error
    }
  }

  async #stored({ wait, since, from, own }: Look): Promise<Found | undefined> {
    let first: Found | undefined
    for (const listener of wait.on) {
      const answers = this.#host.matcher([listener])
      for await (const found of this.#host.journal.events(listener.event, since)) {
        // One event may fit two of them: the first that was written counts.
        if (first !== undefined && placeOf(found) >= placeOf(first)) break
        if (placeOf(found) < from || own.has(found.event.id)) continue
        if (answers(found.event) === undefined) continue
        first = { ...found, key: listener.key }
        break
      }
    }
    return first
  }

  #first({ wait }: Look, stored: readonly Stored[]): Found | undefined {
    const answers = this.#host.matcher(wait.on)
    for (const each of stored) {
      const listener = answers(each.event)
      if (listener !== undefined) return { ...each, key: listener.key }
    }
    return undefined
  }
}

const beginsToWait = ({ changes }: Turn): boolean =>
  changes.some(({ op, what }) => op === 'opened' && what.kind === 'wait')

// Whoever sends what starts a run, and then what the run waits for, may be faster than its first
// turn. After a restart nobody knows what came first in the millisecond in which the run came to be.
function birthOf({ run, input }: Turn): Pick<Look, 'since' | 'from'> | undefined {
  if (input?.type !== 'run.started') return undefined
  const { createdAt } = run.ledger
  const { heardFrom } = run
  return heardFrom === undefined
    ? { since: createdAt + 1, from: 0 }
    : { since: createdAt, from: heardFrom }
}

// A row of steps may have begun in the millisecond in which the run came to be: what was there before
// the run was not meant for it. Whoever names a time himself gets all of that millisecond.
function startOf({ run }: Turn, since: number): number {
  const isImplied = since === run.code?.hearing.since
  return (isImplied ? run.heardFrom : undefined) ?? 0
}

const ownOf = ({ scheduled, joined }: Turn['run']): ReadonlySet<string> =>
  new Set([scheduled, ...joined].flatMap(each => each?.event?.id ?? []))

interface Stored {
  readonly event: StoredEvent
  readonly row: string
}

interface Found extends Stored {
  readonly key: string
}

const placeOf = ({ row }: Stored): number => parseKey.event(row).n

function deliver({ turn, wait }: Look, { key, row, event }: Found): void {
  const delivered = { type: 'event.delivered', of: wait.seq, key, row } as const
  turn.posts.push({ run: turn.run.id, input: received(delivered, event), row: delivered })
}
