import { type Duration, parseDuration } from '../define/duration.ts'
import type { MadeEvent } from '../define/event.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { BodyCall } from '../engine/body-runner.ts'
import type { Arbitrary } from './arbitrary.ts'
import { isArbitrary } from './arbitrary.ts'
import type { StepPlan } from './bodies.ts'
import type { Coming, ComingSignal, Faults, Spec, Start, StepSpec, StepStub } from './spec.ts'
import { stubCall, withoutOccurrence } from './stubs.ts'
import { invalidSpec } from './valid-spec.ts'

/** How much may go wrong, where the spec says nothing. */
export interface FaultDefaults {
  readonly crashes: number
  readonly writes: number
}

/** What may go wrong in one schedule, all of it said. */
export interface Budget {
  readonly crashes: number
  readonly writes: number
  readonly cancels: number
  /** What the wall clock may be set by, in milliseconds. */
  readonly jumps: readonly (number | 'frozen')[]
  readonly canUpgrade: boolean
}

/** A spec with one world: what one schedule is made of. */
export class Prepared<World> {
  readonly spec: Spec<World>
  readonly world: World
  /** Those of the process that runs. */
  workflows: readonly AnyWorkflow[]
  /** Whether the other version is deployed. */
  isUpgraded = false
  #isFresh = true
  readonly budget: Budget
  /** Ids of steps that were called. */
  readonly ran = new Set<string>()
  /** Names in `steps` of the spec by which they were found. */
  readonly used = new Set<string>()

  /** Throws DEFINITION_INVALID. */
  constructor(spec: Spec<World>, defaults: FaultDefaults) {
    this.spec = spec
    this.world = spec.world?.() as World
    this.workflows = this.#made(spec.workflows)
    this.budget = budgetOf(spec.faults ?? {}, defaults)
    if (this.workflows.length === 0) throw invalidSpec('workflows', 'there is none')
  }

  /** A process starts: it has workflows of its own, as what code keeps in memory dies with it. */
  load(): readonly AnyWorkflow[] {
    const { workflows, faults } = this.spec
    const given = (this.isUpgraded ? faults?.upgrade : undefined) ?? workflows
    if (!this.#isFresh) this.workflows = this.#made(given)
    this.#isFresh = false
    return this.workflows
  }

  get starts(): readonly (Start & { readonly id: string; readonly workflow: AnyWorkflow })[] {
    const { starts, events = [] } = this.spec
    const [first] = this.workflows
    const isStarted = events.length === 0 && !this.hasSchedules
    const given = starts ?? (isStarted && first !== undefined ? [{ workflow: first }] : [])
    return given.map((start, at) => {
      const { workflow } = start
      const name = typeof workflow === 'string' ? workflow : workflow.id
      const known = this.workflows.find(({ id }) => id === name)
      if (known === undefined)
        throw invalidSpec(`starts.${at}.workflow`, `${name} is not in workflows`)
      const id = start.id ?? `run-${at + 1}`
      return { id, workflow: known, ...('data' in start && { data: start.data }) }
    })
  }

  /** Whether runs may start as time passes. */
  get hasSchedules(): boolean {
    return this.workflows.some(({ triggers }) => triggers.some(({ kind }) => kind !== 'event'))
  }

  get events(): readonly Coming[] {
    return (this.spec.events ?? []).map(given => {
      if (!('event' in given)) return { event: given }
      const { event } = given
      return isArbitrary(event) ? { ...given, event: event as Arbitrary<MadeEvent> } : given
    })
  }

  get signals(): readonly ComingSignal[] {
    return this.spec.signals ?? []
  }

  planOf(call: BodyCall): StepPlan {
    const { steps = {} } = this.spec
    const base = withoutOccurrence(call.step)
    const { workflow, step } = call
    const names = [`${workflow}/${step}`, `${workflow}/${base}`, step, base]
    const name = names.find(name => Object.hasOwn(steps, name))
    this.ran.add(step)
    if (name !== undefined) this.used.add(name)
    const given: StepStub<World> | StepSpec<World> = (name && steps[name]) || {}
    const { run, outcomes, delay } = typeof given === 'function' ? { run: given } : given
    return {
      outcomes: outcomes?.length ? outcomes : ['ok'],
      delays: delaysOf(delay),
      run: call => (run === undefined ? call.body() : run(stubCall(call), this.world)),
    }
  }

  #made(workflows: Spec<World>['workflows']): readonly AnyWorkflow[] {
    return typeof workflows === 'function' ? workflows(this.world) : workflows
  }
}

const budgetOf = (
  { crashes, writes, cancels = 0, clock = [], upgrade }: Faults<never>,
  defaults: FaultDefaults,
): Budget => ({
  crashes: crashes ?? defaults.crashes,
  writes: writes ?? defaults.writes,
  cancels,
  jumps: clock.map(jump => {
    if (jump === 'frozen') return jump
    const isBack = typeof jump === 'string' && jump.startsWith('-')
    return isBack ? -parseDuration(jump.slice(1)) : parseDuration(jump)
  }),
  canUpgrade: upgrade !== undefined,
})

function delaysOf(delay: StepSpec<never>['delay']): readonly number[] {
  if (delay === undefined) return [0]
  const [from, to] = isSpan(delay) ? delay : [0, delay]
  const [least, most] = [parseDuration(from), parseDuration(to)]
  if (least > most) {
    throw invalidSpec('delay', 'it is the shortest and the longest')
  }
  return [...new Set([least, Math.floor((least + most) / 2), most])]
}

const isSpan = (delay: unknown): delay is readonly [Duration, Duration] => Array.isArray(delay)
