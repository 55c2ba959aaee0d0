import type { Input, Record } from '../../journal/entry.ts'
import type { PostedInput } from '../../journal/event.ts'
import type { Change } from '../../journal/pending.ts'
import type { SentEvent } from '../run/call.ts'
import type { Moment, ScopedWait } from '../run/retry.ts'
import type { Mail, Run } from '../run/run.ts'
import type { Arrival } from './arrival.ts'

/** One turn of one run, from its input to what is to be performed once it is durable. */
export interface Turn {
  readonly run: Run
  /** Absent if the input was overtaken: there is nothing to record. */
  readonly input: Input | undefined
  /** What it came as. */
  readonly mail: Mail
  readonly moment: Moment
  /** Whether the run's code takes part. It does not while the run is held. */
  live: boolean
  /** Whether the run would begin, which admission decides about when the turn is written. */
  readonly enters: boolean
  record: Record | undefined
  changes: readonly Change[]
  /** What else has to wait because of it. */
  pauses: ScopedWait | undefined
  /** Runs that are scheduled in the same write, and what came to be of them in it. */
  readonly arrivals: Arrival[]
  readonly born: Born[]
  /** Inputs for other runs that are put into their inboxes in the same write. */
  readonly posts: Post[]
  /** Events that are sent in the same write. */
  readonly sends: SentEvent[]
}

/** A run with its first record. */
export interface Born {
  readonly run: Run
  readonly record: Record
  readonly changes: readonly Change[]
}

export interface Post {
  readonly run: string
  readonly input: Input
  /** How it is written, if otherwise. */
  readonly row?: PostedInput
}

/** What is to become of some runs. */
export interface Ordered {
  readonly start: readonly Arrival[]
  readonly cancel: readonly string[]
  /** Why they are cancelled. */
  readonly reason: string
}

/** A turn of which nothing is known yet but what it begins with. Written out: there are many. */
export const opened = (
  begins: Pick<Turn, 'run' | 'input' | 'mail' | 'moment' | 'live' | 'enters'>,
): Turn => ({
  run: begins.run,
  input: begins.input,
  mail: begins.mail,
  moment: begins.moment,
  live: begins.live,
  enters: begins.enters,
  record: undefined,
  changes: UNCHANGED,
  pauses: begins.mail.pauses,
  arrivals: [],
  born: [],
  posts: [],
  sends: [],
})

const UNCHANGED: readonly Change[] = []

/** Schedules a run: notes its first record. */
export function born(run: Run, record: Record): Born {
  return { run, record, changes: run.note(record) }
}

/** Whether there is anything to write for it. */
export const isWritten = ({ record, mail, enters }: Turn): boolean =>
  record !== undefined || mail.posted !== undefined || enters

/** Lets the runs become what their records say. */
export function evolve({ run, record, born }: Turn): void {
  if (record !== undefined) run.evolve(record)
  for (const each of born) each.run.evolve(each.record)
}
