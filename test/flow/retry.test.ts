import { workflow } from 'perdure'
import { expect, test } from 'vitest'
import { jobs, type Make, Story } from './story.ts'

test.each([
  ['concurrency per run', { concurrency: { limit: 1, per: 'run' } }],
  ['singleton', { singleton: { mode: 'skip' } }],
] as const)(
  'a failed run that is tried again waits for no place, and has it: %s',
  async (_, flow) => {
    let fails = true
    const make: Make = () =>
      workflow({ id: 'flaky', retries: 0, ...flow }, async ({ step }) => {
        await step.run('try', () => {
          if (fails) throw new Error('503')
        })
        await step.sleep('1h')
      })
    await using t = await Story.of(make)
    const [flaky] = t.workflows(make)
    const failed = await t.engine.start(flaky!)
    await t.engine.settle()
    fails = false
    const other = await t.engine.start(flaky!)
    const again = await t.engine.retry(failed)
    await t.engine.settle()
    expect([failed.status, other.status, again.status]).toEqual(['failed', 'running', 'running'])

    await t.engine.cancel(other)
    const next = await t.engine.start(flaky!)
    await t.engine.settle()
    const isSkipped = 'singleton' in flow
    expect(next.status).toBe(isSkipped ? 'skipped' : 'scheduled')
    if (isSkipped) expect(next.by).toBe(again.id)
    await t.crash()
    expect(next.status).toBe(isSkipped ? 'skipped' : 'scheduled')
    await t.pass('1h')
    expect(again.status).toBe('completed')
    expect(next.status).toBe(isSkipped ? 'skipped' : 'running')
  },
)

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

test('the time to finish goes on where the failed run was: what passed since does not count', async () => {
  let fails = true
  const make: Make = () =>
    workflow({ id: 'flaky', retries: 0, timeouts: { finish: '10s' } }, async ({ step }) => {
      await step.sleep('4s')
      await step.run('try', () => {
        if (fails) throw new Error('503')
      })
      await step.sleep('1h')
    })
  await using t = await Story.of(make)
  const [flaky] = t.workflows(make)
  const failed = await t.engine.start(flaky!)
  await t.pass('1d')
  fails = false
  const again = await t.engine.retry(failed)
  await t.pass('5999ms')
  expect([failed.status, again.status]).toEqual(['failed', 'running'])
  await t.crash()
  await t.pass(1)
  expect([again.status, again.reason]).toEqual(['cancelled', 'it did not finish in time'])
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
