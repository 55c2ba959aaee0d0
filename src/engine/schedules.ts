import { encodeValue } from '../../journal/codec/encode.ts'
import { called } from '../../journal/error.ts'
import type { OwnSchedule } from '../../journal/schedule.ts'
import { type CronOptions, cron } from '../define/cron.ts'
import { EngineError } from '../define/error.ts'
import { givenText } from '../define/given-text.ts'
import { parseData } from '../define/parse-data.ts'
import type { AnyWorkflow, Workflow } from '../define/workflow.ts'
import type { Door } from './door.ts'
import type { Parts } from './parts.ts'
import { infoOf, type ScheduleInfo } from './schedule-info.ts'
import { adopted, fresh } from './schedule-parts.ts'
import { planOf, type Scheduled, timesOf } from './timetable.ts'

/** When a schedule ticks, and what becomes of its ticks; as `cron` takes it. */
export interface ScheduleTimes extends Pick<CronOptions, 'tz' | 'missed' | 'overlap' | 'jitter'> {
  /** The expression. */
  readonly cron: string
}

/** A schedule to be made. Each run is started with `data`, as `engine.start` would do it. */
export type NewSchedule<Data> = ScheduleTimes & {
  /** 1 to 128 letters, digits and `_./-`. Its runs are named after it. */
  readonly id: string
  readonly workflow: Workflow<Data, unknown>
} & (undefined extends Data ? { readonly data?: NoInfer<Data> } : { readonly data: NoInfer<Data> })

/** What is to be otherwise; what is not given stays. */
export interface ScheduleChanges extends Partial<ScheduleTimes> {
  readonly data?: unknown
}

type AnySchedule = ScheduleTimes & {
  readonly id: string
  readonly workflow: { readonly id: string }
  readonly data?: unknown
}

/** The schedules of an engine: those of its workflows' triggers, and those made at run time. */
export class Schedules {
  readonly #parts: Parts
  readonly #door: Door

  constructor(parts: Parts, door: Door) {
    this.#parts = parts
    this.#door = door
  }

