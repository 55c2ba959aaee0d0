import type { Holders } from './holders.ts'
import { isRoom, type Limit } from './limit.ts'
import { kindOf, SHARED } from './limit-id.ts'
import type { Marks } from './marks.ts'
import type { Passage } from './passage.ts'
import { pausedUntil } from './pause.ts'
import type { Rulebook } from './rulebook.ts'
import { nextAt, startsAt, type ThrottleState, take } from './throttle.ts'

/** What is known of steps under limits of their own. */
export interface StepRoom {
  /** How many execute under a limit. */
  executing(id: string): number
  /** Whether steps of a workflow that come under it go before the runs of it that would begin. */
  goFirst(workflow: string, id: string, now: number): boolean
}

/**
 * What stops runs that want to begin. Each limit has a gate for each workflow that shares it, since
 * each says for itself how many it lets through: its name is `<workflow>!<id>`. Pauses of everything
 * and of a workflow are gates too: `!*` and `!<workflow>`.
 */
export class Limits {
  readonly #rules: Rulebook
  readonly #marks: Marks
  readonly #holders: Holders
  readonly #steps: StepRoom
  /** Runs that begin and have not asked for a step yet, by the limit that their steps come under. */
  readonly #beginning = new Map<string, number>()

  constructor(rules: Rulebook, marks: Marks, holders: Holders, steps: StepRoom) {
    this.#rules = rules
    this.#marks = marks
    this.#holders = holders
    this.#steps = steps
  }

  namesOf({ workflow, limits, holds }: Omit<Passage, 'lane'>): readonly string[] {
    const own = [...limits, ...holds].map(id => `${workflow}!${id}`)
    return [`!${SHARED}`, `!${workflow}`, ...own]
  }

  /** What may stop it. */
  of({ workflow, limits, holds }: Passage): Limit[] {
    const stops: Limit[] = []
    const add = (stop: Limit | undefined): unknown => stop && stops.push(stop)
    add(this.#pause(SHARED))
    add(this.#pause(workflow))
    for (const id of limits) add(this.#own(workflow, id))
    for (const id of holds) add(this.#own(workflow, id))
    return stops
  }

  /** One that had to pass a limit to begin has begun. */
  passed(workflow: string, id: string): void {
    this.#gate(workflow, id)?.leave()
  }

  /** The names of the gates that a limit has. */
  *namesFor(id: string): Generator<string> {
    for (const workflow of this.#rules.sharers(id)) yield `${workflow}!${id}`
  }

  /** How many more a limit lets through now. */
  room(workflow: string, id: string, now: number): number {
    const limit = this.limit(`${workflow}!${id}`)
    if (limit === undefined) return Number.POSITIVE_INFINITY
    if (!isRoom(limit.roomAt(now), now)) return 0
    const kind = kindOf(id)
    if (kind === 'throttle') return this.#starts(workflow, id, now)
    const most = this.#rules.most(workflow, id)
    if (most === undefined) return 1
    return kind === 'step' ? most - this.#busy(id) : most - this.#holders.count(id)
  }

  /** Undefined where nothing stops anybody. */
  limit(name: string): Limit | undefined {
    const at = name.indexOf('!')
    const id = name.slice(at + 1)
    if (at === 0) return this.#pause(id)
    return this.#own(name.slice(0, at), id)
  }

  /** A run was let in and has not begun: a place for its first step is kept. */
  begin({ workflow, limits }: Passage): void {
    for (const id of limits) {
      const isStep = kindOf(id) === 'step'
      // A deploy may have taken the limit away: then nobody gives the place back.
      if (!isStep || this.#rules.most(workflow, id) === undefined) continue
      this.#beginning.set(id, 1 + (this.#beginning.get(id) ?? 0))
    }
  }

  #own(workflow: string, id: string): Limit | undefined {
    const gate = this.#gate(workflow, id)
    const until = pausedUntil(this.#marks, id)
    if (until === undefined || gate === undefined) return gate
    return { ...gate, roomAt: now => Math.max(until, gate.roomAt(now)) }
  }

  #busy(id: string): number {
    return this.#steps.executing(id) + (this.#beginning.get(id) ?? 0)
  }

  #gate(workflow: string, id: string): Limit | undefined {
    switch (kindOf(id)) {
      case 'throttle':
        return this.#throttle(workflow, id)
      case 'step':
        return this.#step(workflow, id, this.#rules.most(workflow, id))
      default:
        return this.#slot(id, this.#rules.most(workflow, id))
    }
  }

  #pause(what: string): Limit | undefined {
    const isKnown = what === SHARED || this.#rules.knows(what)
    // Nobody can say how many of an unknown workflow may begin: they wait for an engine that knows.
    const until = isKnown ? pausedUntil(this.#marks, what) : Number.POSITIVE_INFINITY
    return until === undefined ? undefined : { roomAt: () => until, take: nothing, leave: nothing }
  }

  #slot(id: string, most: number | undefined): Limit | undefined {
    if (most === undefined) return undefined
    const roomAt = (): number => (this.#holders.count(id) < most ? 0 : Number.POSITIVE_INFINITY)
    // Who holds it is known by the run.
    return { roomAt, take: nothing, leave: nothing }
  }

  // Steps that wait come first: what was started gets finished.
  #step(workflow: string, id: string, most: number | undefined): Limit | undefined {
    if (most === undefined) return undefined
    const roomAt = (now: number): number => {
      const isFree = this.#busy(id) < most && !this.#steps.goFirst(workflow, id, now)
      return isFree ? 0 : Number.POSITIVE_INFINITY
    }
    const count = (by: number) => (): void => {
      const beginning = (this.#beginning.get(id) ?? 0) + by
      if (beginning === 0) this.#beginning.delete(id)
      else this.#beginning.set(id, beginning)
    }
    return { roomAt, take: count(1), leave: count(-1) }
  }

  #starts(workflow: string, id: string, now: number): number {
    const rule = this.#rules.throttle(workflow)
    const state = this.#marks.get(id) as ThrottleState | undefined
    return rule === undefined ? 1 : startsAt(state, rule, now)
  }

  #throttle(workflow: string, id: string): Limit | undefined {
    const rule = this.#rules.throttle(workflow)
    if (rule === undefined) return undefined
    const state = (): ThrottleState | undefined => this.#marks.get(id) as ThrottleState | undefined
    return {
      roomAt: () => nextAt(state(), rule),
      take: now => this.#marks.set(id, take(state(), rule, now)),
      leave: nothing,
    }
  }
}

const nothing = (): void => {}
