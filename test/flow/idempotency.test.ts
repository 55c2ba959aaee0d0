import { expect, test } from 'vitest'
import { jobs, Story } from './story.ts'

const once = jobs({ idempotency: 'event.data.key' })
const job = (name: string, key: unknown = 'x') => ({ name, key })

test('one run in 24 hours for each value, and the others name it', async () => {
  await using t = await Story.of(once)
  await t.send(job('a'), job('b'), job('c', 'y'))
  await t.pass('23h')
  await t.send(job('d'))
  await t.pass('1h')
  await t.send(job('e'))
  expect(t.ends).toEqual([
    ...['a completed', 'b skipped idempotency', 'c completed', 'd skipped idempotency'],
    'e completed',
  ])
  expect(t.run('b').by).toBe(t.run('a').id)
  await expect(t.run('d').result()).rejects.toMatchObject({
    code: 'RUN_SKIPPED',
    facts: { reason: 'idempotency', by: t.run('a').id },
  })
})

test('also if the first has failed, or was cancelled', async () => {
  await using t = await Story.of(once)
  await t.send({ ...job('a'), fails: true }, { ...job('b', 'y'), takes: '1h' })
  await t.engine.cancel(t.run('b'))
  await t.send(job('c'), job('d', 'y'))
  expect(t.ends).toEqual([
    ...['a failed', 'b cancelled', 'c skipped idempotency', 'd skipped idempotency'],
  ])
})

test('a run that failed can be retried', async () => {
  await using t = await Story.of(once)
  t.engine.steps.stub('jobs', 'end', () => Promise.reject(new Error('503')))
  await t.send(job('a'))
  t.engine.steps.stub('jobs', 'end', undefined)
  await t.engine.retry(t.run('a'))
  await t.engine.settle()
  expect(t.ends).toEqual(['a failed', 'a completed'])
})

test('where the value is false every event has its run', async () => {
  await using t = await Story.of(once)
  await t.send(job('a', false), job('b', false))
  expect(t.ends).toEqual(['a completed', 'b completed'])
})

test.each([
  [[/a/, /b/]],
  [[new RangeError('x'), new Error('y')]],
  [[new Uint16Array([1]), new Uint16Array([2]), new Uint16Array([1]).buffer]],
  [[{ a: 1 }, { a: 1, b: null }]],
])('whatever can be stored is told apart: %o', async values => {
  await using t = await Story.of(once)
  for (const value of values) await t.send(job('a', value))
  await t.crash()
  await t.send(...values.map(value => job('b', value)))
  expect(t.ends).toEqual([
    ...values.map(() => 'a completed'),
    ...values.map(() => 'b skipped idempotency'),
  ])
})

test('a crash neither forgets the first nor lets a second in', async () => {
  await using t = await Story.of(once)
  await t.send({ ...job('a'), takes: '1h' })
  await t.crash()
  await t.send(job('b'))
  await t.pass('2h')
  await t.crash()
  await t.send(job('c'))
  expect(t.ends).toEqual(['a completed', 'b skipped idempotency', 'c skipped idempotency'])
})

test('what the rate limit refuses has not been the first', async () => {
  const rateLimit = { limit: 1, period: '1h' } as const
  await using t = await Story.of(jobs({ idempotency: 'event.data.key', rateLimit }))
  await t.send(job('a', 'x'), job('b', 'y'))
  await t.pass('1h')
  await t.send(job('c', 'x'), job('d', 'y'))
  expect(t.ends).toEqual([
    ...['a completed', 'b skipped rate-limit', 'c skipped idempotency', 'd completed'],
  ])
})

test('a run that never begins has not used its key up', async () => {
  const concurrency = { limit: 1, per: 'run' } as const
  const backlog = { runs: 1, full: 'skip' } as const
  await using t = await Story.of(jobs({ idempotency: 'event.data.key', concurrency, backlog }))
  await t.send(...['a', 'b', 'c'].map(key => ({ name: key, key, takes: '1s' })))
  await t.pass('5s')
  await t.send({ name: 'c again', key: 'c' }, { name: 'a again', key: 'a' })
  expect(t.ends).toEqual([
    ...['a completed', 'b completed', 'c skipped backlog'],
    ...['c again completed', 'a again skipped idempotency'],
  ])
})
