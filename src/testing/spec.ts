import type { Duration } from '../define/duration.ts'
import type { MadeEvent } from '../define/event.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { Arbitrary } from './arbitrary.ts'
import type { Properties } from './property.ts'
import type { StubCall } from './stubs.ts'
import type { View } from './view.ts'

/** What `check`, `explore` and `replay` run, under every order of events and every crash. */
export interface Spec<World = undefined> {
  /**
   * The workflows, as they are; or a function that makes them for each process of a schedule, if
   * what their code calls (a client, a mailer) is to be a part of that schedule's world. What it
   * keeps in memory itself dies with the process.
   */
  readonly workflows: readonly AnyWorkflow[] | ((world: World) => readonly AnyWorkflow[])
  /**
   * Makes the world that steps act on, anew for each schedule: counts, accounts, mailboxes. What
   * happens twice shows in it.
   */
  readonly world?: (() => World) | undefined
  /** Runs that are started. Default: one of the first workflow, unless `events` come or schedules do. */
  readonly starts?: readonly Start[] | undefined
  /**
   * What runs in place of step bodies: by step id for all occurrences in all workflows, or
   * `workflow/id`, `id:1` for the second occurrence, `workflow/id:1`. Without one the body itself
   * runs; it must not wait for anything real.
   */
  readonly steps?: { readonly [step: string]: StepStub<World> | StepSpec<World> } | undefined
  /** Events that come, in any order and at any time. */
  readonly events?: readonly (MadeEvent | Coming)[] | undefined
  /** Signals that come, in any order and at any time. */
  readonly signals?: readonly ComingSignal[] | undefined
  readonly faults?: Faults<World> | undefined
  readonly properties?: Properties<World> | undefined
  /**
   * What the runs come to must not depend on crashes. With a function, what it makes of the end
   * must not either: `({ world }) => world.charges`.
   */
  readonly crashTransparent?: boolean | ((end: View<World>) => unknown) | undefined
}

/** A run that is started. */
export interface Start {
  readonly workflow: AnyWorkflow | string
  /**
   * A value, or an arbitrary of fast-check. Default: made to fit the workflow's schema, which has to
   * say what it takes (those of zod and arktype do); undefined without a schema.
   */
  readonly data?: unknown
  /** Default `run-1`, `run-2`, ... */
  readonly id?: string | undefined
}

/** An event that comes, perhaps. */
export interface Coming {
  /** The event, or an arbitrary that makes it. */
  readonly event: MadeEvent | Arbitrary<MadeEvent>
  /** How often it may come again, each time with another id. Default 0. */
  readonly repeats?: number | undefined
  /** It may never come. */
  readonly optional?: boolean | undefined
}

/** A signal that comes, perhaps. */
export interface ComingSignal {
  readonly signal: string
  /** A value, or an arbitrary of fast-check. */
  readonly data?: unknown
  /** How often it may come again, each time with another id. Default 0. */
  readonly repeats?: number | undefined
  /** It may never come. */
  readonly optional?: boolean | undefined
}

/** Acts on the world and returns the step's result, or throws. */
export type StepStub<World> = (call: StubCall, world: World) => unknown

/** What a step does, and what else may become of it. */
export interface StepSpec<World> {
  /** Default: the step's own body. */
  readonly run?: StepStub<World> | undefined
  /** What an attempt may come to; the first is the usual. Default: only `'ok'`. */
  readonly outcomes?: readonly StepOutcome[] | undefined
  /** How long an attempt may take: shortest and longest, or only the longest. Default: no time. */
  readonly delay?: Duration | readonly [Duration, Duration] | undefined
}

/** What may become of an attempt. */
export type StepOutcome =
  /** `run` is called. */
  | 'ok'
  /** It throws, and this attempt did nothing. */
  | 'error'
  /** It throws if it is the first attempt, and nothing was done. */
  | 'transient'
  /** It throws, this attempt did nothing, and there is no further one. */
  | 'fatal'
  /** `run` is called, but its answer is lost: the attempt fails. */
  | 'lost'
  /** It never answers. */
  | 'hang'
  /** It throws this. */
  | Error
  /** It returns this; `run` is not called. */
  | { readonly value: unknown }

/** What may go wrong in one schedule, at most. */
export interface Faults<World> {
  /**
   * How often the process may die: before or after any write of the journal, also while it comes
   * back. A step whose effect is done but not recorded is one case of it. Default 2; `explore`: 1.
   */
  readonly crashes?: number | undefined
  /** How often a write may fail, with or without being written. Default 1; `explore`: 0. */
  readonly writes?: number | undefined
  /** How many cancellations may come, of any run at any moment. Default 0. */
  readonly cancels?: number | undefined
  /**
   * What the wall clock may be set by, once: `['1h', '-1h']`; `'frozen'`: it stands still while time
   * passes, until something has come due. Default: nothing.
   */
  readonly clock?: readonly (Duration | `-${string}` | 'frozen')[] | undefined
  /** Code that may be deployed once, at any moment: the process dies, and starts again with it. */
  readonly upgrade?: readonly AnyWorkflow[] | ((world: World) => readonly AnyWorkflow[]) | undefined
}
