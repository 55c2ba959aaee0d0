import type { StoredEvent } from '../../journal/event.ts'
import type { StoredWait } from '../../journal/event-reader.ts'
import type { Head } from '../../journal/head.ts'
import type { TimerKey } from '../../journal/keys.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Durability } from '../../journal/meta.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Census } from './census.ts'
import type { Gist } from './gist.ts'
import type { ScheduleFacts } from './schedule-facts.ts'
import type { Why } from './why.ts'

/**
 * What can be asked of a journal, wherever it is: in an engine that runs, in a copy, in a dump. All
 * of it only reads. Lists come in pages, so that whoever reads them sets the pace.
 */
export interface Source {
  about(): Promise<About>
  /** Paths of keys whose values are not to be shown. */
  secrets(): Promise<readonly string[]>
  runs(query: RunQuery): AsyncIterable<readonly Head[]>
  /** The same, with what a list says of each. */
  listed(query: RunQuery): AsyncIterable<readonly Listed[]>
  run(id: string): Promise<Head | undefined>
  /** What a list says of runs, in their order, without those that there are not. */
  gists(runs: readonly string[]): AsyncIterable<readonly Gist[]>
  /** Throws RUN_NOT_FOUND. */
  records(id: string): AsyncIterable<readonly StoredRecord[]>
  /** Records in the order in which they were committed. */
  commits(query: CommitQuery): AsyncIterable<readonly Committed[]>
  timers(): AsyncIterable<readonly TimerKey[]>
  waits(): AsyncIterable<readonly StoredWait[]>
  events(query: EventQuery): AsyncIterable<readonly StoredEvent[]>
  schedules(): Promise<readonly ScheduleFacts[]>
  /** Throws RUN_NOT_FOUND. */
  why(id: string): Promise<Why>
  census(): Promise<Census>
}

/** A run, with what a list says of it; absent: it was removed meanwhile. */
export interface Listed {
  readonly head: Head
  readonly gist?: Gist
}

export interface About {
  /** The journal's identity. */
  readonly journal: string
  readonly createdAt: number
  readonly durability: Durability
  /** The newest commit, and when it was; 0 before the first. */
  readonly commit: number
  readonly at: number
  readonly elapsed: number
  readonly epoch: number
  /** Paths of keys whose values are not to be shown. */
  readonly secrets: readonly string[]
  /** All commits up to this one were removed, with the runs they were of. */
  readonly trimmed: number
}

export interface RunQuery {
  /** `newest`: those that were scheduled last come first; `id`: not ended first, each by id. */
  readonly order: 'newest' | 'id'
  readonly status?: readonly RunStatus[]
  /** The id of a workflow; `*` stands for any text. */
  readonly workflow?: string
  /** Scheduled from then on, and before then: ms since the epoch. */
  readonly since?: number
  readonly until?: number
  /** What the id ends with. */
  readonly suffix?: string
  readonly limit?: number
}

export interface CommitQuery {
  /** Only of later commits. */
  readonly after: number
  /** Goes on with what is committed from now on, and does not end. */
  readonly follow?: boolean
}

/** A record, and the commit that it is of. */
export interface Committed {
  readonly commit: number
  /** Its place among the records of the commit. */
  readonly place: number
  readonly workflow: string
  readonly record: Omit<StoredRecord, 'link' | 'check'>
}

export interface EventQuery {
  /** Absent: of all names, in the order of these. */
  readonly name?: string
  /** Stored from then on: ms since the epoch. */
  readonly since?: number
}
