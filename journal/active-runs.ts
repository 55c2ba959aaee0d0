import { inKeyOrder } from './keys.ts'

/** So many are kept in memory: of more, all rows are read. */
const MOST = 4_096

/**
 * Which runs have not ended, while they are few. LevelDB keeps what was deleted for long, and a scan of the
 * rows of active runs steps over what each run that has ended left there: by their ids they are read at
 * a cost that is theirs alone.
 */
export class ActiveRuns {
  readonly #most: number
  /** Unknown: there are too many, or there were. */
  #ids: Set<string> | undefined
  #lesson: Lesson | undefined

  /** `isKnown`: there are none as yet, or those that there are are told as they are come across. */
  constructor({ most = MOST, isKnown = true } = {}) {
    this.#most = most
    this.#ids = isKnown ? new Set() : undefined
  }

  begin(run: string): void {
    this.#lesson?.begin(run)
    this.#mayBeLong()
    if (this.#ids === undefined) return
    this.#ids.add(run)
    if (this.#ids.size > this.#most) this.#ids = undefined
  }

  end(run: string): void {
    this.#lesson?.end(run)
    this.#mayBeLong()
    this.#ids?.delete(run)
  }

  /** Their ids in the order of their keys, if they are known. */
  known(): readonly string[] | undefined {
    return this.#ids && [...this.#ids].sort(inKeyOrder)
  }

  /** Whoever reads all rows can tell which there are, if there are few again: `count` of them. */
  learn(count: number): Lesson | undefined {
    if (this.#ids !== undefined || this.#lesson !== undefined) return undefined
    if (count > this.#most / 2) return undefined
    this.#lesson = new Lesson()
    return this.#lesson
  }

  /** It is over; `isWhole`: all rows were read. */
  learned(lesson: Lesson, isWhole: boolean): void {
    if (lesson !== this.#lesson) return
    this.#lesson = undefined
    if (isWhole && lesson.ids.size <= this.#most) this.#ids = lesson.ids
  }

  // Whoever reads slowly must not have all that happens meanwhile be remembered.
  #mayBeLong(): void {
    if ((this.#lesson?.size ?? 0) > 2 * this.#most) this.#lesson = undefined
  }
}

/** What a scan comes across, and what begins and ends after it has begun: together, which runs are active. */
export class Lesson {
  readonly ids = new Set<string>()
  readonly #ended = new Set<string>()

  get size(): number {
    return this.ids.size + this.#ended.size
  }

  /** There is a row of it, or was when the scan began. */
  see(run: string): void {
    if (!this.#ended.has(run)) this.ids.add(run)
  }

  begin(run: string): void {
    this.#ended.delete(run)
    this.ids.add(run)
  }

  end(run: string): void {
    this.ids.delete(run)
    this.#ended.add(run)
  }
}
