import fc from 'fast-check'
import { NAMES } from './event-facts.ts'
import { signals } from './event-nodes.ts'
import type { Weights } from './focus.ts'

/** What comes from outside, and upkeep. */
export type EventMove =
  | {
      readonly kind: 'send'
      readonly events: readonly Outside[]
    }
  | { readonly kind: 'signal'; readonly signal: string; readonly n: number }
  | { readonly kind: 'gc' }
  | ({ readonly kind: 'schedule'; readonly schedule: number; readonly program: number } & Ticking)
  | { readonly kind: 'unschedule'; readonly schedule: number }

/** An event from outside. */
export interface Outside {
  readonly name: string
  readonly k: number
  readonly n: number
  /** An id of its own, which another may have as well. */
  readonly id?: number
  /** How much later it happens than it is sent, or earlier. */
  readonly late?: number
}

export interface Ticking {
  readonly missed: 'skip' | 'last' | 'all'
  readonly overlap: 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow-all'
  readonly jitter: number
}

const outside = fc.record(
  {
    name: fc.constantFrom('app/a', ...NAMES),
    k: fc.nat(1),
    n: fc.nat(2),
    id: fc.nat(1),
    late: fc.constantFrom(-5_000, 3_000, 20_000),
  },
  { requiredKeys: ['name', 'k', 'n'] },
) as fc.Arbitrary<Outside>

const schedule = fc.nat(1)

export const eventMoves = ({ send, signal, gc, schedule: ticks }: Weights) => [
  {
    weight: send,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      events: fc.array(outside, { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: signal,
    arbitrary: fc.record({ kind: fc.constant('signal' as const), signal: signals, n: fc.nat(9) }),
  },
  { weight: gc, arbitrary: fc.constant({ kind: 'gc' as const }) },
  {
    weight: ticks,
    arbitrary: fc.record({
      kind: fc.constant('schedule' as const),
      schedule,
      program: fc.nat(1),
      missed: fc.constantFrom('skip', 'last', 'all'),
      overlap: fc.constantFrom('skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow-all'),
      jitter: fc.constantFrom(0, 0, 60_000),
    }) as fc.Arbitrary<EventMove>,
  },
  {
    weight: ticks / 4,
    arbitrary: fc.record({ kind: fc.constant('unschedule' as const), schedule }),
  },
]

const KINDS: ReadonlySet<string> = new Set(['send', 'signal', 'gc', 'schedule', 'unschedule'])

export const isEventMove = (move: { readonly kind: string }): move is EventMove =>
  KINDS.has(move.kind)
