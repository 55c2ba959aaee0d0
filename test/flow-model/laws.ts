import { type Door, paceAfter } from './door.ts'
import { type Facts, type Keyed, type Policies, valueFor } from './policies.ts'
import type { Sight, Sights } from './sight.ts'
import type { Opened, World } from './world.ts'

/** A law that does not hold, in words that name it first. */
export class Broken extends Error {
  readonly law: Law

  constructor(law: Law, what: string) {
    super(`${law}: ${what}`)
    this.law = law
  }
}

export type Law =
  | 'nothing is lost or doubled'
  | 'what is refused at the door is refused for the right reason'
  | 'gathering is over when it should be'
  | 'a run gets the events that it should'
  | 'what lies ahead of time waits for it'
  | 'so many runs at once'
  | 'so many steps at once'
  | 'starts keep their distance'
  | 'one run at a time'
  | 'the newest run takes the place'
  | 'no more may wait than there is room for'
  | 'nothing takes longer than it may'
  | 'nothing waits while nothing holds it'
  | 'who waits first goes first'
  | 'everything ends'

/** What all runs looked like when nothing moved any more. */
interface Before {
  readonly waiting: ReadonlySet<Sight>
  readonly over: ReadonlySet<string>
  /** The steps of runs that waited for a place. */
  readonly steps: ReadonlyMap<Sight, ReadonlySet<string>>
}

/** Holds what can be seen of an engine against what its policies promise. */
export class Laws {
  readonly #policies: Policies
  readonly #world: World
  readonly #sights: Sights
  readonly #door: Door
  #before: Before = { waiting: new Set(), over: new Set(), steps: new Map() }
  /** Starts in their order, with the value of the throttle. */
  readonly #starts: { readonly value: string; readonly at: number }[] = []
  readonly #started = new Set<Sight>()

  constructor(policies: Policies, world: World, sights: Sights, door: Door) {
    this.#policies = policies
    this.#world = world
    this.#sights = sights
    this.#door = door
  }

  /** The body of a step is about to execute. */
  begins(run: string): void {
    this.#sights.look()
    const sight = this.#sights.get(run)
    if (sight === undefined) throw new Broken('nothing is lost or doubled', `${run} is unknown`)
    const { steps, runs, singleton } = this.#policies
    this.#hasRoom('so many steps at once', steps, sight, this.#executing())
    const others = this.#sights.all.filter(other => other.isUnderWay && other !== sight)
    this.#hasRoom('so many runs at once', runs, sight, others)
    const single = singleton && { ...singleton, limit: 1 }
    this.#hasRoom('one run at a time', single, sight, others)
    this.#stepsInOrder(sight)
  }

