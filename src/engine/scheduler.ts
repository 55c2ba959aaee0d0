import { isDeepStrictEqual } from 'node:util'
import type { Group } from '../../journal/group.ts'
import type { Journal } from '../../journal/journal.ts'
import { dropSchedule, putSchedule, type ScheduleBody } from '../../journal/schedule.ts'
import type { Logger } from '../define/logger.ts'
import { advance, type ScheduleAdvance } from '../router/schedule-advance.ts'
import type { Arrival } from './arrival.ts'
import { Bell, type BellHost } from './bell.ts'
import type { Claims } from './claims.ts'
import type { Dispatcher } from './dispatcher.ts'
import { type Plan, runIdOf, type Scheduled } from './timetable.ts'

export interface SchedulerHost extends BellHost {
  readonly journal: Journal
  readonly dispatcher: Dispatcher
  readonly claims: Claims
  readonly logger: Logger
  /** Whether too much is waiting to start anything more. */
  isBusy(): boolean
  /** Makes the run of a tick. */
  begin(run: string, plan: Plan, nominal: number): Arrival
  failed(error: unknown): void
}

/** How long ticks wait while the engine has too much to do. */
const BUSY_WAIT = 1_000

/** A schedule, and what is going on about it. */
interface Watched {
  current: Scheduled
  /** When to decide again, by the wall clock; undefined: not before a run of it ends. */
  wakeAt: number | undefined
  /** Runs that were asked to end. */
  readonly asked: Set<string>
  isDeciding: boolean
  /** Something happened meanwhile. */
  again: boolean
}

/**
 * Lets schedules tick. Each decision is one commit: the row of the schedule, the runs that it starts
 * and those that it cancels. One alarm serves them all.
 */
export class Scheduler {
  readonly #host: SchedulerHost
  readonly #watched = new Map<string, Watched>()
  /** Runs that have not ended, by their schedule. */
  readonly #active = new Map<string, Set<string>>()
  readonly #bell: Bell
  #stopped = false

  constructor(host: SchedulerHost) {
    this.#host = host
    this.#bell = new Bell(host, () => this.#ring())
  }

  get(id: string): Scheduled | undefined {
    return this.#watched.get(id)?.current
  }

  *all(): Generator<Scheduled> {
    for (const { current } of this.#watched.values()) yield current
  }

  activeOf(schedule: string): readonly string[] {
    return [...(this.#active.get(schedule) ?? [])]
  }

  /** Takes a schedule in as it is; it does not tick before it is put. */
  keep(current: Scheduled): void {
    const { id } = current
    const watched = this.#watched.get(id)
    if (watched !== undefined) watched.current = current
    else {
      const idle = { wakeAt: undefined, isDeciding: false, again: false }
      this.#watched.set(id, { current, asked: new Set(), ...idle })
    }
  }

  /** Writes the row of a schedule that is new or other than it was. */
  put(group: Group, changed: Scheduled): void {
    const check = putSchedule(group, changed.id, bodyOf(changed), changed.check)
    this.keep({ ...changed, check })
  }

  drop(group: Group, { id, check }: Pick<Scheduled, 'id' | 'check'>): void {
    if (check !== undefined) dropSchedule(group, id, check)
    this.#watched.delete(id)
  }

  /** Decides about a schedule now. */
  wake(id: string): void {
    const watched = this.#watched.get(id)
    if (watched === undefined) return
    watched.again = true
    if (!watched.isDeciding) void this.#decideAll(watched)
  }

  /** A run of the schedule has come to be. */
  began(schedule: string, run: string): void {
    const active = this.#active.get(schedule)
    if (active === undefined) this.#active.set(schedule, new Set([run]))
    else active.add(run)
  }

  ended(schedule: string, run: string): void {
    const active = this.#active.get(schedule)
    active?.delete(run)
    if (active?.size === 0) this.#active.delete(schedule)
    const watched = this.#watched.get(schedule)
    watched?.asked.delete(run)
    if (watched !== undefined && watched.current.state.buffered.length > 0) this.wake(schedule)
  }

  stop(): void {
    this.#stopped = true
    this.#bell.stop()
  }

  async #decideAll(watched: Watched): Promise<void> {
    watched.isDeciding = true
    try {
      while (!this.#stopped && (watched.again || this.#isDue(watched))) {
        watched.again = false
        await this.#decide(watched)
      }
    } catch (error) {
      this.#host.failed(error)
    } finally {
      watched.isDeciding = false
    }
    this.#bell.ringAt(watched.wakeAt)
  }

  #isDue({ wakeAt }: Watched): boolean {
    return wakeAt !== undefined && wakeAt <= this.#host.now().wall
  }

  async #decide(watched: Watched): Promise<void> {
    const { journal, claims } = this.#host
    const known = new Map<string, boolean>()
    const claimed: (() => void)[] = []
    try {
      for (;;) {
        const decision = this.#next(watched)
        if (decision === undefined) return
        const runs = decision.start.map(nominal => runIdOf(watched.current.id, nominal))
        const unknown = runs.filter(run => !known.has(run))
        if (unknown.length === 0) return await this.#act(watched, decision, known)
        // A run may be there when ticks come back: a clock put back, a schedule made anew.
        for (const run of unknown) claimed.push(await claims.take(run))
        const heads = await Promise.all(unknown.map(run => journal.head(run)))
        for (const [at, run] of unknown.entries()) known.set(run, heads[at] !== undefined)
      }
    } finally {
      for (const release of claimed) release()
    }
  }

