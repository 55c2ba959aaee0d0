import fc from 'fast-check'
import {
  briefEventNode,
  cancelled,
  type EventNode,
  eventNodes,
  NO_SURROUNDINGS,
  type Surroundings,
  surroundings,
} from './event-nodes.ts'
import { debounces, type FlowSpec, flows } from './flow.ts'
import type { Weights } from './focus.ts'

/** A workflow as data: a tree of calls, which an interpreter carries out. */
export interface Program extends Partial<Surroundings> {
  /** Carried out in order. Only here may the code itself die or await what the engine cannot see. */
  readonly parts: readonly TopNode[]
  /** How often it continues as a new run. */
  readonly continues: number
  /** What holds its runs up. */
  readonly flow?: FlowSpec
}

export type TopNode =
  | Node
  /** The code throws here while it has had at most so many lives. */
  | { readonly kind: 'dies'; readonly lives: number }
  /** Awaits a promise the engine does not know. */
  | { readonly kind: 'foreign' }
  /** Calls another step in each life: the run is parked as soon as it is replayed. */
  | { readonly kind: 'fickle' }

export type Node =
  | StepNode
  | EventNode
  | { readonly kind: 'sleep'; readonly id: string; readonly ms: number }
  | { readonly kind: 'sleepUntil'; readonly id: string; readonly ms: number }
  | { readonly kind: 'chance' }
  | { readonly kind: 'throws'; readonly retriable: boolean }
  | { readonly kind: Gathering; readonly parts: readonly Node[] }
  | { readonly kind: 'loop'; readonly times: number; readonly body: Node }
  | { readonly kind: 'try'; readonly body: Node; readonly rescue?: Node; readonly cleanup?: Node }

export type Gathering = 'sequence' | 'all' | 'race' | 'any' | 'allSettled'

export interface StepNode {
  readonly kind: 'step'
  readonly id: string
  /** What each attempt comes to; the last one again and again. */
  readonly outcomes: readonly StepOutcome[]
  readonly retries: number
  readonly backoff: number
  readonly timeout?: number
}

export type StepOutcome =
  | { readonly kind: 'value'; readonly pick: number }
  | { readonly kind: 'error' }
  | { readonly kind: 'fatal' }
  | { readonly kind: 'retryAfter'; readonly ms: number }
  /** Settles after a time; a deaf one does not care that it was aborted. */
  | { readonly kind: 'slow'; readonly ms: number; readonly deaf: boolean }
  /** Ends only when it is aborted. */
  | { readonly kind: 'never' }

// Around the limits of the engine: at once, kept in memory (5 s), one alarm (60 s), near (10 min).
const span = fc.constantFrom(0, 1, 700, 4_000, 8_000, 90_000, 800_000)
const id = fc.constantFrom('a', 'b', 'c')
const wait = fc.constantFrom(1, 2_000, 40_000)

const quickOutcome: fc.Arbitrary<StepOutcome> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('value'), pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'error' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('slow'), ms: wait, deaf: fc.boolean() }),
  },
)

const outcome: fc.Arbitrary<StepOutcome> = fc.oneof(
  { weight: 8, arbitrary: quickOutcome },
  { weight: 1, arbitrary: fc.constant({ kind: 'fatal' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retryAfter'), ms: wait }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'never' } as const) },
)

const stepOf = (each: fc.Arbitrary<StepOutcome>): fc.Arbitrary<StepNode> =>
  fc.record(
    {
      kind: fc.constant('step'),
      id,
      outcomes: fc.array(each, { minLength: 1, maxLength: 3 }),
      retries: fc.nat(2),
      backoff: wait,
      timeout: fc.constantFrom(1_000, 30_000),
    },
    { requiredKeys: ['kind', 'id', 'outcomes', 'retries', 'backoff'] },
  )

const sleep = fc.record({ kind: fc.constant('sleep'), id, ms: span })

/** What cleans up must come to an end by itself: nobody aborts it. */
const cleanup: fc.Arbitrary<Node> = fc.oneof(
  { weight: 2, arbitrary: stepOf(quickOutcome) },
  { weight: 2, arbitrary: sleep },
  { weight: 1, arbitrary: briefEventNode },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('sequence'),
      parts: fc.tuple(stepOf(quickOutcome), sleep, stepOf(quickOutcome)),
    }),
  },
)

const nodesOf = ({ calls, children }: Weights): fc.Arbitrary<Node> =>
  fc.letrec<{ node: Node }>(tie => {
    const parts = fc.array(tie('node'), { minLength: 1, maxLength: 3 })
    const gather = (weight: number, kind: Gathering) => ({
      weight,
      arbitrary: fc.record({ kind: fc.constant(kind), parts }),
    })
    return {
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 8, arbitrary: stepOf(outcome) },
        { weight: calls, arbitrary: eventNodes(children) },
        { weight: 3, arbitrary: sleep },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleepUntil'), id, ms: span }) },
        { weight: 1, arbitrary: fc.constant({ kind: 'chance' } as const) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant('throws'), retriable: fc.boolean() }),
        },
        gather(2, 'sequence'),
        gather(2, 'all'),
        gather(3, 'race'),
        gather(1, 'any'),
        gather(1, 'allSettled'),
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('loop'),
            times: fc.integer({ min: 1, max: 3 }),
            body: tie('node'),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record(
            { kind: fc.constant('try'), body: tie('node'), rescue: tie('node') },
            { requiredKeys: ['kind', 'body'] },
          ),
        },
        {
          weight: 4,
          arbitrary: fc.record(
            { kind: fc.constant('try'), body: stepOf(quickOutcome), rescue: tie('node'), cleanup },
            { requiredKeys: ['kind', 'body', 'cleanup'] },
          ),
        },
      ) as fc.Arbitrary<Node>,
    }
  }).node

const topsOf = (weights: Weights): fc.Arbitrary<TopNode> =>
  fc.oneof(
    { weight: 14, arbitrary: nodesOf(weights) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('dies'), lives: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'foreign' } as const) },
  )

export const programsOf = (weights: Weights): fc.Arbitrary<Program> =>
  fc
    .record({
      parts: fc.array(topsOf(weights), { minLength: 1, maxLength: 4 }),
      continues: fc.constantFrom(0, 0, 0, 1, 2),
      ...(weights.flow === 'gathers' ? GATHERING : surroundingsOf(weights)),
    })
    .map(({ surroundings, flow, ...program }) => ({
      ...program,
      ...surroundings,
      ...(flow !== undefined && { flow }),
    }))

const GATHERING = { surroundings: cancelled, flow: debounces }

const surroundingsOf = ({ calls, flow }: Weights) => ({
  surroundings: calls === 0 ? fc.constant(NO_SURROUNDINGS) : surroundings,
  flow: flow ? flows : fc.constant(undefined),
})

/** A program that does not fit its own journal. */
export const outlaw: Program = {
  parts: [
    { kind: 'fickle' },
    { kind: 'sleep', id: 'a', ms: 8_000 },
    { kind: 'step', id: 'b', outcomes: [{ kind: 'value', pick: 1 }], retries: 0, backoff: 1 },
  ],
  continues: 0,
  ...NO_SURROUNDINGS,
}

export const isOutlaw = ({ parts }: Program): boolean => parts.some(({ kind }) => kind === 'fickle')
