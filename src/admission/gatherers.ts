import type { RunJoined } from '../../journal/admission-entry.ts'
import type { Terms } from './terms.ts'

/** A run that gathers: what it is known by, and how far it has got. */
export interface Gathering {
  readonly run: string
  /** Id of the limit that it gathers for. */
  readonly key: string
  /** Whether it is given what came last, or all. */
  readonly mode: 'last' | 'all'
  /** How much it has gathered. */
  count: number
  bytes: number
  /** When it is over, on the elapsed clock. */
  due: number
  /** It is over then, however much follows. */
  readonly until: number | undefined
  /** When the newest of what it has gathered happened, as the sender says. */
  ts: number
  /** What it comes under when it begins, where that is known and hangs on its first event. */
  terms?: Terms
}

/** The runs that gather, by what they gather for: one for each key. */
export class Gatherers {
  readonly #byKey = new Map<string, Gathering>()
  readonly #byRun = new Map<string, Gathering>()

  get(key: string): Gathering | undefined {
    return this.#byKey.get(key)
  }

  of(run: string): Gathering | undefined {
    return this.#byRun.get(run)
  }

  begin(gathering: Gathering): void {
    this.#byKey.set(gathering.key, gathering)
    this.#byRun.set(gathering.run, gathering)
  }

  /** What it comes under when it begins: nothing that joins it changes that. */
  know(run: string, terms: Terms): void {
    const gathering = this.#byRun.get(run)
    if (gathering !== undefined) gathering.terms = terms
  }

  /** What waits in the inbox of a run that gathers. */
  joined(run: string, { events, due }: RunJoined): void {
    const gathering = this.#byRun.get(run)
    if (gathering === undefined) return
    gathering.count += events.length
    for (const { data, event } of events) {
      gathering.bytes += data.length
      gathering.ts = Math.max(gathering.ts, event?.ts ?? gathering.ts)
    }
    if (due !== undefined) gathering.due = due
  }

  /** The next that comes for its key begins another. */
  end(run: string): void {
    const gathering = this.#byRun.get(run)
    if (gathering === undefined) return
    this.#byRun.delete(run)
    if (this.#byKey.get(gathering.key) === gathering) this.#byKey.delete(gathering.key)
  }

  /** All that gather. */
  values(): Iterable<Gathering> {
    return this.#byRun.values()
  }

  get size(): number {
    return this.#byRun.size
  }
}
