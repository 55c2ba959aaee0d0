import { expect, test } from 'vitest'
import { encodeValue } from '../../journal/codec/encode.ts'
import { compileExpression } from '../../src/define/expression/expression.ts'
import { fold } from '../../src/define/expression/fold.ts'
import { nearMiss } from '../../src/router/near-miss.ts'

const event = { name: 'a', id: 'evt-1', ts: 5, data: { user: 1 } }
const missed = { event: 'a', id: 'evt-1', ts: 5 }

const miss = (program: string, literals: unknown) =>
  nearMiss({ key: 'a', event: 'a', program, literals: encodeValue(literals) }, event, 0)

test('an event that fits is no near miss', () => {
  expect(miss('async.data.user == literals[0]', [1])).toBeUndefined()
})

test('says where an event differs', () => {
  const differs = [{ path: 'data.user', wanted: 2, got: 1 }]
  expect(miss('async.data.user == literals[0]', [2])).toEqual({ ...missed, differs })
})

test('of a condition that cannot be read nothing more can be told', () => {
  expect(miss('async.dat{.user == literals[0]', [1])).toEqual({ ...missed, differs: [] })
  expect(miss('async.data.user == literals[0]', null)).toMatchObject(missed)
})

const order = {
  name: 'a',
  id: 'evt-1',
  ts: 5,
  data: { n: 3, plan: 'x', tags: ['p', 'q'], paid: false },
}

/** As a wait has it that was asked for with this condition by an event with such data. */
function differs(condition: string, data: object = {}): unknown {
  const folded = fold(compileExpression(condition, ['event', 'async']), { data }, 0)
  if (folded.kind !== 'when') return folded.kind
  const { program, literals } = folded
  const listener = { key: 'a', event: 'a', program, literals: encodeValue(literals) }
  return nearMiss(listener, order, 0)?.differs
}

test.each<[string, object[]]>([
  ['event.data.most < async.data.n', [{ path: 'data.n', is: '>', wanted: 5, got: 3 }]],
  ['async.data.n > event.data.most', [{ path: 'data.n', is: '>', wanted: 5, got: 3 }]],
  ['async.data.n <= 2', [{ path: 'data.n', is: '<=', wanted: 2, got: 3 }]],
  ['!(async.data.n < event.data.most)', [{ path: 'data.n', is: 'not <', wanted: 5, got: 3 }]],
  ["async.data.plan != 'x'", [{ path: 'data.plan', is: '!=', wanted: 'x', got: 'x' }]],
  ["!(async.data.plan == 'x')", [{ path: 'data.plan', is: '!=', wanted: 'x', got: 'x' }]],
  [
    "async.data.plan in ['a', 'b']",
    [{ path: 'data.plan', is: 'in', wanted: ['a', 'b'], got: 'x' }],
  ],
  ["!(async.data.plan in ['x'])", [{ path: 'data.plan', is: 'not in', wanted: ['x'], got: 'x' }]],
  ["'z' in async.data.tags", [{ path: 'data.tags', is: 'contains', wanted: 'z', got: ['p', 'q'] }]],
  [
    "async.data.plan.startsWith('y')",
    [{ path: 'data.plan', is: 'startsWith', wanted: 'y', got: 'x' }],
  ],
  ['size(async.data.tags) > 2', [{ path: 'data.tags', is: 'size >', wanted: 2, got: ['p', 'q'] }]],
  ['async.data.n == async.data.plan', [{ path: 'data.n', wanted: 'x', got: 3 }]],
  ['async.data.paid', [{ path: 'data.paid', wanted: true, got: false }]],
  ['!async.data.plan', [{ path: 'data.plan', wanted: false, got: 'x' }]],
  ['has(async.data.by)', [{ path: 'data.by', is: '!=', wanted: undefined, got: undefined }]],
  ['async.data.n + 1 > 9', [{ path: 'data.n', is: 'fits', got: 3 }]],
  ["async.data.tags.exists(t, t == 'z')", [{ path: 'data.tags', is: 'fits', got: ['p', 'q'] }]],
  [
    "async.data.n == 3 && (async.data.plan == 'a' || (async.data.n > 7 && async.data.paid))",
    [{ path: 'data.plan', wanted: 'a', got: 'x' }],
  ],
  [
    "async.data.n == 4 && async.data.plan != 'x'",
    [
      { path: 'data.n', wanted: 4, got: 3 },
      { path: 'data.plan', is: '!=', wanted: 'x', got: 'x' },
    ],
  ],
  [
    'async.data.paid ? async.data.n == 9 : async.data.n == 8',
    [{ path: 'data.n', wanted: 8, got: 3 }],
  ],
  ["async.data.n.startsWith('y')", [{ path: 'data.n', is: 'startsWith', wanted: 'y', got: 3 }]],
])('says what made it false: %s', (condition, wanted) => {
  expect(differs(condition, { most: 5 })).toEqual(wanted)
})
