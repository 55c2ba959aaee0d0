import fc from 'fast-check'

/** What an event or a start brings along. */
export interface Facts {
  /** Counts what is sent and started in a story. */
  readonly n: number
  /** What keys look at; `false`: what it is the key of does not apply. */
  readonly k: 'a' | 'b' | false
  readonly j: 'x' | 'y'
  /** Of many values, for keys that are used up. */
  readonly u: number
  /** Seconds of priority. */
  readonly p: number
  /** Whether it may be part of a batch. */
  readonly b: boolean
  /** Whether its steps end only when they are told to. */
  readonly held: boolean
  /** Milliseconds that the run sleeps between its two steps. */
  readonly nap: number
  /** Whether its steps end when their run is cancelled. */
  readonly polite: boolean
}

type KeyText = 'event.data.k' | 'event.data.j' | 'event.data.u'
export interface Keyed {
  readonly key?: KeyText
}

/** The options that stories are about; times in milliseconds. */
export interface Policies {
  readonly steps?: Keyed & { readonly limit: number }
  readonly runs?: Keyed & { readonly limit: number }
  readonly throttle?: Keyed & Rate & { readonly burst: number }
  readonly rateLimit?: Keyed & Rate & { readonly algorithm: 'sliding' | 'fixed' | 'gcra' }
  readonly idempotency?: { readonly key: KeyText }
  readonly debounce?: Debounce
  readonly batchEvents?: Batch
  readonly priority?: true
  readonly singleton?: Keyed & { readonly mode: 'skip' | 'cancel' }
  readonly timeouts?: { readonly start?: number; readonly finish?: number }
  readonly backlog?: { readonly runs: number; readonly full: 'skip' | 'refuse' }
}

export interface Debounce extends Keyed {
  readonly period: number
  readonly timeout?: number
  readonly mode: 'last' | 'all'
  readonly edge: 'trailing' | 'leading'
}

export interface Batch extends Keyed {
  readonly maxSize: number
  readonly timeout: number
  readonly if?: 'event.data.b'
}

interface Rate {
  readonly limit: number
  readonly period: number
}

export type PolicyName = keyof Policies

/** The value of a key for an event, as a text. Undefined: the policy does not apply to it. */
export function valueFor({ key }: Keyed, facts: Facts): string | undefined {
  if (key === undefined) return ''
  const value = { 'event.data.k': facts.k, 'event.data.j': facts.j, 'event.data.u': facts.u }[key]
  return value === false ? undefined : String(value)
}

/** As the option of a workflow. */
export function optionsOf({ steps, runs, backlog, priority, idempotency, ...rest }: Policies) {
  const step = steps && ({ ...steps, per: 'step' } as const)
  const run = runs && ({ ...runs, per: 'run' } as const)
  const [one, other] = [step, run].filter(each => each !== undefined)
  const both = one && other && ([one, other] as const)
  return {
    ...rest,
    ...(one !== undefined && { concurrency: both ?? one }),
    ...(idempotency !== undefined && { idempotency: idempotency.key }),
    ...(priority && { priority: 'event.data.p' }),
    ...(backlog !== undefined && { backlog }),
  }
}

const key = fc.option(fc.constantFrom<KeyText>('event.data.k', 'event.data.j'), { nil: undefined })
const few = fc.integer({ min: 1, max: 3 })

function keyed<Rest extends object>(rest: fc.Arbitrary<Rest>): fc.Arbitrary<Rest & Keyed> {
  return fc.tuple(rest, key).map(([rest, key]) => (key === undefined ? rest : { ...rest, key }))
}

const trailing = fc
  .record({
    period: fc.constantFrom(2_000),
    timeout: fc.option(fc.constantFrom(2_000, 3_500), { nil: undefined }),
    mode: fc.constantFrom('last' as const, 'all' as const),
  })
  .map(({ period, timeout, mode }) => ({
    ...{ period, mode, edge: 'trailing' as const },
    ...(timeout !== undefined && { timeout }),
  }))
const leading = fc.constant({ period: 2_000, mode: 'last', edge: 'leading' } as const)

/** Small numbers, so that limits are reached soon. */
const policies = {
  steps: keyed(fc.record({ limit: few })),
  runs: keyed(fc.record({ limit: few })),
  throttle: keyed(fc.record({ limit: few, period: fc.constantFrom(1_000, 4_000), burst: few })),
  rateLimit: keyed(
    fc.record({
      limit: fc.constantFrom(1, 2, 3, 10),
      period: fc.constantFrom(3_000, 10_000),
      algorithm: fc.constantFrom('sliding' as const, 'fixed' as const, 'gcra' as const),
    }),
  ),
  idempotency: fc.record({
    key: fc.constantFrom<KeyText>('event.data.k', 'event.data.u', 'event.data.u'),
  }),
  debounce: keyed<Omit<Debounce, 'key'>>(fc.oneof({ weight: 3, arbitrary: trailing }, leading)),
  batchEvents: keyed(
    fc
      .record({
        maxSize: fc.integer({ min: 2, max: 4 }),
        timeout: fc.constant(3_000),
        b: fc.boolean(),
      })
      .map(({ b, ...rest }) => ({ ...rest, ...(b && { if: 'event.data.b' as const }) })),
  ),
  priority: fc.constant(true as const),
  singleton: keyed(fc.record({ mode: fc.constantFrom('skip' as const, 'cancel' as const) })),
  timeouts: fc.constantFrom({ start: 2_500 }, { finish: 4_000 }, { start: 1_500, finish: 2_500 }),
  backlog: fc.record({ runs: few, full: fc.constantFrom('skip' as const, 'refuse' as const) }),
} satisfies { readonly [Name in PolicyName]: fc.Arbitrary<NonNullable<Policies[Name]>> }

const names = Object.keys(policies) as PolicyName[]

/** One of each of these. */
export const policiesOf = (chosen: readonly PolicyName[]): fc.Arbitrary<Policies> =>
  fc.record<Policies, never>(Object.fromEntries(chosen.map(name => [name, policies[name]])))

/** All pairs that a workflow may have, and each policy alone. */
export const pairs: readonly (readonly PolicyName[])[] = names.flatMap((one, at) => [
  [one],
  ...names
    .slice(at + 1)
    .filter(other => !(one === 'debounce' && other === 'batchEvents'))
    .map(other => [one, other]),
])

/** Where a later stage may refuse what an earlier one has counted, and what they share is two apart. */
export const trios: readonly (readonly PolicyName[])[] = [
  ['idempotency', 'debounce', 'singleton'],
  ['idempotency', 'batchEvents', 'singleton'],
  ['idempotency', 'singleton', 'backlog'],
  ['debounce', 'singleton', 'backlog'],
  ['runs', 'idempotency', 'debounce', 'backlog'],
  ['runs', 'idempotency', 'batchEvents', 'backlog'],
  ['runs', 'singleton', 'backlog'],
  ['throttle', 'singleton', 'backlog'],
]
