import type { SkipReason } from '../../journal/admission-entry.ts'
import { type Facts, type Policies, valueFor } from './policies.ts'

/** Something that came, with its number and when it happened as its sender has it. */
export interface Came {
  readonly facts: Facts
  readonly ts: number
  readonly at: number
}

/** What is to become of it at the door. Runs go by the number of what they were made for. */
export type Fate =
  | { readonly kind: 'goes in' }
  | { readonly kind: 'refused'; readonly reason: SkipReason; readonly by: number | undefined }
  | { readonly kind: 'gathers' }
  | { readonly kind: 'joins'; readonly by: number }

/** What one run gathers. */
export interface Group {
  readonly value: string
  readonly members: Came[]
  /** Of a debounce: the newest. */
  winner: Came
  due: number
  readonly until: number
  /** When it was over; nothing: it gathers still. */
  closedAt: number | undefined
  isCancelled: boolean
}

const DAY = 86_400_000

/**
 * What comes, from the door to where runs wait to begin: lists of all that ever came, looked through
 * from the beginning for each. Times are elapsed time.
 */
export class Door {
  readonly fates = new Map<number, Fate>()
  readonly groups: Group[] = []
  readonly #policies: Policies
  /** Whom the rate limit and idempotency have let pass. */
  readonly #passed: Came[] = []
  /** All that came to a debounce that starts with the first of them, while that was let in. */
  #noises: readonly { readonly came: Came; readonly value: string; readonly by: number }[] = []
  /** Runs that were not let in when they would have begun. */
  readonly #away = new Set<number>()

  constructor(policies: Policies) {
    this.#policies = policies
  }

  /** `isTurnedAway`: it would have begun at once, and was not let in. */
  comes(came: Came, isTurnedAway: boolean): void {
    const { n } = came.facts
    this.fates.set(n, this.#fateOf(came))
    if (isTurnedAway) this.turnAway(n)
  }

  /** The run of this number was not let in when it would have begun: it is as if it had never come. */
  turnAway(n: number): void {
    this.#away.add(n)
    this.#noises = this.#noises.filter(({ by }) => by !== n)
  }

  /** What was due by now gathers no more. */
  passes(now: number): void {
    for (const group of this.groups) {
      if (group.closedAt === undefined && group.due <= now) group.closedAt = group.due
    }
  }

  /** Nobody was there to see time pass until now. */
  reopens(now: number): void {
    for (const group of this.groups) {
      if (group.closedAt === undefined && group.due <= now) group.closedAt = now
    }
  }

  /** The run of this number has gathered, or would have. */
  groupOf(n: number): Group | undefined {
    return this.groups.find(({ members }) => members[0]?.facts.n === n)
  }

  cancel(n: number): void {
    const group = this.groupOf(n)
    if (group === undefined || group.closedAt !== undefined) return
    group.isCancelled = true
    group.closedAt = Number.NEGATIVE_INFINITY
  }

  #fateOf(came: Came): Fate {
    const refusal = this.#rated(came) ?? this.#isRepeated(came)
    if (refusal !== undefined) return refusal
    this.#passed.push(came)
    return this.#batched(came) ?? this.#debounced(came) ?? { kind: 'goes in' }
  }

  #rated({ facts, at }: Came): Fate | undefined {
    const { rateLimit } = this.#policies
    const value = rateLimit && valueFor(rateLimit, facts)
    if (rateLimit === undefined || value === undefined) return undefined
    const { limit, period, algorithm } = rateLimit
    const times = this.#passed
      .filter(other => valueFor(rateLimit, other.facts) === value)
      .map(other => other.at)
    const isOver = {
      sliding: () => times.filter(time => time > at - period).length >= limit,
      fixed: () => inWindow(times, period, at) >= limit,
      gcra: () => paceAfter(times, limit, period, Math.floor(limit / 10)) > at,
    }[algorithm]()
    return isOver ? { kind: 'refused', reason: 'rate-limit', by: undefined } : undefined
  }

  #isRepeated({ facts, at }: Came): Fate | undefined {
    const { idempotency } = this.#policies
    const value = idempotency && valueFor(idempotency, facts)
    if (idempotency === undefined || value === undefined) return undefined
    const first = this.#passed
      .filter(other => valueFor(idempotency, other.facts) === value && other.at > at - DAY)
      .find(({ facts }) => !this.#isForNothing(facts.n))
    return first && { kind: 'refused', reason: 'idempotency', by: first.facts.n }
  }

  /** It is no part of a run that has begun or may begin. */
  #isForNothing(n: number): boolean {
    const fate = this.fates.get(n)
    return fate?.kind === 'refused' || this.#away.has(fate?.kind === 'joins' ? fate.by : n)
  }

  #batched(came: Came): Fate | undefined {
    const { batchEvents } = this.#policies
    const value = batchEvents && valueFor(batchEvents, came.facts)
    if (batchEvents === undefined || value === undefined) return undefined
    if (batchEvents.if !== undefined && !came.facts.b) return undefined
    const open = this.#open(value)
    if (open === undefined) return this.#gather(came, value, came.at + batchEvents.timeout)
    open.members.push(came)
    if (open.members.length === batchEvents.maxSize) open.closedAt = came.at
    return { kind: 'joins', by: open.members[0]!.facts.n }
  }

  #debounced(came: Came): Fate | undefined {
    const { debounce } = this.#policies
    const value = debounce && valueFor(debounce, came.facts)
    if (debounce === undefined || value === undefined) return undefined
    const { period, timeout = Number.POSITIVE_INFINITY } = debounce
    if (debounce.edge === 'leading') return this.#quiets(came, value, period)
    const open = this.#open(value)
    if (open === undefined) return this.#gather(came, value, came.at + period, came.at + timeout)
    open.members.push(came)
    if (came.ts >= open.winner.ts) {
      open.winner = came
      open.due = Math.min(came.at + period, open.until)
    }
    return { kind: 'joins', by: open.members[0]!.facts.n }
  }

  #quiets(came: Came, value: string, period: number): Fate {
    const before = this.#noises.filter(noise => noise.value === value).at(-1)
    const isQuiet = before === undefined || came.at - before.came.at >= period
    const by = isQuiet ? came.facts.n : before.by
    this.#noises = [...this.#noises, { came, value, by }]
    return isQuiet ? { kind: 'goes in' } : { kind: 'refused', reason: 'debounce', by }
  }

  #open(value: string): Group | undefined {
    return this.groups.find(group => group.value === value && group.closedAt === undefined)
  }

  #gather(came: Came, value: string, due: number, until = Number.POSITIVE_INFINITY): Fate {
    const state = { closedAt: undefined, isCancelled: false }
    this.groups.push({ value, members: [came], winner: came, due, until, ...state })
    return { kind: 'gathers' }
  }
}

/** How many fall into the window of `at`, if each window begins with the first after the last one. */
function inWindow(times: readonly number[], period: number, at: number): number {
  let [from, count] = [Number.NEGATIVE_INFINITY, 0]
  for (const time of times) {
    if (time >= from + period) [from, count] = [time, 0]
    count++
  }
  return at >= from + period ? 0 : count
}

/**
 * When the next may follow upon these, where one may every `period / limit`, and `extra` more at
 * once: whole milliseconds, rounded down.
 */
export function paceAfter(
  times: readonly number[],
  limit: number,
  period: number,
  extra: number,
): number {
  // In parts of a millisecond, `limit` of them, so that all of it is whole.
  let next = Number.NEGATIVE_INFINITY
  for (const time of times) next = Math.max(next, time * limit) + period
  return Math.floor((next - extra * period) / limit)
}
