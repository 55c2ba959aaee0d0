import { isDeepStrictEqual } from 'node:util'
import type { StepAttempt } from '../../src/define/context.ts'
import type { BodyCall } from './calls.ts'
import type { History } from './history.ts'
import { judge, LawBroken } from './law.ts'
import type { StepNode } from './program.ts'
import { isSample } from './samples.ts'
import { type Asked, ackLaws, bodyLaws, type Result, resultLaws } from './witness-laws.ts'

export interface RunningBody {
  readonly run: string
  readonly step: string
  readonly attempt: number
  readonly signal: AbortSignal
  /** Whether it ends only when it is aborted. */
  readonly endless: boolean
}

interface Input {
  readonly run: string
  readonly step: string
  readonly path: string
  readonly input: string
}

/**
 * What the world outside the engine got to see, in all its lives: bodies that were called, calls
 * that were acknowledged or refused, results that were shown.
 */
export class Witness {
  readonly history: History
  /** Lives of each run's code. */
  readonly lives = new Map<string, number>()
  /** What each idempotency key was first seen with. */
  readonly inputs = new Map<string, Input>()
  /** The key of each step, by run and step. */
  readonly keys = new Map<string, string>()
  bodies: RunningBody[] = []
  readonly acked = new Map<string, Set<Asked>>()
  /** How often each run was asked for, less how often it was refused for certain. */
  readonly starts = new Map<string, number>()
  readonly paused = new Set<string>()
  readonly cancelled = new Set<string>()
  readonly results = new Map<string, Result>()
  /** The last commit before the engine that is open failed to write, if it has. */
  failedAfter: number | undefined
  /** Grows with all that is seen. */
  activity = 0
  readonly #given = new WeakSet<object>()

  constructor(history: History) {
    this.history = history
    history.onRemoved = run => this.forget(run)
  }

  /** The engine is gone, and with it what it ran. */
  engineGone(): void {
    this.failedAfter = undefined
    this.bodies = []
  }

  born(run: string): number {
    this.activity++
    const life = (this.lives.get(run) ?? 0) + 1
    this.lives.set(run, life)
    return life
  }

  body(call: BodyCall, { attempt, idempotencyKey: key, signal }: StepAttempt): () => void {
    this.activity++
    const { run, step, path, input } = call
    judge(bodyLaws, { call, attempt, key, history: this.history, witness: this })
    this.inputs.set(key, { run, step, path, input })
    this.keys.set(`${run} ${step}`, key)
    this.history.calls.set(`${run} ${step}`, call.node)
    const { outcomes, timeout } = call.node
    const outcome = outcomes[Math.min(attempt, outcomes.length - 1)]
    const endless = outcome?.kind === 'never' && timeout === undefined
    const running = { run, step, attempt, signal, endless }
    this.bodies.push(running)
    return () => {
      this.activity++
      this.bodies = this.bodies.filter(other => other !== running)
    }
  }

  /** A body returns this object: nobody else may ever see the object itself. */
  gave(value: unknown): void {
    if (typeof value === 'object' && value !== null) this.#given.add(value)
  }

  saw(run: string, what: unknown, from?: { node: StepNode; step: string }): void {
    this.activity++
    if (from === undefined) return
    const { node, step } = from
    if (typeof what === 'object' && what !== null && this.#given.has(what)) {
      throw new LawBroken('code sees values as they were stored', `${run} ${step}: the original`)
    }
    if (!isSample(node, what)) {
      throw new LawBroken('code sees values as they were stored', `${run} ${step}: ${String(what)}`)
    }
  }

  /** A run is asked for: from now on it may be there. */
  asks(run: string): void {
    this.starts.set(run, (this.starts.get(run) ?? 0) + 1)
  }

  /** `isNewest`: nothing was asked since that may undo it. */
  ack(what: Asked, run: string, isNewest: boolean): void {
    this.activity++
    judge(ackLaws, { what, run, history: this.history, witness: this })
    const acked = this.acked.get(run) ?? new Set()
    this.acked.set(run, acked.add(what))
    if (what === 'pause' && isNewest) this.paused.add(run)
    if (what === 'cancel') this.cancelled.add(run)
  }

  /** What was asked for was refused. */
  refuse(what: Asked, run: string, error: unknown): void {
    this.activity++
    const code = this.codeOf(`${what} of ${run}`, error)
    if (what === 'start' && code === 'NOT_ACCEPTED') {
      this.starts.set(run, (this.starts.get(run) ?? 0) - 1)
    }
  }

  /** The code of a refusal, which must be one that says why. */
  codeOf(what: string, error: unknown): string {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (REFUSALS.has(code)) return code
    throw new LawBroken('a refusal says why', `${what}: ${String(error)}`)
  }

  /** A run was removed: its id may be used again. */
  forget(run: string): void {
    for (const known of [this.acked, this.starts, this.results, this.lives]) known.delete(run)
    this.paused.delete(run)
    this.cancelled.delete(run)
    for (const key of this.keys.keys()) if (key.startsWith(`${run} `)) this.keys.delete(key)
  }

  /** What lifts a pause is asked for: from now on it may be lifted. */
  lifts(run: string): void {
    this.paused.delete(run)
  }

  result(run: string, result: Result): void {
    this.activity++
    judge(resultLaws, { run, result, history: this.history, witness: this })
    if (!this.results.has(run)) this.results.set(run, result)
  }

  /** Whether all that was seen of a run agrees with another account of it. */
  agrees(run: string, result: Result | undefined): boolean {
    const seen = this.results.get(run)
    return seen === undefined || isDeepStrictEqual(seen, result)
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  'NOT_ACCEPTED',
  'INDETERMINATE',
  'RUN_STATUS',
  'RUN_NOT_FOUND',
  'RUN_CONFLICT',
  'SCHEDULE_CONFLICT',
  'SCHEDULE_NOT_FOUND',
  'ENGINE_CLOSED',
  'JOURNAL_CLOSED',
  'JOURNAL_FAILED',
])
