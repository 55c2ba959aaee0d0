import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type IdempotencyState, idempotency, isIdle } from '../../src/admission/idempotency.ts'
import { stored } from './stored.ts'

test('the first run in a period is admitted, and again when it asks again', () => {
  const steps = fc.array(fc.tuple(fc.nat(60), fc.constantFrom('a', 'b', 'c')), { maxLength: 40 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), steps, (period, list) => {
      const admitted: { at: number; run: string }[] = []
      let state: IdempotencyState | undefined
      let now = 0
      for (const [gap, run] of list) {
        now += gap
        const first = admitted.find(each => each.at + period > now)
        expect(state === undefined || isIdle(state, { period }, now)).toBe(first === undefined)
        if (first === undefined) admitted.push({ at: now, run })
        const { state: next, decision } = idempotency(state, { period }, run, now)
        expect(decision).toEqual(
          first === undefined || first.run === run
            ? { kind: 'admit' }
            : { kind: 'refuse', by: first.run, until: first.at + period },
        )
        if (first !== undefined) expect(next).toBe(state)
        state = stored(next)
      }
    }),
  )
})
