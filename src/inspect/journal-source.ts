import { corrupt } from '../../journal/envelope.ts'
import { noSuchRun } from '../../journal/error.ts'
import type { StoredEvent } from '../../journal/event.ts'
import type { StoredWait } from '../../journal/event-reader.ts'
import type { Head } from '../../journal/head.ts'
import { keys, type TimerKey } from '../../journal/keys.ts'
import type { JournalReader, StoredRecord } from '../../journal/reader.ts'
import type { StoredSchedule } from '../../journal/schedule.ts'
import type { Tip } from '../../journal/tip.ts'
import { type Census, HeadCount } from './census.ts'
import { type Gist, gistOf, gistsOf } from './gist.ts'
import { listed, withGists } from './listed.ts'
import { newestRuns } from './newest.ts'
import { inPages } from './pages.ts'
import type { Recent, Remembered } from './recent.ts'
import { mayBe, wantedBy } from './run-query.ts'
import type { ScheduleFacts } from './schedule-facts.ts'
import type {
  About,
  CommitQuery,
  Committed,
  EventQuery,
  Listed,
  RunQuery,
  Source,
} from './source.ts'
import { storedCommits } from './tail.ts'
import { weightOf } from './weight.ts'
import type { Why } from './why.ts'

/** Whatever comes first in order of id may be all that is wanted. */
const MOST_RUNS = 1_000_000
/** Runs that are read at once. */
const TOGETHER = 50

/** A journal that is read where it lies, whoever it is that knows why its runs do not go on. */
export abstract class JournalSource implements Source {
  protected readonly reader: JournalReader
  protected readonly tip: () => Tip | undefined
  /** Of a journal that is written to. */
  readonly #recent: Recent | undefined

  constructor(reader: JournalReader, tip: () => Tip | undefined, recent?: Recent) {
    this.reader = reader
    this.tip = tip
    this.#recent = recent
  }

  async about(): Promise<About> {
    const meta = await this.reader.meta()
    if (meta === undefined) throw corrupt(keys.meta, 'it is missing')
    const { id: journal, createdAt, durability, secrets = [] } = meta
    const { commit = 0, at = createdAt, elapsed = 0, epoch = 0 } = this.tip() ?? {}
    const trimmed = meta.trimmed?.commit ?? 0
    return { journal, createdAt, durability, commit, at, elapsed, epoch, secrets, trimmed }
  }

  async secrets(): Promise<readonly string[]> {
    return (await this.about()).secrets
  }

  async *runs(query: RunQuery): AsyncGenerator<readonly Head[]> {
    const wanted = wantedBy(query)
    const { limit = MOST_RUNS } = query
    if (query.order === 'newest') {
      const heads = await newestRuns(this.reader, limit, head => wanted(this.seen(head)), query)
      yield* inPages(heads.map(head => this.seen(head)))
    } else yield* inPages(this.#byId(query, limit))
  }

  async *listed(query: RunQuery): AsyncGenerator<readonly Listed[]> {
    const recent = this.#newest(query)
    if (recent === undefined) return yield* withGists(this.runs(query), runs => this.gists(runs))
    yield recent.map(({ head, records }) => listed(this.seen(head), gistOf(head, records)))
  }

  #newest(query: RunQuery): readonly Remembered[] | undefined {
    const { order, limit, since } = query
    if (order !== 'newest' || limit === undefined) return undefined
    const wanted = wantedBy(query)
    return this.#recent?.newest(limit, head => wanted(this.seen(head)), since)
  }

  async run(id: string): Promise<Head | undefined> {
    const head = await this.reader.head(id)
    return head && this.seen(head)
  }

  async *gists(runs: readonly string[]): AsyncGenerator<readonly Gist[]> {
    for (let at = 0; at < runs.length; at += TOGETHER) {
      const heads = await this.reader.headsOf(runs.slice(at, at + TOGETHER))
      yield await gistsOf(
        this.reader,
        heads.flatMap(head => head ?? []),
      )
    }
  }

  records(id: string): AsyncGenerator<readonly StoredRecord[]> {
    return inPages(this.#records(id), weightOf)
  }

  commits({ after }: CommitQuery): AsyncGenerator<readonly Committed[]> {
    return storedCommits(this.reader, after)
  }

  timers(): AsyncGenerator<readonly TimerKey[]> {
    return inPages(this.#timers())
  }

  waits(): AsyncGenerator<readonly StoredWait[]> {
    return inPages(this.reader.waits())
  }

  events({ name, since = 0 }: EventQuery): AsyncGenerator<readonly StoredEvent[]> {
    const events = name === undefined ? this.#allEvents(since) : this.#events(name, since)
    return inPages(events, ({ data }) => data.length)
  }

  async schedules(): Promise<readonly ScheduleFacts[]> {
    const facts: ScheduleFacts[] = []
    for await (const stored of this.reader.schedules()) facts.push(factsOf(stored))
    return facts
  }

  abstract why(id: string): Promise<Why>

  async census(): Promise<Census> {
    const count = new HeadCount()
    for (const which of ['active', 'ended'] as const) {
      for await (const head of this.reader.heads(which)) count.add(this.seen(head))
    }
    const [timers = 0, waits = 0, inputs = 0, admission = 0] = [
      this.tip()?.timers.count,
      this.tip()?.waits.count,
      this.tip()?.inbox.count,
      this.tip()?.admission.count,
    ]
    return { workflows: count.workflows(), timers, waits, inputs, admission }
  }

  /** A head as it is told. */
  protected seen(head: Head): Head {
    return head
  }

  async *#byId(query: RunQuery, limit: number): AsyncGenerator<Head> {
    const wanted = wantedBy(query)
    let given = 0
    for (const which of ['active', 'ended'] as const) {
      if (!mayBe(which, query)) continue
      for await (const stored of this.reader.heads(which)) {
        const head = this.seen(stored)
        if (!wanted(head)) continue
        if (given++ === limit) return
        yield head
      }
    }
  }

  async *#records(id: string): AsyncGenerator<StoredRecord> {
    yield* this.reader.records(await this.headOf(id))
  }

  protected async headOf(id: string): Promise<Head> {
    const head = await this.run(id)
    if (head === undefined) throw noSuchRun(id)
    return head
  }

  async *#timers(): AsyncGenerator<TimerKey> {
    for (const clock of ['elapsed', 'wall'] as const) {
      yield* this.reader.timers(clock, 0, Number.MAX_SAFE_INTEGER)
    }
  }

  async *#events(name: string, since: number): AsyncGenerator<StoredEvent> {
    for await (const { event } of this.reader.events(name, since)) yield event
  }

  async *#allEvents(since: number): AsyncGenerator<StoredEvent> {
    for await (const event of this.reader.allEvents()) if (event.at >= since) yield event
  }
}

function factsOf({ id, body }: StoredSchedule): ScheduleFacts {
  const { workflow, handled, own, paused, buffered } = body
  return {
    ...{ id, workflow, source: own === undefined ? 'trigger' : 'runtime', handled },
    status: paused === true ? 'paused' : 'stored',
    ...(own !== undefined && {
      ...{ cron: own.expression, tz: own.tz, missed: own.missed, overlap: own.overlap },
      jitter: own.jitter,
    }),
    buffered: buffered.length,
  }
}
