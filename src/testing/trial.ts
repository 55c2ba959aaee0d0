import { EngineError } from '../define/error.ts'
import type { BodyCall } from '../engine/body-runner.ts'
import { Bodies } from './bodies.ts'
import { type Choices, type Decision, Recorder, type Source } from './choices.ts'
import { CountedIds } from './counted-ids.ts'
import { FaultDice } from './fault-dice.ts'
import { Machine } from './machine.ts'
import { movesOf } from './moves.ts'
import type { Prepared } from './prepared.ts'
import { type Breach, breachAtEnd, breachNow, noteReached } from './property.ts'
import { comingsOf, type Request, startsOf } from './requests.ts'
import { runsOn } from './run-view.ts'
import { Story, type StoryLine } from './story.ts'
import { type Kind, kindOf } from './stream.ts'
import { strike } from './strike.ts'
import type { Tape } from './tape.ts'
import { type SentView, View } from './view.ts'
import { withTimeAndChance } from './virtual-globals.ts'

/** One schedule: what was decided, and what came of it. */
export interface TrialResult<World> {
  readonly breach: Breach | undefined
  readonly story: readonly StoryLine[]
  readonly decisions: readonly Decision[]
  readonly tape: Tape
  /** Names of `sometimes` that were reached. */
  readonly reached: ReadonlySet<string>
  readonly end: View<World>
  readonly rows: ReadonlyMap<string, Uint8Array>
  /** It was not carried to its end: it came to a known state, or took too long. */
  readonly isCut: boolean
  /** The decision at which it came to a known state. */
  readonly cutAt: number | undefined
}

export interface TrialOptions {
  /** Moves after which a schedule is cut. Default 500. */
  readonly moves?: number
  /** A kind of decision that is not made: it is always 0. */
  readonly fixed?: Kind
  /** Asked at each rest, with what the state consists of: whether it was explored before. */
  readonly isKnown?: (state: StateParts, decisions: readonly Decision[]) => boolean
}

/** All that what happens next depends on. */
export interface StateParts {
  readonly rows: ReadonlyMap<string, Uint8Array>
  readonly world: unknown
  /** What is under way, and what is left of the budget. */
  readonly rest: readonly unknown[]
}

const MOST_MOVES = 500

