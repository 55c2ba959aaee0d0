import { Bodies } from './bodies.ts'
import { type Choices, Recorder, type Source } from './choices.ts'
import { CountedIds } from './counted-ids.ts'
import type { Disk } from './disk.ts'
import { FaultDice } from './fault-dice.ts'
import { Machine } from './machine.ts'
import { isStuck, nextMove } from './moves.ts'
import type { Prepared } from './prepared.ts'
import { type Breach, breachNow, parked } from './property.ts'
import { RealWaits } from './real-waits.ts'
import { comingsOf, mustBePossible, type Request, startsOf } from './requests.ts'
import { runsOn } from './run-view.ts'
import { Sightings } from './sightings.ts'
import { statePartsOf } from './state-parts.ts'
import { Story } from './story.ts'
import { kindOf } from './stream.ts'
import { strike } from './strike.ts'
import { breachOfEnd, saysOfTheEnd } from './the-end.ts'
import { MOST_MOVES, type TrialOptions, type TrialResult } from './trial-result.ts'
import { type SentView, View } from './view.ts'
import { withTimeAndChance } from './virtual-globals.ts'

const LIMITS = { deathsPerRun: 1_000 }

/** Runs one schedule of a spec: what is not decided by it is the same every time. */
export class Trial<World> {
  readonly prepared: Prepared<World>
  readonly #ids = new CountedIds(() => runsOn(this.machine.disk.rows))
  readonly machine: Machine
  readonly bodies: Bodies
  readonly dice: FaultDice
  readonly story = new Story()
  readonly view: View<World>
  requests: readonly Request[] = []
  /** How often time has passed while no run was there. */
  idleTimes = 0
  /** Nothing goes wrong any more, and nothing is left to chance. */
  isCalm = false
  readonly #recorder: Recorder
  /** As the recorder, but for what is fixed. */
  readonly choices: Choices
  readonly #options: TrialOptions
  readonly #sent: SentView[] = []
  readonly #sightings: Sightings
  readonly #waits = new RealWaits()
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
    const isOutside = (): boolean => !this.#waits.isEmpty || isStuck(this)
    this.machine = new Machine(this.#ids, { checked: options.checked, isOutside })
    this.#recorder = new Recorder(source)
    this.#sightings = new Sightings(prepared.ran, prepared.used)
    const isFixed = (stream: string): boolean => this.isCalm || kindOf(stream) === options.fixed
    this.choices = {
      choose: (stream, ...rest) => (isFixed(stream) ? 0 : this.#recorder.choose(stream, ...rest)),
    }
    this.dice = new FaultDice(this.choices, prepared.budget)
    this.view = new View(prepared.world, this.machine, this.#sent)
    this.bodies = new Bodies({
      choices: this.choices,
      planOf: call => prepared.planOf(call),
      alarm: (ms, ring) => void this.machine.clock.alarm(ms, ring),
      moved: () => this.moved(),
      outside: (call, promise) => this.#waits.add(call, promise, () => this.moved()),
      now: () => this.machine.clock.elapsed(),
    })
    this.machine.disk.fault = this.#fault
  }

  async run(): Promise<TrialResult<World>> {
    const { clock, disk } = this.machine
    let drawn = 0
    const random = (): number => (Math.imul(++drawn, 0x9e3779b1) >>> 0) / 2 ** 32
    await withTimeAndChance({ wall: () => clock.wall(), random }, () => this.#carryOut())
    return {
      breach: this.#breach,
      story: this.story.linesOf(this.view.runs.length),
      decisions: this.#recorder.decisions,
      tape: this.#recorder.tape(),
      sightings: this.#sightings,
      end: this.view,
      rows: disk.rows,
      answered: this.bodies.answered,
      requests: this.requests,
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
    const { label, isStart } = request
    if (engine === undefined) return
    this.story.add('move', label)
    request.ask(engine, () => {
      this.moved()
      if (request.isDone && !isStart) this.#sent.push({ label, at: new Date(clock.wall()) })
    })
  }

  async #carryOut(): Promise<void> {
    try {
      await this.#boot()
      this.#isOpen = true
      this.requests = [
        ...startsOf(this.prepared, this.choices),
        ...comingsOf(this.prepared, this.choices),
      ]
      const { moves = MOST_MOVES } = this.#options
      let isEndless = await this.#moveOn(moves)
      if (isEndless && saysOfTheEnd(this.prepared.spec)) {
        const { length } = this.story
        this.#calmDown()
        isEndless = await this.#moveOn(moves)
        if (isEndless) this.story.cut(length)
      }
      this.#isOpen = false
      this.#isCut ||= isEndless
      if (this.#cutAt === undefined) {
        this.#breach ??= breachOfEnd(
          this.prepared.spec,
          this.view,
          isEndless ? 2 * moves : undefined,
        )
      }
    } finally {
      this.#isOpen = false
      await this.machine.stop()
    }
  }

  /** Returns whether it could go on after so many moves. */
  async #moveOn(moves: number): Promise<boolean> {
    for (let made = 0; ; made++) {
      if (this.#isDown) await this.#reboot()
      if (!this.#isGoingOn()) return false
      if (made === moves) return true
      // What comes first is not to be taken for what comes at the same moment. What rings then has
      // to have its effect before anything else: there might seem to be nothing left to do.
      if (!this.machine.clock.skip(1) && !strike(this)) {
        const move = nextMove(this)
        if (move === undefined) return false
        this.#lastMove = move.label
        const making = move.make()
        if (making !== undefined) await making
      }
      await this.machine.settle()
    }
  }

  #calmDown(): void {
    this.isCalm = true
    this.dice.cease()
    this.machine.clock.thaw()
  }

  get #isDown(): boolean {
    return this.machine.engine?.stats().stopped ?? true
  }

  async #reboot(): Promise<void> {
    while (this.#isDown) {
      this.machine.crash()
      await this.#boot()
    }
  }

  /** Looks at what there is; false if there is to be no further move. */
  #isGoingOn(): boolean {
    this.#waits.mustBeNone()
    // Other code may take other data.
    if (!this.prepared.isUpgraded) mustBePossible(this.requests)
    const { properties = {} } = this.prepared.spec
    this.#sightings.look(properties, this.view)
    this.#breach = breachNow(properties, this.view, this.#sightings) ?? parked(this.view)
    if (this.#breach !== undefined) return false
    const { isKnown } = this.#options
    const { decisions } = this.#recorder
    if (this.isCalm || isKnown?.(statePartsOf(this), decisions) !== true) return true
    this.#isCut = true
    this.#cutAt = decisions.length
    return false
  }

  async #boot(): Promise<void> {
    do {
      this.bodies.forget()
      this.#ids.forget()
      this.#waits.forget()
      for (const request of this.requests) request.forget()
      const life = { workflows: this.prepared.load(), bodies: this.bodies.run, limits: LIMITS }
      await this.machine.boot(() => life)
      if (this.machine.failure !== undefined && !this.#hasFailed) throw this.machine.failure
    } while (this.machine.engine === undefined)
  }

  // Not written where it is assigned: that would keep the trial until all memory is searched.
  readonly #fault: Disk['fault'] = () => {
    if (!this.#isOpen) return undefined
    const fault = this.dice.write(this.#lastMove)
    this.#hasFailed ||= fault === 'fails' || fault === 'fails-but-written'
    if (fault !== undefined) this.story.fault(fault)
    return fault
  }
}
