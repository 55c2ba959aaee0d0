import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Head } from '../../journal/head.ts'
import type { ScheduleBody, StoredSchedule } from '../../journal/schedule.ts'
import { EngineError } from '../define/error.ts'
import { adopt, nextAfter } from '../router/schedule.ts'
import { rest } from './code-host.ts'
import type { EventParts } from './event-parts.ts'
import type { Parts } from './parts.ts'
import { Scheduler } from './scheduler.ts'
import { type Plan, planOf, plansOf, type Scheduled, scheduledOf, tickOf } from './timetable.ts'

/** The scheduler, wired. */
export function schedulerOf(
  parts: Parts,
  { dispatcher, origins, claims }: Pick<EventParts, 'dispatcher' | 'origins' | 'claims'>,
  failed: (error: unknown) => void,
): Scheduler {
  const { journal, time, settings, loop } = parts
  const { limits, clock, logger } = settings
  const values = { bytes: limits.valueBytes }
  return new Scheduler({
    journal,
    dispatcher,
    claims,
    logger,
    failed,
    now: () => time.now(),
    alarm: (...what) => clock.alarm(...what),
    isBusy: () => loop.waiting >= limits.waitingInputs,
    begin: (run, plan, nominal) => origins.ofTick(run, plan, nominal, time.stamp(), values),
  })
}

/** What opening the journal found of schedules. */
export interface FoundSchedules {
  readonly rows: readonly StoredSchedule[]
  /** Heads of runs of schedules that have not ended. */
  readonly heads: readonly Head[]
}

/**
 * Brings schedules to what the code says now: those of triggers that are gone are removed, changed
 * ones begin anew. Resolves when that is durable; then they tick. Throws SCHEDULE_CONFLICT, and
 * VALUE_UNSTORABLE or VALUE_TOO_LARGE for the data of a trigger.
 */
export async function beginSchedules(parts: Parts, { rows, heads }: FoundSchedules): Promise<void> {
  const { scheduler } = parts.events
  const { workflows, limits } = parts.settings
  const plans = plansOf(workflows.values())
  for (const plan of plans.values()) tickOf(plan, 0, { bytes: limits.valueBytes })
  for (const { run, schedule } of heads) {
    if (schedule !== undefined) scheduler.began(schedule, run)
  }
  const { kept, gone } = sorted(parts, rows, plans)
  const now = parts.time.now().wall
  const stored = new Map(rows.map(({ id, body }) => [id, body]))
  const changed: Scheduled[] = []
  for (const schedule of kept) {
    const next = adopted(schedule, now)
    scheduler.keep(next)
    if (isOther(next, stored.get(next.id))) changed.push(next)
  }
  if (changed.length + gone.length > 0) {
    await parts.journal.change(group => {
      for (const schedule of changed) scheduler.put(group, schedule)
      for (const row of gone) scheduler.drop(group, row)
    })
  }
  if (kept.length === 0) return
  void wakeAll(scheduler, kept)
  // Of what is due at one moment, ticks come before the timers of runs.
  await rest()
}

const AT_ONCE = 50

// To look into a calendar is slow work: thousands of schedules must not keep runs waiting.
async function wakeAll(scheduler: Scheduler, schedules: readonly Scheduled[]): Promise<void> {
  for (const [at, { id }] of schedules.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await setImmediate()
    scheduler.wake(id)
  }
}

function sorted(
  parts: Parts,
  rows: readonly StoredSchedule[],
  plans: ReadonlyMap<string, Plan>,
): { kept: Scheduled[]; gone: StoredSchedule[] } {
  const unmet = new Map(plans)
  const kept: Scheduled[] = []
  const gone: StoredSchedule[] = []
  for (const row of rows) {
    const plan = plans.get(row.id)
    unmet.delete(row.id)
    if (row.body.own !== undefined) {
      if (plan !== undefined) throw isOwn(row.id, plan.workflow.id)
      kept.push(scheduledOf(row, planOfRow(parts, row)))
    } else if (plan === undefined && parts.settings.workflows.has(row.body.workflow)) {
      gone.push(row)
    } else kept.push(scheduledOf(row, plan))
  }
  for (const [id, plan] of unmet) kept.push(fresh(id, plan, undefined, false))
  return { kept, gone }
}

/** A schedule that nothing was known of. */
export const fresh = (
  id: string,
  plan: Plan,
  own: Scheduled['own'],
  paused: boolean,
): Scheduled => ({
  ...{ id, workflow: plan.workflow.id, own, plan, paused },
  state: { handled: 0, calendar: '', buffered: [] },
  check: undefined,
})

/** The schedule with the state to go on from. */
export const adopted = (schedule: Scheduled, now: number): Scheduled =>
  schedule.plan === undefined
    ? schedule
    : { ...schedule, state: adopt(schedule.plan.schedule, schedule.state, now) }

const isOther = ({ workflow, state }: Scheduled, body: ScheduleBody | undefined): boolean => {
  if (body === undefined || body.workflow !== workflow) return true
  const { handled, calendar, buffered } = body
  return !isDeepStrictEqual(state, { handled, calendar, buffered })
}

// A schedule without a plan stays as it is: another opening may know what it needs.
function planOfRow({ settings }: Parts, { id, body }: StoredSchedule): Plan | undefined {
  const { workflow: name, own } = body
  const workflow = settings.workflows.get(name)
  const facts = { schedule: id, workflow: name }
  if (workflow === undefined || own === undefined) {
    settings.logger.warn(facts, 'a schedule waits: the engine does not know its workflow')
    return undefined
  }
  try {
    const plan = planOf(id, workflow, own)
    // What one release or machine takes for a calendar or a zone, another may not.
    nextAfter(plan.schedule, body.handled)
    return plan
  } catch (error) {
    settings.logger.warn({ ...facts, error }, 'a schedule waits: its calendar is not known here')
    return undefined
  }
}

const isOwn = (id: string, workflow: string): EngineError =>
  new EngineError('SCHEDULE_CONFLICT', `The schedule '${id}' was made at run time.`, {
    hint: `Give the trigger of '${workflow}' another id, or delete the schedule before.`,
    facts: { schedule: id, workflow },
  })
