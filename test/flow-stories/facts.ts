import fc from 'fast-check'
import type { Facts as Brought } from '../flow-model/policies.ts'

/** What an event or a start tells a run to do, beside what it brings along elsewhere. */
export interface Facts extends Brought {
  /** Whether it begins with two steps at once. */
  readonly isForked: boolean
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
