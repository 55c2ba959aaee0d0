import fc from 'fast-check'
import type { RetryScope } from '../../src/define/retry-after.ts'
import { facts, type Loose } from './facts.ts'
import { change, type Flow, flow, optionName } from './flow.ts'

/** Which of the three workflows. */
export type At = 0 | 1 | 2

interface Dying {
  /** The process dies when it has written so often since, or when it rests before. */
  readonly dies?: number
}

/**
 * Something that happens. What is picked by a number is one of those that there are by then. After
 * what is hasty the next move is made at once, before anything has come of it.
 */
export type Move =
  | ({ readonly kind: 'send'; readonly on: EventName; readonly all: readonly Loose[] } & Dying)
  | ({ readonly kind: 'start'; readonly at: At; readonly facts: Loose } & Dying)
  | { readonly kind: 'pass'; readonly ms: number }
  | ({ readonly kind: 'end'; readonly step: number; readonly isHasty: boolean } & Dying)
  | { readonly kind: 'fail'; readonly step: number; readonly scope?: RetryScope }
  | ({ readonly kind: 'cancel'; readonly run: number } & Dying)
  | { readonly kind: 'pause run' | 'resume run' | 'retry'; readonly run: number }
  | ({ readonly kind: 'pause'; readonly span?: number } & Scope)
  | ({ readonly kind: 'resume' } & Scope)
  | { readonly kind: 'drain' | 'accept'; readonly at?: At }
  | { readonly kind: 'crash' }
  | { readonly kind: 'deploy'; readonly at: At; readonly flow: Flow }
  /** Some options are given, or given otherwise, and one is taken away; the others stay. */
  | { readonly kind: 'change'; readonly at: At; readonly to: Flow; readonly off: keyof Flow }
  /** The deploy before is taken back. */
  | { readonly kind: 'take back'; readonly at: At }
  | { readonly kind: 'jump'; readonly ms: number }

/** Those of a workflow, or everything. */
export interface Scope {
  readonly at?: At
  readonly key?: 'a' | 'x'
}

/** `call` starts all three, `c0` and `c1` one. */
export type EventName = 'c0' | 'c1' | 'call'

export interface Story {
  readonly flows: readonly [Flow, Flow, Flow]
  readonly moves: readonly Move[]
  /** Runs that may be in memory. */
  readonly residents: number
  /** Steps that may execute at once. */
  readonly most: number
}

const at = fc.constantFrom<At>(0, 1, 2)
const dies = fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, fc.nat(5))
const dying = <Part extends object>(part: fc.Arbitrary<Part>): fc.Arbitrary<Part & Dying> =>
  fc.tuple(part, dies).map(([part, dies]) => (dies === undefined ? part : { ...part, dies }))
const kind = <Kind extends string>(...kinds: Kind[]): fc.Arbitrary<Kind> =>
  fc.constantFrom(...kinds)

const sends = fc.record({
  kind: kind('send'),
  on: fc.constantFrom<EventName>('c0', 'c1', 'call'),
  all: fc.array(facts, { minLength: 1, maxLength: 4 }),
})
const starts = fc.record({ kind: kind('start'), at, facts })
const passes = fc.record({
  kind: kind('pass'),
  ms: fc.constantFrom(1, 300, 1_000, 2_000, 3_000, 10_000),
})
const ends = fc.record({
  kind: kind('end'),
  step: fc.nat(5),
  isHasty: fc.constantFrom(false, false, false, true),
})
const fails = fc.record(
  {
    kind: kind('fail'),
    step: fc.nat(5),
    scope: fc.constantFrom<RetryScope>('step', 'key', 'workflow', 'engine'),
  },
  { requiredKeys: ['kind', 'step'] },
)
const cancels = fc.record({ kind: kind('cancel'), run: fc.nat(9) })
const toRuns = fc.record({ kind: kind('pause run', 'resume run', 'retry'), run: fc.nat(9) })
const key = fc.constantFrom('a' as const, 'x' as const)
// A key is one of a workflow.
const scope = fc.oneof(fc.constant({}), {
  weight: 3,
  arbitrary: fc.record({ at, key }, { requiredKeys: ['at'] }),
})
const pauses = fc
  .tuple(
    fc.record(
      { kind: kind('pause'), span: fc.constantFrom(1_500, 5_000) },
      { requiredKeys: ['kind'] },
    ),
    scope,
  )
  .map(([pause, scope]) => ({ ...pause, ...scope }))
const resumes = scope.map(scope => ({ kind: 'resume' as const, ...scope }))
const drains = fc.record({ kind: kind('drain', 'accept'), at }, { requiredKeys: ['kind'] })
const jumps = fc.record({ kind: kind('jump'), ms: fc.constantFrom(-5_000, 5_000, 3_600_000) })

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 10, arbitrary: dying(sends) },
  { weight: 4, arbitrary: dying(starts) },
  { weight: 8, arbitrary: passes },
  { weight: 10, arbitrary: dying(ends) },
  { weight: 2, arbitrary: fails },
  { weight: 3, arbitrary: dying(cancels) },
  { weight: 1, arbitrary: toRuns },
  { weight: 1, arbitrary: pauses },
  { weight: 1, arbitrary: resumes },
  { weight: 1, arbitrary: drains },
  { weight: 2, arbitrary: fc.record({ kind: kind('crash') }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('deploy'), at, flow }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('change'), at, to: change, off: optionName }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('take back'), at }) },
  { weight: 1, arbitrary: jumps },
)

/** Three workflows with limits of their own and shared ones, and what happens to them. */
export const stories: fc.Arbitrary<Story> = fc.record({
  flows: fc.tuple(flow, flow, flow),
  moves: fc.array(move, { minLength: 3, maxLength: 30, size: 'max' }),
  residents: fc.constantFrom(1, 3, 1_000),
  most: fc.constantFrom(2, 1_000),
})
