import { createHash } from 'node:crypto'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { OwnSchedule, StoredSchedule } from '../../journal/schedule.ts'
import type { CronTrigger } from '../define/cron-trigger.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Schedule, ScheduleState } from '../router/schedule.ts'

/** What a schedule does when it ticks. */
export interface Plan {
  readonly schedule: Schedule
  readonly workflow: AnyWorkflow
  /** What its runs are given: of a trigger beside the facts of the tick, else alone, as a value. */
  readonly gives: { readonly extra: unknown } | { readonly value: Uint8Array }
}

/** A schedule of the engine, with all that its row says. */
export interface Scheduled {
  readonly id: string
  readonly workflow: string
  /** Of one that was made at run time. */
  readonly own: OwnSchedule | undefined
  /** Absent: it waits for an engine that knows its workflow and its calendar. */
  readonly plan: Plan | undefined
  readonly state: ScheduleState
  readonly paused: boolean
  /** Checksum of its row; absent: there is none. */
  readonly check: number | undefined
}

/** The plans of the triggers of all workflows, by schedule. Throws SCHEDULE_CONFLICT. */
export function plansOf(workflows: Iterable<AnyWorkflow>): Map<string, Plan> {
  const plans = new Map<string, Plan>()
  for (const workflow of workflows) {
    const triggers = workflow.triggers.filter(({ kind }) => kind === 'cron')
    for (const [at, trigger] of triggers.entries()) {
      if (trigger.kind !== 'cron') continue
      const id = trigger.id ?? `${workflow.id}/${at}`
      const other = plans.get(id)
      if (other !== undefined) throw idTaken(id, workflow.id, other.workflow.id)
      const schedule = { id, ...timesOf(trigger) }
      plans.set(id, { schedule, workflow, gives: { extra: trigger.data } })
    }
  }
  return plans
}

/** The plan of a schedule that was made at run time. */
export const planOf = (id: string, workflow: AnyWorkflow, own: OwnSchedule): Plan => {
  const { data, ...times } = own
  return { schedule: { id, ...times }, workflow, gives: { value: data } }
}

export const timesOf = ({
  expression,
  tz,
  missed,
  overlap,
  jitter,
}: CronTrigger<unknown>): Omit<Schedule, 'id'> => ({ expression, tz, missed, overlap, jitter })

export const scheduledOf = (
  { id, body, check }: StoredSchedule,
  plan: Plan | undefined,
): Scheduled => {
  const { workflow, own, handled, calendar, buffered, paused = false } = body
  const state = { handled, calendar, buffered }
  return { id, workflow: plan?.workflow.id ?? workflow, own, plan, state, paused, check }
}

/** What the run of a tick is given, and the event that it sees it as. Throws what cannot be stored. */
export function tickOf(
  { schedule, gives }: Plan,
  nominal: number,
  limits: ValueLimits,
): { name: string; data: Uint8Array } {
  if ('value' in gives) return { name: 'perdure/run.scheduled', data: gives.value }
  const { id, expression, tz } = schedule
  const facts = { schedule: id, cron: expression, tz, at: new Date(nominal) }
  const data = gives.extra === undefined ? facts : { ...facts, data: gives.extra }
  return { name: 'perdure/cron', data: encodeValue(data, limits) }
}

const LONGEST_RUN_ID = 128
const KEPT = 64
const DIGEST_DIGITS = 32

/**
 * Id of the run of a tick: never that of another, so that a tick starts one run whatever happens.
 * Of a long id of a schedule the end is replaced; no schedule may have a ":" in its own.
 */
export function runIdOf(schedule: string, nominal: number): string {
  const at = new Date(nominal).toISOString().replace(/[-:]|\.000/g, '')
  const id = `${schedule}@${at}`
  if (id.length <= LONGEST_RUN_ID) return id
  const digest = createHash('sha256').update(schedule).digest('hex').slice(0, DIGEST_DIGITS)
  return `${schedule.slice(0, KEPT)}:${digest}@${at}`
}

const idTaken = (id: string, workflow: string, other: string): EngineError =>
  new EngineError('SCHEDULE_CONFLICT', `Two schedules have the id '${id}'.`, {
    hint: 'Give each schedule an id of its own, with the option id of cron().',
    facts: { schedule: id, workflow, other },
  })
