import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindOf, limitId, parseLimitId, SHARED } from '../../src/admission/limit-id.ts'

const kinds = [
  'run',
  'step',
  'throttle',
  'singleton',
  'rate',
  'idempotency',
  'debounce',
  'batch',
] as const

describe('a limit id', () => {
  test('is the JSON text of its parts, and read back', () => {
    const id = { kind: 'run', owner: SHARED, keyText: 'event.data.id', value: '"a"' } as const
    expect(limitId(id)).toBe('["run","*","event.data.id","\\"a\\""]')
    const texts = fc.string({ unit: 'grapheme' })
    const ids = fc.record({
      kind: fc.constantFrom(...kinds),
      owner: texts,
      keyText: texts,
      value: texts,
    })
    fc.assert(
      fc.property(ids, each => {
        expect(parseLimitId(limitId(each))).toEqual({ ...each })
        expect(kindOf(limitId(each))).toBe(each.kind)
      }),
    )
  })

  test.each([
    '',
    'run',
    '{}',
    'null',
    '["run","w",""]',
    '["run","w","","",""]',
    '["runs","w","",""]',
    '["run",7,"",""]',
    '["run","w",null,""]',
    '["run","w","",7]',
    '["run", "w","",""]',
  ])('is not %j', text => expect(parseLimitId(text)).toBeUndefined())
})
