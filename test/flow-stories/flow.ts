import fc from 'fast-check'
import type { Keyed, KeyText } from './facts.ts'

/** The flow control of one of the workflows, as it is written for the engine. Times in milliseconds. */
export interface Flow {
  readonly concurrency?: readonly [Slots] | readonly [Slots, Slots]
  readonly throttle?: Throttle
  readonly rateLimit?: RateLimit
  readonly idempotency?: 'event.data.u' | 'event.data.j'
  readonly debounce?: Debounce
  readonly batchEvents?: Batch
  readonly priority?: 'event.data.p'
  readonly singleton?: Keyed & { readonly mode: 'skip' | 'cancel' }
  readonly timeouts?: { readonly start?: number; readonly finish?: number }
  readonly backlog?: Backlog
}

export interface Slots extends Keyed {
  readonly limit: number
  readonly per: 'step' | 'run'
  /** It is shared with the other workflows that have such a limit. */
  readonly scope?: 'engine'
}

export interface Throttle extends Keyed {
  readonly limit: number
  readonly period: number
  readonly burst: number
}

export interface RateLimit extends Keyed {
  readonly limit: number
  readonly period: number
  readonly algorithm: 'sliding' | 'fixed' | 'gcra'
}

interface Debounce extends Keyed {
  readonly period: number
  readonly timeout?: number
  readonly mode?: 'last' | 'all'
  readonly edge?: 'leading'
}

interface Batch extends Keyed {
  readonly maxSize: number
  readonly timeout: number
  readonly if?: 'event.data.b'
}

interface Backlog {
  readonly runs?: number
  readonly bytes?: number
  readonly full: 'skip' | 'refuse'
}

/** Small numbers, so that limits are reached soon: no limit or burst is larger. */
export const MOST = 3
const few = fc.integer({ min: 1, max: MOST })
const key = fc.constantFrom<KeyText>('event.data.k', 'event.data.j')

const slots: fc.Arbitrary<Slots> = fc
  .tuple(
    fc.record(
      { limit: few, per: fc.constantFrom('step' as const, 'run' as const), key },
      { requiredKeys: ['limit', 'per'] },
    ),
    fc.boolean(),
  )
  .map(([slots, isShared]) =>
    isShared && slots.key !== undefined ? { ...slots, scope: 'engine' } : slots,
  )

const concurrency = fc.oneof(
  fc.tuple(slots),
  fc
    .tuple(slots, slots)
    .filter(([a, b]) => a.per !== b.per || a.key !== b.key || a.scope !== b.scope),
)

const throttle = fc.record(
  { limit: few, period: fc.constantFrom(1_000, 4_000), burst: few, key },
  { requiredKeys: ['limit', 'period', 'burst'] },
)
const rateLimit = fc.record(
  {
    limit: fc.constantFrom(1, 2, 3, 3, 6),
    period: fc.constantFrom(3_000, 10_000, 10_000),
    algorithm: fc.constantFrom('sliding' as const, 'fixed' as const, 'gcra' as const),
    key,
  },
  { requiredKeys: ['limit', 'period', 'algorithm'] },
)
const trailing = fc.record(
  {
    period: fc.constant(2_000),
    timeout: fc.constantFrom(2_000, 3_500),
    mode: fc.constantFrom('last' as const, 'all' as const),
    key,
  },
  { requiredKeys: ['period', 'mode'] },
)
const leading = fc.record(
  { period: fc.constant(2_000), edge: fc.constant('leading' as const), key },
  { requiredKeys: ['period', 'edge'] },
)
const batchEvents = fc.record(
  {
    maxSize: fc.integer({ min: 2, max: 4 }),
    timeout: fc.constant(3_000),
    if: fc.constant('event.data.b' as const),
    key,
  },
  { requiredKeys: ['maxSize', 'timeout'] },
)
const singleton = fc.record(
  { mode: fc.constantFrom('skip' as const, 'cancel' as const), key },
  { requiredKeys: ['mode'] },
)
const timeouts = fc.constantFrom(
  ...[{ start: 2_500 }, { finish: 6_000 }, { start: 1_500, finish: 4_500 }],
)
const full = fc.constantFrom('skip' as const, 'refuse' as const)
const bytes = fc.constantFrom(100, 400)
const backlog = fc.oneof<fc.Arbitrary<Backlog>[]>(
  fc.record({ runs: few, full }),
  fc.record({ bytes, full }),
  fc.record({ runs: few, bytes, full }),
)

const option: fc.Arbitrary<Flow> = fc.oneof(
  { weight: 8, arbitrary: concurrency.map(concurrency => ({ concurrency })) },
  { weight: 3, arbitrary: throttle.map(throttle => ({ throttle })) },
  { weight: 1, arbitrary: rateLimit.map(rateLimit => ({ rateLimit })) },
  fc.constantFrom<Flow>({ idempotency: 'event.data.u' }, { idempotency: 'event.data.j' }),
  { weight: 1, arbitrary: fc.oneof(trailing, leading).map(debounce => ({ debounce })) },
  { weight: 1, arbitrary: batchEvents.map(batchEvents => ({ batchEvents })) },
  { weight: 1, arbitrary: fc.constant<Flow>({ priority: 'event.data.p' }) },
  { weight: 2, arbitrary: singleton.map(singleton => ({ singleton })) },
  { weight: 1, arbitrary: timeouts.map(timeouts => ({ timeouts })) },
  { weight: 1, arbitrary: backlog.map(backlog => ({ backlog })) },
)

/** What windows and gatherings remember is what a deploy changes most: here these come as often. */
export const change: fc.Arbitrary<Flow> = fc.oneof(
  rateLimit.map(rateLimit => ({ rateLimit })),
  fc.oneof(trailing, leading).map(debounce => ({ debounce })),
  batchEvents.map(batchEvents => ({ batchEvents })),
  throttle.map(throttle => ({ throttle })),
  timeouts.map(timeouts => ({ timeouts })),
  option,
)

export const optionName = fc.constantFrom<(keyof Flow)[]>(
  ...(['concurrency', 'throttle', 'rateLimit', 'idempotency', 'debounce'] as const),
  ...(['batchEvents', 'priority', 'singleton', 'timeouts', 'backlog'] as const),
)

/** The options with some that are changed and without one. */
export function changed(flow: Flow, to: Flow, off: keyof Flow): Flow {
  const { [off]: _, ...rest } = flow
  const { debounce, batchEvents, ...others } = { ...rest, ...to }
  // What is gathered is gathered once.
  if (to.debounce !== undefined) return { ...others, debounce: to.debounce }
  if (batchEvents !== undefined) return { ...others, batchEvents }
  return debounce === undefined ? others : { ...others, debounce }
}

/** Few options more often than many: with many, little comes as far as the last of them. */
export const flow: fc.Arbitrary<Flow> = fc.array(option, { maxLength: 5 }).map(options => {
  const { debounce, ...flow }: Flow = Object.assign({}, ...options)
  // What is gathered is gathered once.
  return flow.batchEvents === undefined && debounce !== undefined ? { ...flow, debounce } : flow
})
