import type { Missed, Overlap } from './cron.ts'
import type { ReceivedEvent } from './received-event.ts'

/** A schedule that starts runs, as plain data. Made by `cron`. */
export interface CronTrigger<Data = undefined> {
  readonly kind: 'cron'
  /** Without the zone, single blanks between the fields. */
  readonly expression: string
  readonly tz: string
  readonly missed: Missed
  readonly overlap: Overlap
  /** Milliseconds. */
  readonly jitter: number
  readonly id?: string
  readonly data?: Data
}

/**
 * What starts the runs of a schedule. Its `ts` is the nominal time, in ms: what the expression says,
 * whatever jitter, downtime and overlap made of it. Its `id` is the id of the run.
 */
export type CronEvent<Data = undefined> = ReceivedEvent<'perdure/cron', CronData<Data>>

/** The data of the event of a tick. */
export interface CronData<Data = undefined> {
  /** Id of the schedule. */
  readonly schedule: string
  /** The expression, as it was when the run was started. */
  readonly cron: string
  readonly tz: string
  /** The nominal time. */
  readonly at: Date
  /** What `cron` was given for its runs. */
  readonly data: Data
}
