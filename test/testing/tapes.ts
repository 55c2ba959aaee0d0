import fc from 'fast-check'
import type { Choices } from '../../src/testing/choices.ts'
import { KINDS } from '../../src/testing/stream.ts'
import type { Tape } from '../../src/testing/tape.ts'

const part = fc.oneof(
  fc.constantFrom('run-1', 'run_01H8', 'charge', 'charge:1', '0', '1', 'a.b', 'ünïcode', '~', ''),
  fc.string({ unit: 'binary', maxLength: 6 }),
  // Any code unit, halves of pairs as well.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3 })
    .map(units => String.fromCharCode(...units)),
)

const streamName = fc.oneof(
  fc.constantFrom<string>(...KINDS),
  fc
    .tuple(fc.constantFrom<string>(...KINDS), fc.array(part, { maxLength: 4 }))
    .map(([kind, parts]) => [kind, ...parts].join('/')),
  part,
)

const value = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.maxSafeNat() },
)

const values = fc.oneof(
  fc.array(value, { maxLength: 12 }),
  fc
    .tuple(fc.array(value, { maxLength: 3 }), fc.nat(1_500), fc.array(value, { maxLength: 3 }))
    .map(([before, zeros, after]) => [...before, ...new Array<number>(zeros).fill(0), ...after]),
)

export const tapes: fc.Arbitrary<Tape> = fc
  .array(fc.tuple(streamName, values), { maxLength: 6 })
  .map(streams => new Map(streams))

export interface Question {
  readonly stream: string
  readonly n: number
}

export const questions: fc.Arbitrary<Question[]> = fc.array(
  fc.record({
    stream: fc.oneof(streamName, fc.constantFrom('schedule', 'crash', 'outcome/a/b/0')),
    n: fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    ),
  }),
  { maxLength: 40 },
)

export const askAll = (choices: Choices, asked: readonly Question[]): number[] =>
  asked.map(({ stream, n }) => choices.choose(stream, n))
