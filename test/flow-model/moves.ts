import fc from 'fast-check'
import type { Facts, Policies } from './policies.ts'

interface Dying {
  /** The process dies when it has written so often since, or when it rests before. */
  readonly dies?: number
}

/** Something that happens. */
export type Move =
  | ({ readonly kind: 'send'; readonly events: readonly Sending[] } & Dying)
  | ({ readonly kind: 'start'; readonly facts: Loose } & Dying)
  | ({ readonly kind: 'pass'; readonly ms: number } & Dying)
  | ({ readonly kind: 'end'; readonly step: number } & Dying)
  | ({ readonly kind: 'fail'; readonly step: number } & Dying)
  | ({ readonly kind: 'cancel'; readonly run: number } & Dying)
  | { readonly kind: 'crash' }
  | { readonly kind: 'jump'; readonly ms: number }

/** Its number is given to it when it is sent. */
export type Loose = Omit<Facts, 'n'>

export interface Sending {
  readonly facts: Loose
  /** What its `ts` is, from now on: before 0 in the past. */
  readonly ts: number
}

export interface Story {
  readonly policies: Policies
  readonly moves: readonly Move[]
  /** Runs that may be in memory. */
  readonly residents: number
}

const facts: fc.Arbitrary<Loose> = fc.record({
  k: fc.constantFrom('a' as const, 'a' as const, 'b' as const, false as const),
  j: fc.constantFrom('x' as const, 'x' as const, 'y' as const),
  u: fc.nat(4),
  p: fc.constantFrom(0, 0, 0, 1, 60, -60, 700),
  b: fc.constantFrom(true, true, false),
  held: fc.constantFrom(true, true, true, false),
  nap: fc.constantFrom(0, 0, 700, 2_500),
  polite: fc.boolean(),
})
const ts = fc.constantFrom(0, 0, 0, 0, 0, -1, -1_500, 800, 5_000)
const sending = fc.record({ facts, ts })
const dies = fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.nat(4))
const dying = <Part extends object>(part: fc.Arbitrary<Part>): fc.Arbitrary<Part & Dying> =>
  fc.tuple(part, dies).map(([part, dies]) => (dies === undefined ? part : { ...part, dies }))

const kind = <Kind extends string>(kind: Kind): fc.Arbitrary<Kind> => fc.constant(kind)

const sends = fc.record({
  kind: kind('send'),
  events: fc.array(sending, { minLength: 1, maxLength: 3, size: 'max' }),
})
const starts = fc.record({ kind: kind('start'), facts })
const passes = fc.record({
  kind: kind('pass'),
  ms: fc.constantFrom(1, 300, 700, 1_000, 1_999, 2_000, 3_000, 10_000),
})
const ends = fc.record({ kind: kind('end'), step: fc.nat(4) })
const fails = fc.record({ kind: kind('fail'), step: fc.nat(4) })
const cancels = fc.record({ kind: kind('cancel'), run: fc.nat(9) })
const crashes = fc.record({ kind: kind('crash') })
const jumps = fc.record({
  kind: kind('jump'),
  ms: fc.constantFrom(-3_600_000, -5_000, 5_000, 3_600_000),
})

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 10, arbitrary: dying(sends) },
  { weight: 3, arbitrary: dying(starts) },
  { weight: 7, arbitrary: dying(passes) },
  { weight: 7, arbitrary: dying(ends) },
  { weight: 1, arbitrary: fails },
  { weight: 2, arbitrary: dying(cancels) },
  { weight: 2, arbitrary: crashes },
  { weight: 1, arbitrary: jumps },
)

/** A story of workflows with such policies. */
export const storyOf = (policies: fc.Arbitrary<Policies>): fc.Arbitrary<Story> =>
  fc.record({
    policies,
    moves: fc.array(move, { minLength: 2, maxLength: 22, size: 'max' }),
    residents: fc.constantFrom(1, 3, 10_000),
  })
