import { RetryAfterError } from 'perdure'
import { expect, test } from 'vitest'
import { encodeThrown } from '../../src/run/storable-error.ts'
import { decodeThrown } from '../../src/run/thrown.ts'

test('the scope of a RetryAfterError is a field of its own and is stored with it', () => {
  const cause = new Error('429')
  const error = new RetryAfterError('slow down', '30s', { scope: 'key', cause })
  const again = decodeThrown(encodeThrown(error, { bytes: 1 << 20 }))
  expect(again).toBeInstanceOf(RetryAfterError)
  expect(again).toMatchObject({ retryAfter: '30s', scope: 'key', cause: { message: '429' } })
  expect(Object.keys(error)).toContain('scope')
  expect(new RetryAfterError('later', 7).scope).toBe('step')
  expect(new RetryAfterError('later', 7, { cause }).scope).toBe('step')
})
