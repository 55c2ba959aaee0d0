import { isFinal } from '../../journal/lifecycle.ts'
import { EngineError } from '../define/error.ts'
import type { BodyCall } from '../engine/body-runner.ts'
import { Bodies } from './bodies.ts'
import { type Choices, type Decision, Recorder, type Source } from './choices.ts'
import type { WriteFault } from './disk.ts'
import { FaultDice } from './fault-dice.ts'
import { Machine } from './machine.ts'
import type { Prepared } from './prepared.ts'
import { type Breach, breachAtEnd, breachNow, noteReached } from './property.ts'
import { comingsOf, type Request, startsOf } from './requests.ts'
import { Story, type StoryLine } from './story.ts'
import { type Kind, kindOf } from './stream.ts'
import type { Tape } from './tape.ts'
import { View } from './view.ts'
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
  readonly #prepared: Prepared<World>
  readonly #choices: Recorder
  /** As `choices`, but for what is fixed. */
  readonly #drawn: Choices
  readonly #options: TrialOptions
  readonly #machine = new Machine(size => new Uint8Array(size))
  readonly #bodies: Bodies
  readonly #dice: FaultDice
  readonly #story = new Story()
  readonly #view: View<World>
  readonly #reached = new Set<string>()
  readonly #outside = new Map<Promise<unknown>, BodyCall>()
  #requests: readonly Request[] = []
  #workflows: Prepared<World>['workflows']
  #breach: Breach | undefined
  #isCut = false
  #cutAt: number | undefined
  /** Writes fail only between the first opening and the end. */
  #isOpen = false

  constructor(prepared: Prepared<World>, source: Source, options: TrialOptions = {}) {
    this.#prepared = prepared
    this.#choices = new Recorder(source)
    const { fixed } = options
    this.#drawn = {
      choose: (stream, ...rest) =>
        kindOf(stream) === fixed ? 0 : this.#choices.choose(stream, ...rest),
    }
    this.#options = options
    this.#workflows = prepared.workflows
    this.#dice = new FaultDice(this.#choices, prepared.budget)
    const machine = this.#machine
    this.#view = new View(prepared.world, machine)
    this.#bodies = new Bodies({
      choices: this.#choices,
      planOf: call => prepared.planOf(call),
      alarm: (ms, ring) => void machine.clock.alarm(ms, ring),
      moved: () => void machine.activity++,
      outside: (call, promise) => this.#watch(call, promise),
    })
    machine.disk.fault = () => this.#fault()
  }

  async run(): Promise<TrialResult<World>> {
    const { clock } = this.#machine
    let drawn = 0
    const random = (): number => ((++drawn * 0x9e3779b1) >>> 0) / 2 ** 32
    await withTimeAndChance({ wall: () => clock.wall(), random }, () => this.#carryOut())
    const { decisions } = this.#choices
    return {
      breach: this.#breach,
      story: this.#story.lines,
      decisions,
      tape: this.#choices.tape(),
      reached: this.#reached,
      end: this.#view,
      rows: this.#machine.disk.rows,
      isCut: this.#isCut,
      cutAt: this.#cutAt,
    }
  }

  async #carryOut(): Promise<void> {
    await this.#boot()
    this.#isOpen = true
    this.#requests = [
      ...startsOf(this.#prepared, this.#drawn),
      ...comingsOf(this.#prepared, this.#drawn),
    ]
    const { moves = MOST_MOVES } = this.#options
    for (let made = 0; await this.#isGoingOn(); made++) {
      if (made === moves) {
        this.#isCut = true
        break
      }
      if (!this.#strike() && !this.#move()) break
      await this.#machine.settle()
    }
    this.#isOpen = false
    if (this.#breach === undefined && !this.#isCut) {
      this.#breach = breachAtEnd(this.#prepared.spec.properties ?? {}, this.#view)
    }
    await this.#machine.stop()
  }

  /** Has everything in place for the next move; false if there is to be none. */
  async #isGoingOn(): Promise<boolean> {
    while (this.#machine.engine?.stats().stopped ?? true) {
      this.#machine.crash()
      await this.#boot()
    }
    this.#mustBeInside()
    this.#look()
    if (this.#breach !== undefined) return false
    const { isKnown } = this.#options
    if (isKnown?.(this.#state(), this.#choices.decisions) !== true) return true
    this.#isCut = true
    this.#cutAt = this.#choices.decisions.length
    return false
  }

  async #boot(): Promise<void> {
    do {
      this.#bodies.forget()
      this.#outside.clear()
      for (const request of this.#requests) request.forget()
      await this.#machine.boot(() => ({
        workflows: this.#workflows,
        bodies: this.#bodies.run,
        limits: { deathsPerRun: 1_000 },
      }))
      const { failure } = this.#machine
      if (failure !== undefined && !this.#hasFailed) throw failure
    } while (this.#machine.engine === undefined)
  }

  /** A fault that comes between two moves. */
  #strike(): boolean {
    if (this.#dice.upgrade()) {
      this.#story.add('fault', 'DEPLOY of the other version')
      this.#workflows = this.#prepared.upgraded()
      this.#machine.crash()
      return true
    }
    const running = this.#view.runs.filter(({ status }) => !isFinal(status))
    const cancelled = running[this.#dice.cancel(running.length) ?? -1]
    if (cancelled !== undefined) {
      this.#story.add('fault', `CANCEL of ${cancelled.workflow}`)
      this.#machine.engine?.cancel(cancelled.id).catch(() => {})
      return true
    }
    const jump = this.#dice.jump()
    if (jump === undefined) return false
    this.#story.jump(jump)
    this.#machine.clock.jump(jump)
    return true
  }

  #move(): boolean {
    const { engine, clock } = this.#machine
    if (engine === undefined) return false
    const open = this.#requests.filter(({ isOpen }) => isOpen)
    const starts = open.filter(({ label }) => label.startsWith('start '))
    const comings = open.filter(request => !starts.includes(request))
    const ready = this.#bodies.ready
    const wait = this.#view.runs.some(({ status }) => !isFinal(status))
      ? clock.untilNext
      : undefined
    const ask = (request: Request) => () => {
      this.#story.add('move', request.label)
      request.ask(engine, () => void this.#machine.activity++)
    }
    const moves: readonly (readonly [string, () => void])[] = [
      ...starts.map(request => [request.label, ask(request)] as const),
      ...ready.map(body => [`${body.call.run}/${body.label}`, () => this.#answer(body)] as const),
      ...comings.map(request => [request.label, ask(request)] as const),
      ...(wait === undefined ? [] : [['time', () => this.#pass(wait)] as const]),
    ]
    const labels = moves.map(([label]) => label)
    const chosen = moves.length === 0 ? 0 : this.#choices.choose('schedule', moves.length, labels)
    const [, make] = moves[chosen] ?? []
    make?.()
    return make !== undefined
  }

  #answer(body: Bodies['ready'][number]): void {
    const line = this.#story.add('move', body.label)
    line.text += ` ${this.#bodies.answer(body)}`
  }

  #pass(ms: number): void {
    this.#story.pass(ms)
    this.#machine.clock.skip(ms)
  }

  #hasFailed = false

  #fault(): WriteFault | undefined {
    if (!this.#isOpen) return undefined
    const fault = this.#dice.write()
    this.#hasFailed ||= fault === 'fails' || fault === 'fails-but-written'
    if (fault !== undefined) this.#story.fault(fault)
    return fault
  }

  #look(): void {
    const { properties = {} } = this.#prepared.spec
    noteReached(properties, this.#view, this.#reached)
    this.#breach = breachNow(properties, this.#view) ?? this.#parked()
  }

  #parked(): Breach | undefined {
    const run = this.#view.runs.find(({ status }) => status === 'parked')
    if (run === undefined) return undefined
    const { error } = run
    const message = error instanceof Error ? error.message : JSON.stringify(error)
    return { kind: 'parked', name: `${run.workflow}: ${run.reason}`, message }
  }

  #state(): StateParts {
    const { disk, clock } = this.#machine
    return {
      rows: disk.rows,
      world: this.#prepared.world,
      rest: [
        this.#dice.left,
        clock.wall(),
        clock.elapsed(),
        this.#bodies.pending.map(({ call, label, isReady }) => [call.run, label, isReady]),
        this.#requests.map(({ label, isOpen }) => [label, isOpen]),
        this.#workflows === this.#prepared.workflows,
      ],
    }
  }

  #watch(call: BodyCall, promise: Promise<unknown>): void {
    this.#outside.set(promise, call)
    const settled = (): void => {
      this.#outside.delete(promise)
      this.#machine.activity++
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
