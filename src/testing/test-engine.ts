import type { RunStatus } from '../../journal/lifecycle.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import type { MadeEvent } from '../define/event.ts'
import type { AnyWorkflow, Workflow } from '../define/workflow.ts'
import type { AdmissionControls } from '../engine/admission-controls.ts'
import type { BodyRunner } from '../engine/body-runner.ts'
import type { Engine, StartOptions } from '../engine/engine.ts'
import type { Schedules } from '../engine/schedules.ts'
import type { Sent } from '../engine/sender.ts'
import type { EngineStats } from '../engine/stats.ts'
import type { Why } from '../inspect/why.ts'
import { timeOrderedIds } from '../ports/ids.ts'
import { type LifeOptions, Machine } from './machine.ts'
import { Outside } from './outside.ts'
import { passTime } from './pass-time.ts'
import { runsOn } from './run-view.ts'
import { Stubs } from './stubs.ts'
import { TestRun } from './test-run.ts'

interface RunsWanted {
  readonly workflow?: AnyWorkflow | string
  readonly status?: RunStatus
}

type RunRef = string | { readonly id: string }

export interface TestEngineOptions extends Omit<LifeOptions, 'bodies'> {
  /** What ids of runs and events are made from. Default 0. */
  readonly seed?: number | string
}

/**
 * Opens the real engine on a simulated disk and a virtual clock, which begins at
 * 2026-01-01T00:00:00Z. Time passes only when it is told to, and then at once. Throws what
 * `openEngine` throws.
 *
 * @example
 * await using engine = await testEngine({ workflows: [reminder] })
 * const run = await engine.start(reminder, { userId: 'u1' })
 * await engine.advance('30d')
 * expect(run.status).toBe('completed')
 */
export async function testEngine(options: TestEngineOptions): Promise<TestEngine> {
  const engine = new TestEngine(options)
  await engine.open()
  return engine
}

/** The engine under test, its machine and its time. Made by `testEngine`. */
export class TestEngine implements AsyncDisposable {
  /** What runs in place of step bodies. */
  readonly steps = new Stubs()
  readonly #machine: Machine
  readonly #outside = new Outside()
  #options: TestEngineOptions

  constructor(options: TestEngineOptions) {
    const { seed = 0 } = options
    this.#options = options
    this.#machine = new Machine(timeOrderedIds(size => Buffer.alloc(size, `${seed}\0`)))
  }

  get now(): Date {
    return new Date(this.#machine.clock.wall())
  }

  get schedules(): Schedules {
    return this.#engine.schedules
  }

  /** As `Engine.start`. */
  async start<Data, Output>(
    workflow: Workflow<Data, Output>,
    ...[data, options]: undefined extends Data
      ? [data?: NoInfer<Data>, options?: StartOptions]
      : [data: NoInfer<Data>, options?: StartOptions]
  ): Promise<TestRun<Output>> {
    const engine: Engine = this.#engine
    // A tuple that depends on a type parameter cannot be passed on as it came.
    const start = engine.start.bind(engine) as (...args: unknown[]) => Promise<{ id: string }>
    const { id } = await start(workflow, data, options)
    return this.#run<Output>(id)
  }

  /** As `Engine.send`. */
  send(events: MadeEvent | readonly MadeEvent[]): Promise<Sent> {
    return this.#engine.send(events)
  }

  /** As `Engine.signal`. */
  signal(...what: Parameters<Engine['signal']>): Promise<void> {
    return this.#engine.signal(...what)
  }

  /** As `Engine.cancel`. */
  cancel(run: RunRef, reason?: string): Promise<void> {
    return this.#engine.cancel(idOf(run), reason)
  }

  /** As `Engine.pause`. */
  pause(run: RunRef): Promise<void> {
    return this.#engine.pause(idOf(run))
  }

  /** As `Engine.resume`. */
  resume(run: RunRef): Promise<void> {
    return this.#engine.resume(idOf(run))
  }

  /** As `Engine.retry`. */
  async retry(run: RunRef, options?: { readonly from?: string }): Promise<TestRun> {
    const { id } = await this.#engine.retry(idOf(run), options)
    return this.#run(id)
  }

  /** As `Engine.admission`. */
  get admission(): AdmissionControls {
    return this.#engine.admission
  }

  /** As `Engine.why`. */
  why(run: RunRef): Promise<Why> {
    return this.#engine.why(idOf(run))
  }

  /** As `Engine.stats`. */
  stats(): EngineStats {
    return this.#engine.stats()
  }

  /** A run by its id. Throws RUN_NOT_FOUND. */
  async run<Output = unknown>(id: string): Promise<TestRun<Output>> {
    await this.#engine.run(id)
    return this.#run<Output>(id)
  }

  /** All runs, or those of a workflow or status, in order of their ids. */
  runs({ workflow, status }: RunsWanted = {}): readonly TestRun[] {
    const name = typeof workflow === 'object' ? workflow.id : workflow
    return runsOn(this.#machine.disk.rows)
      .map(id => this.#run(id))
      .filter(
        run => (name ?? run.workflow) === run.workflow && (status ?? run.status) === run.status,
      )
  }

  /** Resolves when nothing can move any more unless time passes. */
  async settle(): Promise<void> {
    await this.#machine.settle()
    await this.#outside.wait(() => this.#machine.settle())
  }

  /** Lets time pass, and everything happen that comes due on the way, each at its moment. */
  async advance(duration: Duration): Promise<void> {
    await this.settle()
    await passTime(this.#machine.clock, parseDuration(duration), () => this.settle())
  }

  /**
   * Lets time pass until the next thing comes due that somebody waits for. Resolves with how many
   * milliseconds that took; with `undefined` if nothing waits for time.
   */
  async advanceToNext(): Promise<number | undefined> {
    await this.settle()
    const { clock } = this.#machine
    const ms = clock.untilNext
    if (ms === undefined) return undefined
    await this.advance(ms)
    return ms
  }

  /** Sets the wall clock forward, or back. No time passes. */
  setClock(wall: Date | number): Promise<void> {
    this.#machine.clock.jump(Number(wall) - this.#machine.clock.wall())
    return this.settle()
  }

  /**
   * The process dies with everything it had in memory, and starts again on what is on the disk:
   * with the same code, or with other `workflows`, as after a deploy.
   */
  async crash({ workflows }: { readonly workflows?: readonly AnyWorkflow[] } = {}): Promise<void> {
    this.#machine.crash()
    if (workflows !== undefined) this.#options = { ...this.#options, workflows }
    await this.open()
    await this.settle()
  }

  /** @internal */
  async open(): Promise<void> {
    const { seed: _, ...options } = this.#options
    this.#outside.forget()
    const outside: BodyRunner = call => this.#outside.run(call, () => this.#machine.activity++)
    await this.#machine.boot(() => ({ ...options, bodies: this.steps.before(outside) }))
    if (this.#machine.engine === undefined) throw this.#machine.failure
  }

  close(): Promise<void> {
    return this.#machine.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #engine(): Engine {
    const { engine } = this.#machine
    if (engine !== undefined) return engine
    throw new EngineError('ENGINE_CLOSED', 'The engine under test is not open.', {
      hint: 'Await testEngine() or crash() before you go on.',
    })
  }

  #run<Output>(id: string): TestRun<Output> {
    return new TestRun<Output>(this.#machine.disk.rows, id, () => this.settle())
  }
}

const idOf = (run: RunRef): string => (typeof run === 'string' ? run : run.id)
