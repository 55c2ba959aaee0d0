import { corrupt, unseal } from './envelope.ts'
import type { Group } from './group.ts'
import { keys } from './keys.ts'

/**
 * The row of a schedule, `s!<id>`: how far it has got, and, if no code says it, what it is. It is
 * written in the commit that starts the runs which it tells of.
 *
 *   schedule := workflow handled calendar buffered paused? own?
 *   own      := expression tz missed overlap jitter data?
 *
 * Which runs of it are active is said by their heads.
 */
export interface ScheduleBody {
  /** Id of the workflow whose runs it starts. */
  readonly workflow: string
  /** Every tick up to this nominal time has been dealt with: ms, wall clock. */
  readonly handled: number
  /** The zone and the expression that this is said of. */
  readonly calendar: string
  /** Nominal times whose runs wait for another run to end. */
  readonly buffered: readonly number[]
  readonly paused?: true
  /** Of a schedule that was made at run time. Absent: the code of the workflow says it. */
  readonly own?: OwnSchedule
}

export interface OwnSchedule {
  readonly expression: string
  readonly tz: string
  readonly missed: 'skip' | 'last' | 'all'
  readonly overlap: 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow-all'
  /** In ms. */
  readonly jitter: number
  /** A value: what each run is started with. */
  readonly data: Uint8Array
}

export interface StoredSchedule {
  readonly id: string
  readonly body: ScheduleBody
  /** Checksum of its row. */
  readonly check: number
}

export function openSchedule(key: string, value: Uint8Array): StoredSchedule {
  const id = key.slice(2)
  if (keys.schedule(id) !== key) throw corrupt(key, 'it is not the key of a schedule')
  const { body, check } = unseal(key, value)
  return { id, body: body as ScheduleBody, check }
}

/** What of a row goes into the digest: an older state of it is as wrong as none. */
export const checkMark = (key: string, check: number): string => `${key}/${check}`

/** Writes the row. `before` is the checksum of the row there is. Gives the new one. */
export const putSchedule = (
  group: Group,
  id: string,
  body: ScheduleBody,
  before: number | undefined,
): number => group.putStated('schedules', keys.schedule(id), body, before)

export const dropSchedule = (group: Group, id: string, before: number): void =>
  group.dropStated('schedules', keys.schedule(id), before)
