import { EngineError } from '../define/error.ts'

/** What became of an id that somebody was storing. */
type Ended =
  | { readonly kind: 'stored' }
  /** Refused for want of room: it may be accepted from somebody else. */
  | { readonly kind: 'free' }
  | { readonly kind: 'failed'; readonly error: unknown }

interface Lane {
  isBusy: boolean
  readonly waiting: ((ended: Ended) => void)[]
}

/**
 * Ids that are being stored, each with those who wait to see what becomes of it. When it is stored
 * all of them are told; when it comes free the first is, and it takes the id or passes it on. So the
 * refusals of many who send one id cost each of them a wake, and not one for each refusal.
 */
export class StoringIds {
  readonly #lanes = new Map<string, Lane>()

  isBusy(id: string): boolean {
    return this.#lanes.get(id)?.isBusy === true
  }

  take(id: string): void {
    this.#lane(id).isBusy = true
  }

  /** Whether it is stored by then; if not, the caller is to take it or to pass it on. */
  async isStored(id: string): Promise<boolean> {
    const ended = await new Promise<Ended>(tell => this.#lane(id).waiting.push(tell))
    if (ended.kind === 'failed') throw ended.error
    return ended.kind === 'stored'
  }

  stored(ids: Iterable<string>): void {
    for (const id of ids) this.#tellAll(id, { kind: 'stored' })
  }

  failed(ids: Iterable<string>, error: unknown): void {
    const isFree = error instanceof EngineError && error.code === 'OVERLOADED'
    for (const id of ids) {
      if (!isFree) this.#tellAll(id, { kind: 'failed', error })
      else this.#free(id)
    }
  }

  /** Tells the next of an id that came free and that whoever was told does not take. */
  passOn(id: string): void {
    if (!this.isBusy(id)) this.#free(id)
  }

  #free(id: string): void {
    const lane = this.#lane(id)
    lane.isBusy = false
    const next = lane.waiting.shift()
    if (lane.waiting.length === 0) this.#lanes.delete(id)
    next?.({ kind: 'free' })
  }

  #tellAll(id: string, ended: Ended): void {
    const waiting = this.#lanes.get(id)?.waiting ?? []
    this.#lanes.delete(id)
    for (const tell of waiting) tell(ended)
  }

  #lane(id: string): Lane {
    const known = this.#lanes.get(id)
    if (known !== undefined) return known
    const lane: Lane = { isBusy: false, waiting: [] }
    this.#lanes.set(id, lane)
    return lane
  }
}
