import fc from 'fast-check'
import { type CancelSpec, type Listening, NAMES, type TriggerSpec } from './event-facts.ts'

/** The calls of a program that have to do with what is outside of its run. */
export type EventNode =
  | WaitNode
  | AnyNode
  | SignalNode
  | SendNode
  | ({ readonly kind: 'invoke'; readonly id: string; readonly program: number } & InvokeHow)

export interface WaitNode extends Listening {
  readonly kind: 'wait'
  readonly id: string
  readonly timeout: number
  /** How far it looks back. */
  readonly back?: number
}

export interface AnyNode {
  readonly kind: 'any of'
  readonly id: string
  readonly sources: readonly Listening[]
  readonly timers: readonly number[]
}

export interface SignalNode {
  readonly kind: 'signal'
  readonly id: string
  readonly signal: string
  readonly timeout: number
}

export interface SendNode {
  readonly kind: 'send'
  readonly id: string
  readonly events: readonly { readonly name: string; readonly k: number; readonly n: number }[]
}

interface InvokeHow {
  readonly abandon: boolean
  readonly timeout?: number
}

const span = fc.constantFrom(0, 700, 8_000, 90_000, 90_000, 200_000, 200_000)
const id = fc.constantFrom('a', 'b', 'c')
const k = fc.nat(1)
const n = fc.nat(2)
const name = fc.constantFrom('app/a', ...NAMES)
const listening: fc.Arbitrary<Listening> = fc.record({
  name: fc.constantFrom('app/a', 'app/a', 'app/a', 'app/b', 'app/stop'),
  how: fc.constantFrom('any', 'any', 'any', 'match', 'match', 'if', 'where', 'never'),
})

const wait: fc.Arbitrary<WaitNode> = fc
  .tuple(listening, id, span, fc.constantFrom(undefined, undefined, 0, 1, 5_000, 100_000))
  .map(([on, id, timeout, back]) => ({
    kind: 'wait',
    ...on,
    id,
    timeout,
    ...(back !== undefined && { back }),
  }))

const send: fc.Arbitrary<SendNode> = fc.record({
  kind: fc.constant('send'),
  id,
  events: fc.array(fc.record({ name, k, n }), { minLength: 1, maxLength: 3 }),
})

export const signals = fc.constantFrom('s', 't')

/** Those that come to an end by themselves. */
export const briefEventNode: fc.Arbitrary<EventNode> = fc.oneof(
  { weight: 2, arbitrary: wait },
  { weight: 1, arbitrary: send },
)

const anyOf = fc.record({
  kind: fc.constant('any of' as const),
  id,
  sources: fc.array(listening, { minLength: 1, maxLength: 3 }),
  timers: fc.array(span, { maxLength: 2 }),
})

const signal = fc.record({
  kind: fc.constant('signal' as const),
  id,
  signal: signals,
  timeout: span,
})

const invoke = fc.record(
  {
    kind: fc.constant('invoke' as const),
    id,
    program: fc.nat(1),
    abandon: fc.constantFrom(false, false, true),
    timeout: span,
  },
  { requiredKeys: ['kind', 'id', 'program', 'abandon'] },
) as fc.Arbitrary<EventNode>

/** `children`: how often a child is called, beside 12 others. */
export const eventNodes = (children: number): fc.Arbitrary<EventNode> =>
  fc.oneof(
    { weight: 5, arbitrary: wait },
    { weight: 3, arbitrary: send },
    { weight: 3, arbitrary: anyOf },
    { weight: 1, arbitrary: signal },
    { weight: children, arbitrary: invoke },
  )

const KINDS: ReadonlySet<string> = new Set(['wait', 'any of', 'signal', 'send', 'invoke'])

export const isEventNode = (node: { readonly kind: string }): node is EventNode =>
  KINDS.has(node.kind)

/** What starts, cancels and follows the runs of a program. */
export interface Surroundings {
  readonly triggers: readonly TriggerSpec[]
  readonly cancelOn: readonly CancelSpec[]
  /** Whether it has `onFailure` and `onCancel`. */
  readonly handlers: boolean
}

const trigger: fc.Arbitrary<TriggerSpec> = fc.record({
  pattern: fc.constantFrom('app/a', 'app/b', 'app/*'),
  one: fc.boolean(),
})

const cancel = fc.record(
  {
    name: fc.constantFrom('app/stop', 'app/stop', 'app/b'),
    how: fc.constantFrom('any', 'match', 'if', 'where'),
    timeout: fc.constantFrom(1_000, 60_000),
  },
  { requiredKeys: ['name', 'how'] },
) as fc.Arbitrary<CancelSpec>

const isOther = ({ pattern, one }: TriggerSpec): string => `${pattern} ${one}`

export const surroundings: fc.Arbitrary<Surroundings> = fc.record({
  triggers: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(trigger, { maxLength: 2, selector: isOther }) },
  ),
  cancelOn: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(cancel, { maxLength: 2 }) },
  ),
  handlers: fc.boolean(),
})

/** Of runs that one kind of event starts and others cancel. */
export const cancelled: fc.Arbitrary<Surroundings> = fc.record({
  triggers: fc.constant([{ pattern: 'app/a', one: false }]),
  cancelOn: fc.array(cancel, { minLength: 1, maxLength: 2 }),
  handlers: fc.boolean(),
})

export const NO_SURROUNDINGS: Surroundings = { triggers: [], cancelOn: [], handlers: false }