  /** Nothing moves any more at this moment. */
  rested(): void {
    this.#sights.look()
    this.#door.passes(this.#world.now)
    this.#nothingLost()
    this.#gathered()
    this.#toldRight()
    this.#starting()
    for (const sight of this.#sights.all) this.#ofOne(sight)
    this.#singles()
    this.#crowd()
    this.#nothingHeld()
    const all = this.#sights.all
    this.#before = {
      waiting: new Set(all.filter(({ isWaiting }) => isWaiting)),
      over: new Set(all.filter(({ isOver }) => isOver).map(({ id }) => id)),
      steps: new Map(all.map(sight => [sight, new Set(this.#waitingSteps(sight))])),
    }
  }

  /** These were refused at the door, all together. */
  refuses(facts: readonly Facts[]): void {
    this.#sights.look()
    const { backlog, singleton } = this.#policies
    const law = 'no more may wait than there is room for'
    const waiting = this.#sights.all.filter(({ isWaiting }) => isWaiting)
    if (backlog?.full !== 'refuse' || waiting.length + facts.length <= backlog.runs) {
      throw new Broken(law, `${facts.map(({ n }) => n)} refused beside ${waiting.length}`)
    }
    const [one, ...others] = facts
    const value = one && singleton?.mode === 'cancel' ? valueFor(singleton, one) : undefined
    if (value === undefined || others.length > 0) return
    const replaced = waiting.find(sight => this.#value(singleton, sight) === value)
    if (replaced === undefined) return
    throw new Broken('the newest run takes the place', `${one?.n}, not of ${this.#say(replaced)}`)
  }

  /** The process has died: whose steps come first is open again. */
  crashed(): void {
    this.#before = { ...this.#before, steps: new Map() }
  }

  /** Enough has happened for everything to have ended. */
  ended(): void {
    for (const sight of this.#sights.all) {
      if (!sight.isOver) throw new Broken('everything ends', this.#say(sight))
    }
    if (this.#world.held.length > 0) throw new Broken('everything ends', 'but for steps')
  }

  /** What a run may be told apart by, as it enters: what the code will be given. */
  faceOf({ facts }: Sight): Facts {
    if (facts === undefined) throw new Error('a run without facts')
    const group = this.#door.groupOf(facts.n)
    return group === undefined || this.#policies.debounce === undefined ? facts : group.winner.facts
  }

  #value(policy: Keyed | undefined, sight: Sight): string | undefined {
    return policy && valueFor(policy, this.faceOf(sight))
  }

  #executing(): readonly Sight[] {
    return this.#world.held.flatMap(({ run }) => this.#sights.get(run) ?? [])
  }

  #hasRoom(
    law: Law,
    policy: (Keyed & { limit: number }) | undefined,
    sight: Sight,
    others: readonly Sight[],
  ): void {
    const value = this.#value(policy, sight)
    if (policy === undefined || value === undefined) return
    const same = others.filter(other => this.#value(policy, other) === value)
    if (same.length >= policy.limit) {
      throw new Broken(law, `${this.#say(sight)} beside ${same.map(s => this.#say(s)).join(', ')}`)
    }
  }

  #nothingLost(): void {
    const byNumber = new Map<number, Sight>()
    for (const sight of this.#sights.all) {
      const n = sight.facts?.n ?? Number.NaN
      if (byNumber.has(n) || !this.#door.fates.has(n)) {
        throw new Broken('nothing is lost or doubled', `${this.#say(sight)} is one too many`)
      }
      byNumber.set(n, sight)
    }
    for (const [n, fate] of this.#door.fates) {
      const sight = byNumber.get(n)
      const isPart = fate.kind === 'joins' && sight === undefined
      if (isPart) continue
      if (sight === undefined) throw new Broken('nothing is lost or doubled', `${n} has no run`)
      const found = this.#foundOut(sight)
      const foretold = this.#foretold(n, byNumber)
      if (found !== foretold) {
        const what = `${this.#say(sight)} should have been ${foretold}, is ${found}`
        throw new Broken('what is refused at the door is refused for the right reason', what)
      }
    }
  }

  #foundOut(sight: Sight): string {
    if (sight.isRefused) return `${sight.skipped?.reason} by ${sight.skipped?.by}`
    return sight.gathers ? 'gathers' : 'goes in'
  }

  #foretold(n: number, byNumber: ReadonlyMap<number, Sight>): string {
    const fate = this.#door.fates.get(n)
    if (fate === undefined) return 'unknown'
    if (fate.kind !== 'refused' && fate.kind !== 'joins') return fate.kind
    const reason = fate.kind === 'joins' ? 'joined' : fate.reason
    return `${reason} by ${fate.by === undefined ? undefined : this.#runOf(fate.by, byNumber)?.id}`
  }

  /** The run that one has come to be a part of. */
  #runOf(n: number, byNumber: ReadonlyMap<number, Sight>): Sight | undefined {
    const fate = this.#door.fates.get(n)
    return byNumber.get(fate?.kind === 'joins' ? fate.by : n)
  }

  #gathered(): void {
    for (const sight of this.#sights.all) {
      const group = sight.gathers ? this.#door.groupOf(sight.facts?.n ?? -1) : undefined
      if (group === undefined || group.isCancelled) continue
      if (group.closedAt !== sight.enteredAt) {
        const what = `${this.#say(sight)} entered at ${sight.enteredAt}, not at ${group.closedAt}`
        throw new Broken('gathering is over when it should be', what)
      }
    }
  }

