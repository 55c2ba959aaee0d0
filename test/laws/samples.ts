import { isDeepStrictEqual } from 'node:util'
import type { StepNode } from './program.ts'

const makers: readonly (() => unknown)[] = [
  () => 0,
  () => 'text',
  () => undefined,
  () => -0,
  () => ({ when: new Date(5), list: [1, [2, null]] }),
  () => new Map<unknown, unknown>([[1, new Set(['x'])]]),
  () => ({ b: Number.NaN, a: 10n ** 20n }),
  () => new Uint8Array([1, 2, 3]),
  () => [{ deep: { none: undefined } }],
  () => Object.assign(new RangeError('a value, not thrown'), { code: 'E', stack: 'somewhere' }),
]

/** A value of its own at each call, equal for equal picks. */
export const sample = (pick: number): unknown => makers[pick % makers.length]?.()

/** What a step that was slow returns. */
export const SLOW = { slow: true }

/** Whether a step may have come to this value. */
export const isSample = ({ outcomes }: StepNode, value: unknown): boolean =>
  outcomes.some(outcome => {
    if (outcome.kind === 'slow') return isDeepStrictEqual(value, SLOW)
    return outcome.kind === 'value' && isAlike(value, sample(outcome.pick))
  })

// Stacks are as they were where the error was made.
function isAlike(value: unknown, other: unknown): boolean {
  if (!(value instanceof Error) || !(other instanceof Error)) {
    return isDeepStrictEqual(value, other)
  }
  return value.message === other.message && value.name === other.name
}
