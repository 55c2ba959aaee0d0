import fc from 'fast-check'
import type { WriteFault } from '../../src/testing/disk.ts'
import { type EventMove, eventMoves, isEventMove } from './event-moves.ts'
import { FOCUSES, type Focus, focuses, type Weights } from './focus.ts'
import { outlaw, type Program, programsOf } from './program.ts'
import { timeless } from './timeless.ts'

/** Everything that is left to chance in one trial. It is data: it can be printed and shrunk. */
export interface Plan {
  readonly programs: readonly Program[]
  readonly moves: readonly Move[]
  /** The fate of each write, in order; 0 and all that follow: it succeeds. */
  readonly fates: readonly number[]
  readonly residentRuns: number
  readonly concurrency: number
  /** Whether a workflow is told how runs end. */
  readonly watcher?: boolean
  /** Default: for ever. */
  readonly retention?: number | 'forever'
}

/** What is done to the engine, one after the other. */
export type Move =
  | EventMove
  | { readonly kind: 'start'; readonly program: number; readonly run: number }
  | { readonly kind: 'cancel' | 'pause' | 'resume'; readonly run: number }
  | { readonly kind: 'settle' }
  /** Lets the engine get only so far. */
  | { readonly kind: 'glimpse'; readonly immediates: number }
  | { readonly kind: 'pass'; readonly ms: number }
  /** The wall clock is set. */
  | { readonly kind: 'jump'; readonly ms: number }
  /** The process dies, and stays away for a while. */
  | { readonly kind: 'crash'; readonly away: number }
  | { readonly kind: 'reopen' }

export const fates: readonly (WriteFault | undefined)[] = [
  undefined,
  'crash-before',
  'crash-after',
  'fails',
  'fails-but-written',
]

const SECOND = 1_000
const YEAR = 365 * 86_400 * SECOND

// The first is asked for most: things must happen to one run to meet.
const run = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
const movesOf = (weights: Weights): fc.Arbitrary<Move> =>
  fc.oneof(
    ...eventMoves(weights),
    { weight: 2, arbitrary: fc.constant({ kind: 'settle' } as const) },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('start'), program: fc.nat(1), run }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('glimpse'), immediates: fc.nat(12) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('pass'),
        ms: fc.constantFrom(1, 500, 1_500, 4_000, 30_000, 90_000, 900_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('jump'),
        ms: fc.constantFrom(-30 * SECOND, 30 * SECOND, 3_600 * SECOND, -2 * YEAR, 2 * YEAR),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('crash'),
        away: fc.constantFrom(0, 5_000, 100_000, 2_000_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' } as const) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel'), run }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pause'), run }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume'), run }) },
  )

const start = (run: number): Move => ({ kind: 'start', program: run, run })

// A schedule that makes up for all it missed would go through every tick of a year.
const near = (moves: readonly Move[]) => {
  const isThorough = moves.some(move => move.kind === 'schedule' && move.missed === 'all')
  return (move: Move): Move =>
    isThorough && move.kind === 'jump' && Math.abs(move.ms) === 2 * YEAR
      ? { ...move, ms: 3_600 * SECOND }
      : move
}

const fate = fc.oneof(
  { weight: 14, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(1, 2) },
  { weight: 2, arbitrary: fc.constantFrom(3, 4) },
)

export function plansOf(focus: Focus): fc.Arbitrary<Plan> {
  const weights: Weights = FOCUSES[focus]
  const moves = fc.array(movesOf(weights), { maxLength: weights.calls === 0 ? 12 : 16 })
  return fc.record({
    programs: fc.array(programsOf(weights), { minLength: 1, maxLength: 2 }),
    moves: moves.map(moves => [start(0), start(1), ...moves.map(near(moves))]),
    fates: fc.array(fate, { maxLength: 16 }),
    residentRuns: fc.constantFrom(100, 1),
    concurrency: fc.constantFrom(100, 1, 1, 2),
    watcher: weights.calls === 0 ? fc.constant(false) : fc.boolean(),
    retention: fc.constantFrom(...weights.retention),
  })
}

export const plans: fc.Arbitrary<Plan> = fc.oneof(...focuses.map(plansOf))

/** The plan with programs whose outcome depends on no moment, each run always of the same one. */
export const timelessPlan = (plan: Plan): Plan => ({
  ...plan,
  watcher: false,
  retention: 'forever',
  programs: plan.programs.map(timeless),
  moves: plan.moves
    .filter(move => move.kind !== 'cancel' && !isEventMove(move))
    .map(move => (move.kind === 'start' ? { ...move, program: move.run } : move)),
})

/** The same starts, with nothing that goes wrong. */
export const quiet = (plan: Plan): Plan => ({
  ...plan,
  fates: [],
  moves: plan.moves.filter(({ kind }) => kind === 'start'),
})

/** The plan with two more runs, of a program that does not fit its own journal. */
export const withOutlaws = (plan: Plan): Plan => {
  const { programs, moves } = plan
  const program = programs.length
  const start = (run: number): Move => ({ kind: 'start', program, run })
  const half = Math.ceil(moves.length / 2)
  // A program is named by its place: those of the other runs must stay where they were.
  const named = moves.map(move =>
    move.kind === 'start' ? { ...move, program: move.program % program } : move,
  )
  return {
    ...plan,
    programs: [...programs, outlaw],
    moves: [start(8), ...named.slice(0, half), start(9), ...named.slice(half)],
  }
}