  #next(watched: Watched): ScheduleAdvance | undefined {
    const { id, plan, paused, state } = watched.current
    watched.wakeAt = undefined
    if (this.#stopped || this.#watched.get(id) !== watched || plan === undefined || paused) {
      return undefined
    }
    const now = this.#host.now().wall
    if (this.#host.isBusy()) {
      watched.wakeAt = now + BUSY_WAIT
      return undefined
    }
    const decision = advance(plan.schedule, state, this.activeOf(id), now)
    watched.wakeAt = decision.wakeAt
    return decision
  }

  async #act(
    watched: Watched,
    { state, start, cancel, skipped, passedOver }: ScheduleAdvance,
    exists: ReadonlyMap<string, boolean>,
  ): Promise<void> {
    const { current, asked } = watched
    const { id, plan } = current
    const ask = cancel.filter(run => !asked.has(run))
    if (plan === undefined || (ask.length === 0 && isDeepStrictEqual(state, current.state))) return
    const born = start.flatMap(nominal => {
      const run = runIdOf(id, nominal)
      return exists.get(run) ? [] : [this.#host.begin(run, plan, nominal)]
    })
    for (const run of born) this.began(id, run.id)
    for (const run of ask) asked.add(run)
    const reason = `schedule ${id} goes on`
    const edit = (group: Group): void => this.put(group, { ...current, state })
    const durable = this.#host.dispatcher.schedule(edit, { start: born, cancel: ask, reason })
    await durable
    if (skipped.length > 0 || passedOver !== undefined) {
      const facts = { schedule: id, skipped: skipped.length, ...passedOver }
      this.#host.logger.info(facts, 'ticks of a schedule start nothing')
    }
  }

  #ring(): void {
    let next: number | undefined
    for (const watched of this.#watched.values()) {
      const { wakeAt, current, isDeciding } = watched
      if (isDeciding || wakeAt === undefined) continue
      if (this.#isDue(watched)) this.wake(current.id)
      else next = Math.min(next ?? wakeAt, wakeAt)
    }
    this.#bell.ringAt(next)
  }
}

const bodyOf = ({ workflow, state, paused, own }: Scheduled): ScheduleBody => ({
  workflow,
  ...state,
  ...(paused && { paused }),
  ...(own !== undefined && { own }),
})