  #toldRight(): void {
    for (const [run, opened] of this.#world.opened) {
      const n = this.#sights.get(run)?.facts?.n ?? -1
      const [is, should] = [opened, this.#openingOf(n)].map(each => JSON.stringify(each))
      if (is !== should) {
        throw new Broken('a run gets the events that it should', `${run}: ${is}, not ${should}`)
      }
    }
  }

  #openingOf(n: number): Opened {
    const group = this.#door.groupOf(n)
    if (group === undefined) return { event: n, events: [n] }
    const members = group.members.map(({ facts }) => facts.n)
    const { debounce } = this.#policies
    const event = debounce === undefined ? n : group.winner.facts.n
    return { event, events: debounce?.mode === 'last' ? [event] : members }
  }

  /** Those that have started since. */
  #starting(): void {
    const fresh = this.#sights.all.filter(
      sight => sight.startedAt !== undefined && !this.#started.has(sight),
    )
    fresh.sort((a, b) => a.startedAt! - b.startedAt!)
    for (const sight of fresh) {
      this.#started.add(sight)
      this.#keepsDistance(sight)
      this.#inOrder(sight)
    }
  }

  #keepsDistance(sight: Sight): void {
    const { throttle } = this.#policies
    const value = this.#value(throttle, sight)
    if (value === undefined || sight.startedAt === undefined) return
    const next = this.#nextStart(value)
    if (sight.startedAt < next) {
      throw new Broken('starts keep their distance', `${this.#say(sight)}, not before ${next}`)
    }
    this.#starts.push({ value, at: sight.startedAt })
  }

  /** `letIn`: runs that may have been let in and were cancelled before they began. */
  #nextStart(value: string, letIn: readonly Sight[] = []): number {
    const { throttle } = this.#policies
    if (throttle === undefined) return Number.NEGATIVE_INFINITY
    const times = this.#starts.filter(start => start.value === value).map(({ at }) => at)
    for (const sight of letIn) {
      const { startedAt, enteredAt, endedAt, skipped } = sight
      const never = startedAt === undefined && enteredAt !== undefined && skipped === undefined
      if (never && endedAt !== undefined && this.#value(throttle, sight) === value)
        times.push(endedAt)
    }
    times.sort((a, b) => a - b)
    return paceAfter(times, throttle.limit, throttle.period, throttle.burst - 1)
  }

  #inOrder(sight: Sight): void {
    for (const other of this.#before.waiting) {
      if (other === sight || !other.isWaiting || this.#lane(other) !== this.#lane(sight)) continue
      if (!this.#isAhead(other, sight)) continue
      throw new Broken(
        'who waits first goes first',
        `${this.#say(sight)} before ${this.#say(other)}`,
      )
    }
  }

  #lane(sight: Sight): string {
    const { steps, runs, throttle, singleton } = this.#policies
    const single = singleton?.mode === 'cancel' ? singleton : undefined
    const values = [steps, runs, throttle, single].map(each => this.#value(each, sight) ?? null)
    return JSON.stringify(values)
  }

  #isAhead(one: Sight, other: Sight): boolean {
    const [a, b] = [one, other].map(sight => this.#rank(sight, sight.enteredWall)) as [
      number,
      number,
    ]
    if (a !== b) return a < b
    const isPlain = ({ gathers, from }: Sight): boolean => !gathers && from === undefined
    return isPlain(one) && isPlain(other) && (one.facts?.n ?? 0) < (other.facts?.n ?? 0)
  }

  #rank(sight: Sight, wall: number): number {
    const seconds = this.#policies.priority ? this.faceOf(sight).p : 0
    return wall - 1_000 * Math.max(-600, Math.min(600, seconds))
  }

  #stepsInOrder(sight: Sight): void {
    const { steps } = this.#policies
    const value = this.#value(steps, sight)
    if (value === undefined) return
    const own = this.#rank(sight, sight.enteredWall)
    for (const [other, waited] of this.#before.steps) {
      const waits = this.#waitingSteps(other).some(id => waited.has(id))
      if (other === sight || !waits || this.#value(steps, other) !== value) continue
      if (!this.#isOfOneKey(sight, other)) continue
      if (other.cancelled !== undefined || this.#rank(other, other.enteredWall) >= own) continue
      const what = `a step of ${this.#say(sight)} before one of ${this.#say(other)}`
      throw new Broken('who waits first goes first', what)
    }
  }

  /** Whether no key tells them apart: those of different keys take turns. */
  #isOfOneKey(one: Sight, other: Sight): boolean {
    const { runs, throttle } = this.#policies
    return [runs, throttle].every(policy => this.#value(policy, one) === this.#value(policy, other))
  }

  /** Its steps that neither execute nor rest. */
  #waitingSteps(sight: Sight): readonly string[] {
    if (!sight.isUnderWay) return []
    const hasBegun = (id: string): boolean => this.#world.begun.has(`${sight.id} ${id}`)
    return [...sight.steps.values()].flatMap(({ state, id }) =>
      state === 'open' && !hasBegun(id) ? id : [],
    )
  }

  #ofOne(sight: Sight): void {
    const { from } = sight
    if (from !== undefined && sight.startedAt !== undefined && sight.enteredWall < from) {
      throw new Broken('what lies ahead of time waits for it', this.#say(sight))
    }
    if (from === undefined && !sight.gathers && (sight.ts ?? 0) > sight.arrivedWall) {
      if (!sight.isRefused) {
        throw new Broken('what lies ahead of time waits for it', `${this.#say(sight)} does not`)
      }
    }
    this.#inTime(sight)
    this.#refusedByHolder(sight)
    if (sight.status === 'parked' || sight.status === 'failed') {
      if (sight.status === 'parked') throw new Broken('everything ends', `${this.#say(sight)}`)
    }
  }

  #inTime(sight: Sight): void {
    const { start = Infinity, finish = Infinity } = this.#policies.timeouts ?? {}
    const { enteredAt = Infinity, startedAt = Infinity, cancelled } = sight
    const late = (what: string) =>
      new Broken('nothing takes longer than it may', `${this.#say(sight)} ${what}`)
    const { now } = this.#world
    if (sight.isWaiting && enteredAt + start <= now) throw late('has not started')
    if (sight.isUnderWay && !cancelled && startedAt + finish <= now) throw late('has not ended')
    if (
      cancelled?.reason === 'it did not start in time' &&
      this.#isOff(cancelled.at, enteredAt + start)
    )
      throw late('was given another time to start')
    if (
      cancelled?.reason === 'it did not finish in time' &&
      this.#isOff(cancelled.at, startedAt + finish)
    )
      throw late('was given another time to finish')
  }

  /** What comes due while the engine is not open happens when it is again. */
  #isOff(at: number, due: number): boolean {
    return at !== due && !(at > due && this.#world.reopenings.has(at))
  }

  /** With mode 'skip'. */
  #refusedByHolder(sight: Sight): void {
    const { singleton } = this.#policies
    if (sight.skipped?.reason !== 'singleton') return
    const holder = this.#sights.get(sight.skipped.by ?? '')
    const isHolder =
      singleton?.mode === 'skip' &&
      holder?.enteredAt !== undefined &&
      holder.skipped === undefined &&
      this.#value(singleton, holder) === this.#value(singleton, sight) &&
      holder.enteredAt <= (sight.enteredAt ?? 0) &&
      (holder.endedAt ?? Infinity) >= (sight.enteredAt ?? 0)
    if (!isHolder) throw new Broken('one run at a time', `${this.#say(sight)} gave way to nobody`)
  }

  #singles(): void {
    const { singleton } = this.#policies
    if (singleton === undefined) return
    const entered = this.#sights.all.filter(
      ({ enteredAt, skipped }) => enteredAt !== undefined && skipped === undefined,
    )
    for (const sight of entered) {
      const value = this.#value(singleton, sight)
      if (value === undefined) continue
      const same = entered.filter(other => this.#value(singleton, other) === value)
      const rivals = same.filter(other => !other.isOver && other.cancelled === undefined)
      if (rivals.length > 1) {
        const law =
          singleton.mode === 'skip' ? 'one run at a time' : 'the newest run takes the place'
        throw new Broken(law, rivals.map(each => this.#say(each)).join(', '))
      }
      if (sight.cancelled?.reason !== 'a newer run takes its place') continue
      const isNewer = same.some(other => other !== sight && other.enteredAt! >= sight.enteredAt!)
      if (!isNewer) throw new Broken('the newest run takes the place', `not ${this.#say(sight)}`)
    }
  }

  #crowd(): void {
    const { backlog } = this.#policies
    if (backlog === undefined) return
    const { all } = this.#sights
    const law = 'no more may wait than there is room for'
    const waiting = all.filter(({ isWaiting }) => isWaiting)
    if (waiting.length > backlog.runs) throw new Broken(law, `${waiting.length} wait`)
    for (const sight of all) {
      if (sight.skipped?.reason !== 'backlog' || this.#before.over.has(sight.id)) continue
      if (backlog.full === 'refuse' && sight.isPrompt) {
        throw new Broken(law, `${this.#say(sight)} should have been refused at the door`)
      }
      const since = all.filter(
        each => each.queuedAt === sight.endedAt && !this.#before.waiting.has(each),
      )
      const waited = this.#before.waiting.size + since.length
      if (waited < backlog.runs) throw new Broken(law, `${this.#say(sight)} found only ${waited}`)
      this.#hadNoPlaceToTake(sight)
    }
  }

  /** Who was skipped although it would have taken the place of one that has waited all the time. */
  #hadNoPlaceToTake(sight: Sight): void {
    const { singleton } = this.#policies
    const value = this.#value(singleton, sight)
    if (singleton?.mode !== 'cancel' || value === undefined) return
    for (const other of this.#before.waiting) {
      if (!other.isWaiting || this.#value(singleton, other) !== value) continue
      throw new Broken(
        'the newest run takes the place',
        `${this.#say(sight)}, not of ${this.#say(other)}`,
      )
    }
  }

  /** Whoever waits, for a place or for time, waits for something that is not there. */
  #nothingHeld(): void {
    const law = 'nothing waits while nothing holds it'
    const { all } = this.#sights
    const { steps, runs, singleton } = this.#policies
    const executing = this.#executing()
    const waitingSteps = all.filter(sight => this.#waitingSteps(sight).length > 0)
    const isFull = (
      policy: (Keyed & { limit: number }) | undefined,
      sight: Sight,
      by: readonly Sight[],
    ) => {
      const value = this.#value(policy, sight)
      if (policy === undefined || value === undefined) return false
      return by.filter(other => this.#value(policy, other) === value).length >= policy.limit
    }
    const underWay = all.filter(({ isUnderWay }) => isUnderWay)
    for (const sight of waitingSteps) {
      if (!isFull(steps, sight, executing)) throw new Broken(law, `a step of ${this.#say(sight)}`)
    }
    for (const sight of all) {
      if (!sight.isWaiting) continue
      const value = this.#value(this.#policies.throttle, sight)
      const isTooEarly = value !== undefined && this.#nextStart(value, all) > this.#world.now
      const single = singleton?.mode === 'cancel' ? { ...singleton, limit: 1 } : undefined
      const isHeld =
        isTooEarly ||
        isFull(runs, sight, underWay) ||
        isFull(steps, sight, executing) ||
        isFull(single, sight, underWay)
      if (!isHeld) throw new Broken(law, this.#say(sight))
    }
  }

  #say({ id, facts, status, enteredAt, startedAt, endedAt, skipped, cancelled }: Sight): string {
    const { n, k, j, u, p } = facts ?? {}
    const times = `entered ${enteredAt}, started ${startedAt}, ended ${endedAt}`
    const why = skipped?.reason ?? cancelled?.reason ?? ''
    return `run ${n} (${id.slice(-6)} k=${k} j=${j} u=${u} p=${p}: ${status} ${why}; ${times})`
  }
}
