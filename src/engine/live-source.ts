import type { Head } from '../../journal/head.ts'
import { JournalSource } from '../inspect/journal-source.ts'
import type { PackedPage } from '../inspect/packed.ts'
import { Recent } from '../inspect/recent.ts'
import type { ScheduleFacts } from '../inspect/schedule-facts.ts'
import type { CommitQuery, Committed } from '../inspect/source.ts'
import { followedCommits, followedPacked, type Live } from '../inspect/tail.ts'
import type { Why } from '../inspect/why.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'
import type { Schedules } from './schedules.ts'
import { why } from './why.ts'

/** The journal of an engine that runs, with what only the engine knows. */
export class LiveSource extends JournalSource {
  readonly #parts: Parts
  readonly #door: Door
  readonly #schedules: Schedules

  constructor(parts: Parts, door: Door, schedules: Schedules) {
    super(parts.journal, () => parts.journal.tip, new Recent(parts.journal))
    this.#parts = parts
    this.#door = door
    this.#schedules = schedules
  }

  override commits(
    { after, follow = false }: CommitQuery,
    signal: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<readonly Committed[]> {
    return follow ? followedCommits(this.#live(), after, signal) : super.commits({ after })
  }

  /** What is committed from then on, as it was packed. */
  packedCommits(
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly (Committed | PackedPage)[]> {
    return followedPacked(this.#live(), after, signal)
  }

  #live(): Live {
    const { journal, settings } = this.#parts
    const wait = (ms: number): Promise<void> =>
      new Promise(resolve => void settings.clock.alarm(ms, resolve, 'upkeep'))
    return { journal, wait }
  }

  override async schedules(): Promise<readonly ScheduleFacts[]> {
    const schedules: ScheduleFacts[] = []
    for await (const schedule of this.#schedules.list()) schedules.push(schedule)
    return schedules
  }

  override why(id: string): Promise<Why> {
    return why(this.#parts, this.#door, id)
  }

  protected override seen(head: Head): Head {
    return this.#door.seen(head)
  }
}
