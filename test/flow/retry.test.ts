import { expect, test } from 'vitest'
import { jobs, Story } from './story.ts'

test('a failed run that is tried again comes under the limit of its steps', async () => {
  await using t = await Story.of(jobs({ concurrency: 1 }))
  await t.send({ name: 'a', fails: true }, { name: 'b', works: true })
  expect(t.working).toEqual(['b'])
  const again = await t.engine.retry(t.run('a'), { from: 'end' })
  await t.engine.settle()
  expect(again.step('end')).toMatchObject({ status: 'running', attempts: 0 })
  expect((await t.engine.why(again)).waitsFor).toMatchObject([{ kind: 'step', executes: false }])
  await t.done('b')
  expect(again.step('end')?.status).toBe('succeeded')
})

test.each([
  ['rate-limit', { rateLimit: { limit: 1, period: '1h' } }],
  ['idempotency', { idempotency: "'all'" }],
  ['throttle', { throttle: { limit: 1, period: '1h' } }],
  ['debounce', { debounce: { period: '1h' } }],
  ['batch', { batchEvents: { maxSize: 5, timeout: '1h' } }],
] as const)('a failed run that is tried again passes no stage: %s', async (_, flow) => {
  await using t = await Story.of(jobs(flow))
  await t.send({ name: 'a', fails: true })
  await t.pass('1h')
  await t.send('b')
  const before = t.told.length
  const again = await t.engine.retry(t.run('a'), { from: 'end' })
  await t.engine.settle()
  expect(t.told.slice(before)).toContainEqual(expect.stringContaining('-a'))
  expect(again.status).toBe('failed')
})
