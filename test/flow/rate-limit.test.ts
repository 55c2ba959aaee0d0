import { type WorkflowContext, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { jobs, Story } from './story.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']
const accepted = (t: Story): string[] =>
  t.ends.filter(end => end.endsWith('completed')).map(end => end.slice(0, -' completed'.length))

test('what is over the limit of its key is skipped, and recorded', async () => {
  const key = 'event.data.key'
  await using t = await Story.of(jobs({ rateLimit: { limit: 1, period: '24h', key } }))
  await t.send({ name: 'a', key: 'x' }, { name: 'b', key: 'x' }, { name: 'c', key: 'y' })
  expect(t.ends).toEqual(['a completed', 'b skipped rate-limit', 'c completed'])
  expect(t.engine.runs({ status: 'skipped' })).toHaveLength(1)
  await expect(t.run('b').result()).rejects.toMatchObject({
    code: 'RUN_SKIPPED',
    facts: { reason: 'rate-limit' },
  })
  await t.pass('24h')
  await t.send({ name: 'd', key: 'x' })
  expect(t.ends.at(-1)).toBe('d completed')
})

test('where the key is false there is no limit', async () => {
  const rateLimit = { limit: 1, period: '1h', key: 'event.data.key' } as const
  await using t = await Story.of(jobs({ rateLimit }))
  await t.send({ name: 'a', key: false }, { name: 'b', key: false })
  expect(accepted(t)).toEqual(['a', 'b'])
})

test('a small limit admits as many as it says', async () => {
  await using t = await Story.of(jobs({ rateLimit: { limit: 3, period: '1h' } }))
  await t.send(...NAMES)
  expect(accepted(t)).toEqual(['a', 'b', 'c'])
})

test('sliding: no stretch as long as the period has more, to the millisecond', async () => {
  await using t = await Story.of(jobs({ rateLimit: { limit: 2, period: '10s' } }))
  await t.send('a')
  await t.pass('9s')
  await t.send('b', 'c')
  await t.pass(999)
  await t.send('d')
  await t.pass(1)
  await t.send('e', 'f')
  await t.pass(8_999)
  await t.send('g')
  await t.pass(1)
  await t.send('h', 'i')
  expect(accepted(t)).toEqual(['a', 'b', 'e', 'h'])
})

test('fixed: twice the limit may meet at the border of two periods', async () => {
  const rateLimit = { limit: 2, period: '10s', algorithm: 'fixed' } as const
  await using t = await Story.of(jobs({ rateLimit }))
  await t.send('a')
  await t.pass('9s')
  await t.send('b', 'c')
  await t.pass('1s')
  await t.send('d', 'e', 'f')
  expect(accepted(t)).toEqual(['a', 'b', 'd', 'e'])
})

test('gcra: a tenth more than one at once, then one every interval', async () => {
  const rateLimit = { limit: 10, period: '60m', algorithm: 'gcra' } as const
  await using t = await Story.of(jobs({ rateLimit }))
  await t.send('a', 'b', 'c')
  await t.pass('359s')
  await t.send('d')
  await t.pass('1s')
  await t.send('e', 'f')
  expect(accepted(t)).toEqual(['a', 'b', 'e'])
})

test('what is refused does not count, and a crash changes nothing', async () => {
  await using t = await Story.of(jobs({ rateLimit: { limit: 1, period: '10s' } }))
  for (let second = 0; second <= 20; second += 2) {
    await t.send(`${second}`)
    await t.crash()
    await t.pass('2s')
  }
  expect(accepted(t)).toEqual(['0', '10', '20'])
})

test('retries and later steps are not limited', async () => {
  const rateLimit = { limit: 1, period: '1h' } as const
  let attempts = 0
  const flaky = workflow({ id: 'flaky', rateLimit, backoff: ['1s'] }, async ({ step }) =>
    step.run('try', () => {
      if (attempts++ < 2) throw new Error('503')
      return attempts
    }),
  )
  await using t = await Story.of(() => flaky)
  const run = await t.engine.start(flaky)
  await t.pass('1m')
  expect(run).toMatchObject({ status: 'completed', output: 3 })
})

test('a parent that invokes what is over the limit fails in that step', async () => {
  const child = workflow(
    { id: 'child', rateLimit: { limit: 1, period: '1h' } },
    async (_: WorkflowContext<undefined>) => 'done',
  )
  const parent = workflow({ id: 'parent' }, async ({ step }: WorkflowContext<undefined>) => {
    const first = await step.invoke('first', { workflow: child })
    const second = await step.invoke('second', { workflow: child }).catch(error => error.cause.code)
    return [first, second]
  })
  await using t = await Story.of([() => parent, () => child])
  const run = await t.engine.start(parent)
  expect(await run.result()).toEqual(['done', 'RUN_SKIPPED'])
})

test('a run that is skipped is so for whoever asks for it again', async () => {
  const once = jobs({ rateLimit: { limit: 1, period: '10s' } })
  await using t = await Story.of(once)
  const [limited] = t.workflows(once)
  await t.engine.start(limited!, { name: 'a' }, { id: 'a' })
  await t.engine.start(limited!, { name: 'b' }, { id: 'b' })
  await t.pass('1m')
  const again = await t.engine.start(limited!, { name: 'b' }, { id: 'b' })
  await expect(again.result()).rejects.toMatchObject({ code: 'RUN_SKIPPED' })
  expect(t.ends).toEqual(['a completed', 'b skipped rate-limit'])
})
