import { expect, test } from 'vitest'
import { encodeValue } from '../../journal/codec/encode.ts'
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
