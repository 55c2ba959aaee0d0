import { unseal } from './envelope.ts'
import { EventReader } from './event-reader.ts'
import type { Head, HeadBody } from './head.ts'
import { keys, parseKey, ranges } from './keys.ts'
import type { ScanOptions, Store } from './store.ts'

/** Reads of what a journal says of each run at once. */
export class HeadReader extends EventReader {
  readonly #store: Store

  constructor(store: Store) {
    super(store)
    this.#store = store
  }

  /** A run's head, whether it has ended or not; `undefined` if there is no such run. */
  async head(run: string): Promise<Head | undefined> {
    const active = keys.active(run)
    const value = await this.#store.get(active)
    if (value !== undefined) return openHead(active, value)
    const ended = keys.ended(run)
    const last = await this.#store.get(ended)
    return last === undefined ? undefined : openHead(ended, last)
  }

  /** Heads of runs that have not ended, in the order of the ids; `undefined` for what is none of those. */
  activeHeads(runs: readonly string[]): Promise<readonly (Head | undefined)[]> {
    return this.#headsAt(runs.map(keys.active))
  }

  /** Heads of runs that have ended, in the order of the ids; `undefined` for what is none of those. */
  endedHeads(runs: readonly string[]): Promise<readonly (Head | undefined)[]> {
    return this.#headsAt(runs.map(keys.ended))
  }

  /** Heads of runs, whether they have ended or not, in the order of the ids. */
  async headsOf(runs: readonly string[]): Promise<readonly (Head | undefined)[]> {
    const heads = await this.#headsAt([...runs.map(keys.active), ...runs.map(keys.ended)])
    return runs.map((_, at) => heads[at] ?? heads[at + runs.length])
  }

  async #headsAt(rows: readonly string[]): Promise<readonly (Head | undefined)[]> {
    const values = await this.#store.getMany(rows)
    return rows.map((row, at) => {
      const value = values[at]
      return value && openHead(row, value)
    })
  }

  /** Heads of all runs that have not ended (or all that have), in order of run id. */
  async *heads(which: 'active' | 'ended', options?: ScanOptions): AsyncGenerator<Head> {
    const range = which === 'active' ? ranges.active() : ranges.ended()
    for await (const chunk of this.#store.scan(range, options)) {
      for (const [key, value] of chunk) yield openHead(key, value)
    }
  }
}

export const openHead = (key: string, value: Uint8Array): Head => ({
  run: parseKey.head(key),
  ...(unseal(key, value).body as HeadBody),
})
