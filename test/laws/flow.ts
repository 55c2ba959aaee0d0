import fc from 'fast-check'

/** The flow options of a workflow, as they are written for the engine. Times in milliseconds. */
export interface FlowSpec {
  readonly concurrency?: readonly SlotSpec[]
  readonly throttle?: Paced & { readonly burst: number }
  readonly rateLimit?: Paced & { readonly algorithm: 'sliding' | 'fixed' | 'gcra' }
  readonly idempotency?: typeof KEY
  readonly debounce?: Keyed & {
    readonly period: number
    readonly mode: 'last' | 'all'
    readonly edge?: 'leading'
    readonly timeout?: number
  }
  readonly batchEvents?: Keyed & { readonly maxSize: number; readonly timeout: number }
  readonly priority?: 'event.data.n * 100'
  readonly singleton?: Keyed & { readonly mode: 'skip' | 'cancel' }
  readonly timeouts?: { readonly start?: number; readonly finish?: number }
}

/** What runs are told apart by, if they are. */
export const KEY = 'event.data.k'

interface Keyed {
  readonly key?: typeof KEY
}

interface Paced extends Keyed {
  readonly limit: number
  readonly period: number
}

export interface SlotSpec extends Keyed {
  readonly limit: number
  readonly per: 'run' | 'step'
  readonly scope?: 'engine'
}

const key = fc.constantFrom({}, { key: KEY })
const limit = fc.constantFrom(1, 1, 2)
const period = fc.constantFrom(1_000, 8_000, 40_000)

const slot = (per: SlotSpec['per']): fc.Arbitrary<SlotSpec> =>
  fc
    .tuple(limit, fc.constantFrom({}, { key: KEY }, { key: KEY, scope: 'engine' as const }))
    .map(([limit, how]) => ({ limit, per, ...how }) as SlotSpec)

const concurrency = fc.oneof(
  slot('run').map(one => [one]),
  slot('step').map(one => [one]),
  fc.tuple(slot('run'), slot('step')),
)

const paced = fc.record({ limit, period })

const gathers = fc.oneof(
  fc
    .record({ maxSize: fc.constantFrom(2, 3), timeout: period, key })
    .map(({ key, ...batch }) => ({ batchEvents: { ...batch, ...key } })),
  fc
    .record({
      period,
      how: fc.constantFrom(
        { mode: 'all' },
        { mode: 'last' },
        { mode: 'last', timeout: 60_000 },
        { mode: 'last', edge: 'leading' },
      ),
      key,
    })
    .map(({ period, how, key }) => ({ debounce: { period, ...how, ...key } })),
)

/** One or two options of a kind that hold runs up, and what else there may be. */
const some = fc.oneof(
  { weight: 4, arbitrary: concurrency.map(concurrency => ({ concurrency })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(paced, fc.constantFrom(1, 2), key)
      .map(([pace, burst, key]) => ({ throttle: { ...pace, burst, ...key } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(paced, fc.constantFrom('sliding', 'fixed', 'gcra'), key)
      .map(([pace, algorithm, key]) => ({ rateLimit: { ...pace, algorithm, ...key } })),
  },
  { weight: 1, arbitrary: fc.constant({ idempotency: KEY }) },
  { weight: 3, arbitrary: gathers },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('skip', 'cancel'), key)
      .map(([mode, key]) => ({ singleton: { mode, ...key } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom({ start: 8_000 }, { finish: 40_000 })
      .map(timeouts => ({ timeouts })),
  },
  { weight: 2, arbitrary: fc.constant({ priority: 'event.data.n * 100' }) },
)

/** What a workflow says of flow control. */
export const flows: fc.Arbitrary<FlowSpec> = fc
  .array(some, { minLength: 1, maxLength: 3 })
  .map(all => {
    const { debounce, ...flow } = Object.assign({}, ...all) as FlowSpec
    // What is gathered is gathered once.
    return flow.batchEvents === undefined && debounce !== undefined ? { ...flow, debounce } : flow
  })

/** What gathers whatever comes, so that the newest of it differs from the first. */
export const debounces: fc.Arbitrary<FlowSpec> = fc
  .record({
    period: fc.constantFrom(1_000, 8_000),
    mode: fc.constantFrom('last' as const, 'all' as const),
    others: fc.oneof(
      fc.constant({}),
      fc.constant({}),
      concurrency.map(concurrency => ({ concurrency })),
    ),
  })
  .map(({ others, ...debounce }) => ({ debounce, ...others }))