/** Runs one schedule of a spec: what is not decided by it is the same every time. */
export class Trial<World> {
  readonly prepared: Prepared<World>
  readonly #ids = new CountedIds(() => runsOn(this.machine.disk.rows))
  readonly machine = new Machine(this.#ids)
  readonly bodies: Bodies
  readonly dice: FaultDice
  readonly story = new Story()
  readonly view: View<World>
  workflows: Prepared<World>['workflows']
  requests: readonly Request[] = []
  readonly #recorder: Recorder
  /** As the recorder, but for what is fixed. */
  readonly choices: Choices
  readonly #options: TrialOptions
  readonly #sent: SentView[] = []
  readonly #reached = new Set<string>()
  readonly #outside = new Map<Promise<unknown>, BodyCall>()
  #breach: Breach | undefined
  #isCut = false
  #cutAt: number | undefined
  /** Writes fail only between the first opening and the end. */
  #isOpen = false
  #hasFailed = false
  #lastMove = ''

  constructor(prepared: Prepared<World>, source: Source, options: TrialOptions = {}) {
    this.prepared = prepared
    this.#options = options
    this.#recorder = new Recorder(source)
    const { fixed } = options
    this.choices = {
      choose: (stream, ...rest) =>
        kindOf(stream) === fixed ? 0 : this.#recorder.choose(stream, ...rest),
    }
    this.workflows = prepared.workflows
    this.dice = new FaultDice(this.choices, prepared.budget)
    this.view = new View(prepared.world, this.machine, this.#sent)
    this.bodies = new Bodies({
      choices: this.choices,
      planOf: call => prepared.planOf(call),
      alarm: (ms, ring) => void this.machine.clock.alarm(ms, ring),
      moved: () => this.moved(),
      outside: (call, promise) => this.#watch(call, promise),
    })
    this.machine.disk.fault = () => this.#fault()
  }

  async run(): Promise<TrialResult<World>> {
    const { clock, disk } = this.machine
    let drawn = 0
    const random = (): number => (Math.imul(++drawn, 0x9e3779b1) >>> 0) / 2 ** 32
    await withTimeAndChance({ wall: () => clock.wall(), random }, () => this.#carryOut())
    return {
      breach: this.#breach,
      story: this.story.lines,
      decisions: this.#recorder.decisions,
      tape: this.#recorder.tape(),
      reached: this.#reached,
      end: this.view,
      rows: disk.rows,
      isCut: this.#isCut,
      cutAt: this.#cutAt,
    }
  }

  /** Something happened that the disk does not see. */
  moved(): void {
    this.machine.activity++
  }

  /** Asks the engine for something that comes from outside. */
  ask(request: Request): void {
    const { engine, clock } = this.machine
    if (engine === undefined) return
    this.story.add('move', request.label)
    request.ask(engine, () => {
      this.moved()
      const at = new Date(clock.wall())
      if (request.isDone && !request.isStart) this.#sent.push({ label: request.label, at })
    })
  }

  async #carryOut(): Promise<void> {
    await this.#boot()
    this.#isOpen = true
    this.requests = [
      ...startsOf(this.prepared, this.choices),
      ...comingsOf(this.prepared, this.choices),
    ]
    const { moves = MOST_MOVES } = this.#options
    for (let made = 0; await this.#isGoingOn(); made++) {
      this.#isCut = made === moves
      if (this.#isCut) break
      // What comes first is not to be taken for what comes at the same moment. What rings then has
      // to have its effect before anything else: there might seem to be nothing left to do.
      if (!this.machine.clock.skip(1) && !strike(this) && !(await this.#move())) break
      await this.machine.settle()
    }
    this.#isOpen = false
    if (this.#breach === undefined && !this.#isCut) {
      this.#breach = breachAtEnd(this.prepared.spec.properties ?? {}, this.view)
    }
    await this.machine.stop()
  }

  /** Has everything in place for the next move; false if there is to be none. */
  async #isGoingOn(): Promise<boolean> {
    while (this.machine.engine?.stats().stopped ?? true) {
      this.machine.crash()
      await this.#boot()
    }
    this.#mustBeInside()
    const { properties = {} } = this.prepared.spec
    noteReached(properties, this.view, this.#reached)
    this.#breach = breachNow(properties, this.view) ?? parked(this.view)
    if (this.#breach !== undefined) return false
    const { isKnown } = this.#options
    const { decisions } = this.#recorder
    if (isKnown?.(this.#state(), decisions) !== true) return true
    this.#isCut = true
    this.#cutAt = decisions.length
    return false
  }

  async #boot(): Promise<void> {
    do {
      this.bodies.forget()
      this.#ids.forget()
      this.#outside.clear()
      for (const request of this.requests) request.forget()
      await this.machine.boot(() => ({
        workflows: this.workflows,
        bodies: this.bodies.run,
        limits: { deathsPerRun: 1_000 },
      }))
      const { failure } = this.machine
      if (failure !== undefined && !this.#hasFailed) throw failure
    } while (this.machine.engine === undefined)
  }

  async #move(): Promise<boolean> {
    const moves = movesOf(this)
    if (moves.length === 0) return false
    const labels = moves.map(({ label }) => label)
    const chosen = this.choices.choose('schedule', moves.length, labels)
    this.#lastMove = labels[chosen] ?? ''
    await moves[chosen]?.make()
    return true
  }

  #fault(): ReturnType<FaultDice['write']> {
    if (!this.#isOpen) return undefined
    const fault = this.dice.write(this.#lastMove)
    this.#hasFailed ||= fault === 'fails' || fault === 'fails-but-written'
    if (fault !== undefined) this.story.fault(fault)
    return fault
  }

  #state(): StateParts {
    const { disk, clock } = this.machine
    return {
      rows: disk.rows,
      world: this.prepared.world,
      rest: [
        this.dice.left,
        clock.wall(),
        clock.elapsed(),
        this.bodies.pending.map(({ call, label, isReady }) => [call.run, label, isReady]),
        this.requests.map(({ label, isOpen }) => [label, isOpen]),
        this.#sent,
        this.workflows === this.prepared.workflows,
      ],
    }
  }

  #watch(call: BodyCall, promise: Promise<unknown>): void {
    this.#outside.set(promise, call)
    const settled = (): void => {
      this.#outside.delete(promise)
      this.moved()
    }
    promise.then(settled, settled)
  }

  #mustBeInside(): void {
    const [call] = this.#outside.values()
    if (call === undefined) return
    const { workflow, step } = call
    throw new EngineError('DEFINITION_INVALID', `Step ${step} waits for something real.`, {
      hint: `Give it a stub: steps: { '${step}': (call, world) => result }.`,
      facts: { workflow, step },
    })
  }
}

function parked({ runs }: View<unknown>): Breach | undefined {
  const run = runs.find(({ status }) => status === 'parked')
  if (run === undefined) return undefined
  const { error } = run
  const message = error instanceof Error ? error.message : JSON.stringify(error)
  return { kind: 'parked', name: `${run.workflow}: ${run.reason}`, message }
}
