import { expect, test } from 'vitest'
import { type WorkflowContext, workflow } from '../../src/index.ts'
import { testEngine } from '../../src/testing/index.ts'
import { jobs, Story } from './story.ts'

interface Job {
  readonly key: string
}

const one = workflow(
  { id: 'one', concurrency: { limit: 1, key: 'event.data.key', per: 'run' } },
  async ({ step }: WorkflowContext<Job>) => {
    await step.sleep('work', '1m')
  },
)

test('a run that its limit lets begin is scheduled and begun in one write', async () => {
  await using engine = await testEngine({ workflows: [one] })
  const before = engine.stats().commits
  const run = await engine.start(one, { key: 'a' })
  expect(engine.stats().commits).toBe(before + 1)
  expect(run.status).toBe('running')
})

test('it holds its place before anything else is decided, and after a crash', async () => {
  await using engine = await testEngine({ workflows: [one] })
  const [first, second] = await Promise.all([
    engine.start(one, { key: 'a' }),
    engine.start(one, { key: 'a' }),
  ])
  const other = await engine.start(one, { key: 'b' })
  await engine.settle()
  expect([first, second, other].map(({ status }) => status)).toEqual([
    'running',
    'scheduled',
    'running',
  ])
  await engine.crash()
  const third = await engine.start(one, { key: 'a' })
  await engine.settle()
  expect([first.status, second.status, third.status]).toEqual(['running', 'scheduled', 'scheduled'])
  await engine.advance('1m')
  expect([first.status, second.status, third.status]).toEqual(['completed', 'running', 'scheduled'])
  await engine.advance('2m')
  expect(third.status).toBe('completed')
})

test('a run that continues with another key keeps the place of the old one', async () => {
  const chain = workflow(
    { id: 'chain', concurrency: { limit: 1, key: 'event.data.key', per: 'run' } },
    async ({ event, step }: WorkflowContext<Job & { readonly next?: string }>) => {
      await step.sleep('work', '1m')
      if (event.data.next !== undefined) await step.continueAsNew({ key: event.data.next })
    },
  )
  await using engine = await testEngine({ workflows: [chain] })
  await engine.start(chain, { key: 'a', next: 'b' })
  await engine.advance('1m')
  const old = await engine.start(chain, { key: 'a' })
  const beside = await engine.start(chain, { key: 'b' })
  await engine.settle()
  expect([old.status, beside.status]).toEqual(['scheduled', 'running'])
  await engine.advance('1m')
  expect([old.status, beside.status]).toEqual(['running', 'completed'])
})

const steps = workflow(
  { id: 'steps', concurrency: { limit: 1, per: 'step' } },
  async ({ step }: WorkflowContext<Job>) => {
    await step.sleep('rest', '1m')
    await step.run('work', () => {})
  },
)

test('the place that is kept for its first step is free once it has begun', async () => {
  await using engine = await testEngine({ workflows: [steps] })
  const first = await engine.start(steps, { key: 'a' })
  const second = await engine.start(steps, { key: 'a' })
  await engine.settle()
  expect([first.status, second.status]).toEqual(['running', 'running'])
})

test.each([
  ['of the engine', jobs(), { concurrency: 1 }],
  ['of the workflow', jobs({ concurrency: 1 }), {}],
])('after a crash steps take places in the order of their runs: %s', async (_, make, options) => {
  await using t = await Story.of(make, options)
  const [workflow] = t.workflows(make)
  const names = ['m', 'z', 'c', 'y', 'a', 'x']
  for (const name of names) {
    await t.engine.start(workflow!, { name, takes: '10s', works: true }, { id: name })
    await t.pass('1s')
  }
  await t.pass('10s')
  await t.crash()
  const worked: string[] = []
  for (const _ of names) {
    worked.push(...t.working)
    await t.done(...t.working)
  }
  expect(worked).toEqual(names)
})
