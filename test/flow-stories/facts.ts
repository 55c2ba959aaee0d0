import fc from 'fast-check'

/** What an event or a start tells a run to do. */
export interface Facts {
  /** Counts what is sent and started in a story. */
  readonly n: number
  /** What keys look at; `false`: what it is the key of does not apply. */
  readonly k: 'a' | 'b' | false
  readonly j: 'x' | 'y'
  /** What it is the only one with in a day. */
  readonly u: number
  /** Seconds of priority. */
  readonly p: number
  /** Whether it may be part of a batch. */
  readonly b: boolean
  /** Whether its steps end only when they are told to. */
  readonly held: boolean
  /** Whether such steps end when their run is cancelled. */
  readonly polite: boolean
  /** Whether it begins with two steps at once. */
  readonly isForked: boolean
  /** Milliseconds that the run sleeps between its steps. */
  readonly nap: number
  /** Whether it starts a run of the next workflow, and waits for it. */
  readonly hasChild: boolean
  /** How often it continues as a new run. */
  readonly again: number
  /** Whether its code fails in the end. */
  readonly fails: boolean
}

/** Its number is given to it when it is sent. */
export type Loose = Omit<Facts, 'n'>

export const facts: fc.Arbitrary<Loose> = fc.record({
  k: fc.constantFrom('a' as const, 'a' as const, 'b' as const, false as const),
  j: fc.constantFrom('x' as const, 'y' as const),
  u: fc.nat(6),
  p: fc.constantFrom(0, 0, 5, -60),
  b: fc.constantFrom(true, true, false),
  held: fc.constantFrom(true, true, false),
  polite: fc.boolean(),
  isForked: fc.boolean(),
  nap: fc.constantFrom(0, 0, 700),
  hasChild: fc.constantFrom(false, false, false, true),
  again: fc.constantFrom(0, 0, 0, 1, 2),
  fails: fc.constantFrom(false, false, false, true),
})

/** What keys are made of. */
export type KeyText = 'event.data.k' | 'event.data.j'

/** What is told apart by keys, if it is. */
export interface Keyed {
  readonly key?: KeyText
}

/** The value of a key as a text, `''` without a key. Undefined: what it is the key of does not apply. */
export function keyOf({ key }: Keyed, facts: Pick<Facts, 'k' | 'j'>): string | undefined {
  if (key === undefined) return ''
  const value = key === 'event.data.k' ? facts.k : facts.j
  return value === false ? undefined : value
}
