import { RetryAfterError, type RetryAfterOptions, type StepError, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { encodeThrown } from '../../src/run/storable-error.ts'
import { decodeThrown } from '../../src/run/thrown.ts'
import { World } from '../simulation/world.ts'
import { refusedBy } from './refused.ts'

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

const WAIT = "Write milliseconds, a duration such as '30s', or a Date."
const SCOPES = "'step', 'key', 'workflow', 'engine'"

test.each<[unknown, unknown, string, string]>([
  [Number.NaN, undefined, 'retryAfter: NaN: it is not a duration.', WAIT],
  [-1, undefined, 'retryAfter: -1: a duration cannot be negative.', WAIT],
  [Number.POSITIVE_INFINITY, undefined, 'retryAfter: Infinity: it is longer than', WAIT],
  ['120', undefined, 'retryAfter: "120": it is not a duration.', WAIT],
  ['1 month', undefined, 'retryAfter: "1 month": months and years vary in length.', WAIT],
  [new Date('soon'), undefined, 'retryAfter: an invalid Date is neither', WAIT],
  [undefined, undefined, 'retryAfter: it is missing.', WAIT],
  [null, undefined, 'retryAfter: null is neither a duration nor a Date.', WAIT],
  [{ for: Number.NaN }, undefined, 'retryAfter: an object is neither a duration nor a Date.', WAIT],
  [5n, undefined, 'retryAfter: 5n is neither', WAIT],
  [7, { scope: 'all' }, `scope: "all" is none of ${SCOPES}.`, `Write one of ${SCOPES}.`],
  [7, { scope: null }, `scope: null is none of ${SCOPES}.`, `Write one of ${SCOPES}.`],
  [7, { scopes: 'key' }, 'an object has other options.', "Write { cause, scope: 'key' }."],
  [7, 'key', '"key" has other options.', "Write { cause, scope: 'key' }."],
  [7, null, 'null has other options.', "Write { cause, scope: 'key' }."],
])('a RetryAfterError of %s with %j is refused', (wait, options, told, fix) => {
  const make = () =>
    new RetryAfterError('they said 429', wait as number, options as RetryAfterOptions)
  const { message, hint } = refusedBy(make)
  expect(message).toContain(`RetryAfterError("they said 429") is not valid. ${told}`)
  expect(hint).toBe(fix)
  expect(make).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ message: 'they said 429' }) }),
  )
})

test('what a refused one was thrown for is the cause of what the step has failed with', async () => {
  const subject = workflow({ id: 'subject', retries: 1, backoff: ['1s'] }, ({ step }) =>
    step.run('call', () => {
      throw new RetryAfterError('they said 429', Number.NaN, { cause: new TypeError('socket') })
    }),
  )
  const world = new World({ workflows: [subject] })
  await world.open()
  const run = await world.engine.start(subject)
  const ended = run.result().catch((error: StepError) => error)
  await world.advance(2_000)
  expect(await ended).toMatchObject({
    attempts: 2,
    cause: {
      code: 'DEFINITION_INVALID',
      cause: { name: 'RetryAfterError', message: 'they said 429', cause: { message: 'socket' } },
    },
  })
})
