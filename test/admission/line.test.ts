import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Rank } from '../../src/admission/lane.ts'
import { Line, type Standing } from '../../src/admission/line.ts'
import { compare } from './naive.ts'

type Move =
  | { readonly kind: 'push'; readonly rank: number }
  | { readonly kind: 'shift' }
  | { readonly kind: 'remove'; readonly which: number }

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('push'), rank: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('shift') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove'), which: fc.nat(99) }) },
)

test('a line is a sorted array', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200, size: 'max' }), moves => {
      const line = new Line<Rank>()
      const model: Rank[] = []
      const made: Standing<Rank>[] = []
      for (const move of moves) {
        if (move.kind === 'push') {
          const item = { rank: move.rank, place: made.length }
          made.push(line.push(item))
          model.push(item)
          model.sort(compare)
        } else if (move.kind === 'shift') {
          expect(line.shift()).toBe(model.shift())
        } else if (made.length > 0) {
          const standing = made[move.which % made.length]!
          const at = model.indexOf(standing.item)
          if (at !== -1) model.splice(at, 1)
          expect(line.remove(standing)).toBe(at !== -1)
        }
        expect([line.size, line.first]).toEqual([model.length, model[0]])
      }
      while (line.size > 0) expect(line.shift()).toBe(model.shift())
    }),
    { numRuns: 500 },
  )
})
