import { type Place, refusal, within } from '../place.ts'
import { type Backlog, type BacklogOption, backlogAt } from './backlog.ts'
import { type Batch, type BatchOption, batchAt } from './batch.ts'
import { type Concurrency, type ConcurrencyOption, concurrencyAt } from './concurrency.ts'
import { type Debounce, type DebounceOption, debounceAt } from './debounce.ts'
import { type Idempotency, idempotencyAt } from './idempotency.ts'
import type { Key, KeyOption } from './key.ts'
import { type PriorityOption, priorityAt } from './priority.ts'
import { type RateLimit, type RateLimitOption, rateLimitAt } from './rate-limit.ts'
import { type Singleton, type SingletonOption, singletonAt } from './singleton.ts'
import { type Throttle, type ThrottleOption, throttleAt } from './throttle.ts'
import { type Timeouts, type TimeoutsOption, timeoutsAt } from './timeouts.ts'

/**
 * Flow control: whether and when runs of a workflow start. What arrives passes `rateLimit`,
 * `idempotency`, `batchEvents`, `debounce`, `singleton` and `backlog`, in this order; then it waits
 * for `throttle` and `concurrency`, in the order of `priority`.
 */
export interface FlowOptions<Event> {
  /** How much may execute at the same time: `5`, `{ limit, key, per }`, or two of them. */
  readonly concurrency?: ConcurrencyOption<Event>
  /** Spreads the starts: `{ limit: 10, period: '1m' }`. Nothing is lost. */
  readonly throttle?: ThrottleOption<Event>
  /** Skips what is over the limit: `{ limit: 3, period: '1h' }`. */
  readonly rateLimit?: RateLimitOption<Event>
  /**
   * One run in 24 hours for each value of this key, counted from the first run, even if that failed;
   * the others are skipped.
   *
   * @example 'event.data.orderId'
   */
  readonly idempotency?: KeyOption<Event>
  /** One run when no event has come for a while: `{ period: '5s' }`. Not with `batchEvents`. */
  readonly debounce?: DebounceOption<Event>
  /** One run for many events: `{ maxSize: 100, timeout: '10s' }`. Not with `debounce`. */
  readonly batchEvents?: BatchOption<Event>
  /** Seconds that a waiting run is moved ahead, from -600 to 600: `{ run: 'event.data.seconds' }`. */
  readonly priority?: PriorityOption<Event>
  /** At most one run at a time: `{ key: 'event.data.userId', mode: 'skip' }`. */
  readonly singleton?: SingletonOption<Event>
  /** Cancels runs that take too long: `{ start: '10m', finish: '2h' }`. */
  readonly timeouts?: TimeoutsOption
  /** How much may wait to start: `{ runs: 10_000 }`. */
  readonly backlog?: BacklogOption
}

/** The same as data. */
export interface Flow {
  /** At most two. */
  readonly concurrency: readonly Concurrency[]
  readonly throttle?: Throttle
  readonly rateLimit?: RateLimit
  readonly idempotency?: Idempotency
  readonly debounce?: Debounce
  readonly batch?: Batch
  /** Gives seconds. */
  readonly priority?: Key
  readonly singleton?: Singleton
  readonly timeouts?: Timeouts
  readonly backlog?: Backlog
}

/** Undefined if none of the options is given. Throws DEFINITION_INVALID, naming the option. */
export function flowOf(options: FlowOptions<never>, place: Place): Flow | undefined {
  const flow: Flow = {
    concurrency: concurrencyAt(options.concurrency, within(place, 'concurrency')),
    ...one('throttle', options.throttle, throttleAt, within(place, 'throttle')),
    ...one('rateLimit', options.rateLimit, rateLimitAt, within(place, 'rateLimit')),
    ...one('idempotency', options.idempotency, idempotencyAt, within(place, 'idempotency')),
    ...one('debounce', options.debounce, debounceAt, within(place, 'debounce')),
    ...one('batch', options.batchEvents, batchAt, within(place, 'batchEvents')),
    ...one('priority', options.priority, priorityAt, within(place, 'priority')),
    ...one('singleton', options.singleton, singletonAt, within(place, 'singleton')),
    ...one('timeouts', options.timeouts, timeoutsAt, within(place, 'timeouts')),
    ...one('backlog', options.backlog, backlogAt, within(place, 'backlog')),
  }
  if (flow.batch !== undefined && flow.debounce !== undefined) throw twoGatherers(place)
  return flow.concurrency.length === 0 && Object.keys(flow).length === 1 ? undefined : flow
}

/** An option under its name, if it is given. */
function one<Name extends keyof Flow, Part>(
  name: Name,
  option: unknown,
  parse: (option: unknown, place: Place) => Part | undefined,
  place: Place,
): { readonly [Key in Name]?: Part } {
  const part = option === undefined ? undefined : parse(option, place)
  return part === undefined ? {} : ({ [name]: part } as { readonly [Key in Name]: Part })
}

const twoGatherers = (place: Place) =>
  refusal(
    within(place, 'batchEvents'),
    'it cannot be together with `debounce`: an event can be gathered once only.',
    "Use one of them; `debounce` with mode 'all' collects too.",
  )
