import type { Workflow } from 'perdure'
import type { StepAttempt } from '../../src/define/context.ts'
import type { Facts } from './event-facts.ts'
import type { EventNode } from './event-nodes.ts'
import type { StepNode } from './program.ts'

/** What a run is started with; one that an event starts has the facts of that. */
export interface RunData extends Facts {
  /** How often it may still continue as a new one. */
  readonly left: number
}

/** What the interpreter needs of the world around it. */
export interface Stage {
  /** A life of the run's code begins. Returns which one it is, from 1. */
  born(run: string): number
  /** A step's body is called. */
  body(call: BodyCall, attempt: StepAttempt): unknown
  /** The code went on with something: what it got, and from which step if from one. */
  saw(run: string, what: unknown, from?: { node: StepNode; step: string }): void
  /** A promise the engine does not know. */
  foreign(): Promise<void>
  /** A call that has to do with what is outside of the run. */
  asks(call: EventCall): void
  /** What such a call came to. */
  heard(run: string, step: string, what: unknown): void
  /** The workflow of a program. */
  workflow(program: number): { workflow: Workflow<RunData>; continues: number }
}

/** A call of an event node, as its program knows it. */
export interface EventCall {
  readonly run: string
  /** With its occurrence. */
  readonly step: string
  readonly node: EventNode
  /** What the run was started with. */
  readonly facts: Partial<RunData>
}

/** A call of a step, as its body knows it. */
export interface BodyCall {
  readonly run: string
  /** With its occurrence, as the engine counts it. */
  readonly step: string
  readonly node: StepNode
  /** Which call of the program this is: no two calls of a run share it. */
  readonly path: string
  /** Sums up all that the code had seen when it called. */
  readonly input: string
}