  /**
   * Makes a schedule. When this resolves it is on disk, and ticks from now on, at later openings as
   * well; while an engine does not know its workflow it waits. Its runs see what `start` would give
   * them, with the nominal time as the `ts` of their event. To make the same again does nothing.
   * Throws DEFINITION_INVALID, DATA_INVALID, WORKFLOW_UNKNOWN, and SCHEDULE_CONFLICT where the id is
   * that of another; NOT_ACCEPTED, INDETERMINATE.
   *
   * @example await engine.schedules.create({ id: 'digest-ada', cron: '0 9 * * *', workflow: digest })
   */
  async create<Data>(schedule: NewSchedule<Data>): Promise<void> {
    this.#door.mustTakeRequests()
    const { data } = schedule
    const { id, workflow: asked, data: _, ...times }: AnySchedule = schedule
    const workflow = this.#known(asked?.id)
    const own = ownOf(id, times, await this.#encoded(workflow, data))
    const there = this.#parts.events.scheduler.get(id)
    if (there === undefined) {
      await this.#put(fresh(id, planOf(id, workflow, own), own, false))
      return
    }
    if (there.workflow !== workflow.id || !isSame(there.own, own)) throw isOther(there)
    // Whoever made it first may not know yet whether it is on disk.
    await called(this.#parts.journal.append([]))
  }

  /**
   * Changes what is given; what is not stays. With another expression or zone it begins anew, and
   * makes up for nothing. Throws as `create` does, SCHEDULE_NOT_FOUND, and SCHEDULE_CONFLICT for the
   * schedule of a trigger: that is changed in the code.
   */
  async update(id: string, { data, ...changes }: ScheduleChanges): Promise<void> {
    const workflow = this.#known(this.#made(id).workflow)
    const bytes = data === undefined ? undefined : await this.#encoded(workflow, data)
    const there = this.#made(id)
    const { expression, data: before, ...options } = there.own
    const own = ownOf(id, { ...options, cron: expression, ...changes }, bytes ?? before)
    await this.#put({ ...there, plan: planOf(id, workflow, own), own })
  }

  /** Removes it. Runs that it has started go on. Throws SCHEDULE_NOT_FOUND and SCHEDULE_CONFLICT. */
  async delete(id: string): Promise<void> {
    const made = this.#made(id)
    const { journal, events } = this.#parts
    await called(journal.change(group => events.scheduler.drop(group, made)))
  }

  /** Starts nothing until `resume`; any schedule can be paused. Throws SCHEDULE_NOT_FOUND. */
  async pause(id: string): Promise<void> {
    const there = this.#there(id)
    if (!there.paused) await this.#put({ ...there, paused: true })
  }

  /** Goes on after `pause`, from now on: ticks in between were not missed. */
  async resume(id: string): Promise<void> {
    const there = this.#there(id)
    if (!there.paused) return
    const handled = Math.max(there.state.handled, this.#parts.time.now().wall)
    await this.#put({ ...there, paused: false, state: { ...there.state, handled } })
  }

  /** All schedules of which this engine knows the workflow or that were made at run time, by id. */
  async *list(): AsyncGenerator<ScheduleInfo> {
    this.#door.mustBeOpen()
    const { scheduler } = this.#parts.events
    const all = [...scheduler.all()].filter(({ plan, own }) => (plan ?? own) !== undefined)
    all.sort((a, b) => (a.id < b.id ? -1 : 1))
    for (const { id } of all) {
      const current = scheduler.get(id)
      if (current !== undefined) {
        yield infoOf(current, scheduler.activeOf(id), this.#parts.time.now().wall)
      }
    }
  }

  #put(changed: Scheduled): Promise<void> {
    const { journal, events, time } = this.#parts
    const next = adopted(changed, time.now().wall)
    const durable = journal.change(group => events.scheduler.put(group, next))
    events.scheduler.wake(changed.id)
    return called(durable)
  }

  async #encoded(workflow: AnyWorkflow, data: unknown): Promise<Uint8Array> {
    const parsed = await parseData(workflow, data)
    this.#door.mustTakeRequests()
    return encodeValue(parsed, { bytes: this.#parts.settings.limits.valueBytes })
  }

  #there(id: string): Scheduled {
    this.#door.mustTakeRequests()
    const there = this.#parts.events.scheduler.get(id)
    if (there !== undefined) return there
    throw new EngineError('SCHEDULE_NOT_FOUND', `There is no schedule ${givenText(id)}.`, {
      hint: 'engine.schedules.list() gives those there are.',
      facts: { schedule: id },
    })
  }

  #made(id: string): Scheduled & { readonly own: OwnSchedule } {
    const there = this.#there(id)
    if (there.own === undefined) throw isOther(there)
    return { ...there, own: there.own }
  }

  #known(id: string | undefined): AnyWorkflow {
    const known = this.#parts.settings.workflows
    const workflow = known.get(id ?? '')
    if (workflow !== undefined) return workflow
    throw new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${id}'.`, {
      hint: 'Add it to `workflows` where openEngine() is called.',
      facts: { workflow: id, known: [...known.keys()] },
    })
  }
}

/** Throws DEFINITION_INVALID. */
function ownOf(id: string, { cron: expression, ...options }: ScheduleTimes, data: Uint8Array) {
  if (typeof id !== 'string') {
    throw new EngineError('DEFINITION_INVALID', 'A schedule that is made at run time has an id.', {
      hint: 'Use 1 to 128 letters, digits, "_", ".", "/" or "-".',
      facts: { id },
    })
  }
  return { ...timesOf(cron(expression, { ...options, id })), data }
}

const isSame = (one: OwnSchedule | undefined, other: OwnSchedule): boolean => {
  if (one === undefined || !Buffer.from(one.data).equals(other.data)) return false
  const { data: _, ...times } = one
  return Object.entries(times).every(([name, value]) => value === Reflect.get(other, name))
}

const isOther = ({ id, workflow, own }: Scheduled): EngineError =>
  new EngineError(
    'SCHEDULE_CONFLICT',
    own === undefined
      ? `The schedule '${id}' is a trigger of the workflow '${workflow}'.`
      : `The schedule '${id}' exists, and says something else.`,
    {
      hint:
        own === undefined
          ? 'Change it where the workflow is defined, or use another id.'
          : 'Use another id, or engine.schedules.update().',
      facts: { schedule: id, workflow },
    },
  )
