import { cron, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import { jobs, type Make, Story } from './story.ts'

const parentOf =
  (child: AnyWorkflow): Make =>
  tell =>
    workflow({ id: 'parent' }, async ({ event, step }: WorkflowContext<string>) => {
      const name = event.data
      try {
        const result = await step.invoke('child', { workflow: child, data: { name } })
        await step.run('tell', () => tell(`${name} has ${result}`))
      } catch (error) {
        await step.run('tell', () => tell(`${name}: ${(error as Error).message}`))
      }
    })

/** Parents `a`, `b`, ... of children of a workflow with these limits. */
async function family(flow: Parameters<typeof jobs>[0]) {
  const make = jobs({ ...flow, id: 'child' })
  const t = await Story.of([make, parentOf(make(() => {}))])
  const [, parent] = t.workflows([make, parentOf(make(() => {}))])
  const start = async (...names: string[]): Promise<void> => {
    for (const name of names) await t.engine.start(parent!, name)
    await t.engine.settle()
  }
  const told = () => t.told.filter(line => !/[+-]/.test(line[line.indexOf(' ') + 1] ?? ''))
  return { t, start, told }
}

describe('a child', () => {
  test.each([
    ['rate-limit', { rateLimit: { limit: 1, period: '1h' } }],
    ['idempotency', { idempotency: "'all'" }],
    ['debounce', { debounce: { period: '1h', edge: 'leading' } }],
  ] as const)('that is skipped fails the step of its parent: %s', async (reason, flow) => {
    const { t, start, told } = await family(flow)
    await using _ = t
    await start('a', 'b')
    const { id } = t.run('b')
    expect(told().sort()).toEqual(['0 a has a', `0 b: Run ${id} never began: ${reason}.`])
  })

  test('waits for its place, and its parent for it, also over a crash', async () => {
    const { t, start, told } = await family({ throttle: { limit: 1, period: '5s' } })
    await using _ = t
    await start('a', 'b')
    await t.crash()
    await t.pass('5s')
    expect(told()).toEqual(['0 a has a', '5 b has b'])
  })

  test('that is put off gives its parents the result of the newest', async () => {
    const { t, start, told } = await family({ debounce: { period: '5s' } })
    await using _ = t
    await start('a', 'b')
    await t.pass('2s')
    await t.crash()
    await start('c')
    await t.crash()
    await t.pass('5s')
    expect(told().sort()).toEqual(['7 a has c', '7 b has c', '7 c has c'])
  })

  test('that waits is cancelled with its parent, and leaves its place in line', async () => {
    const { t, start, told } = await family({ throttle: { limit: 1, period: '5s' } })
    await using _ = t
    await start('a', 'b', 'c')
    const [, second] = t.runs('parent')
    await t.engine.cancel(second!)
    await t.pass('5s')
    expect(t.run('b').status).toBe('cancelled')
    expect(told()).toContain('5 c has c')
  })

  test('that could not start in time fails the step of its parent', async () => {
    const flow = { throttle: { limit: 1, period: '1h' }, timeouts: { start: '5s' } } as const
    const { t, start, told } = await family(flow)
    await using _ = t
    await start('a', 'b')
    await t.pass('5s')
    expect(told()).toEqual(['0 a has a', '5 b: Cancelled: it did not start in time'])
  })

  test('may be replaced by a newer one of another parent', async () => {
    const { t, start, told } = await family({ singleton: { mode: 'cancel' } })
    await using _ = t
    t.engine.steps.stub('child', 'end', () => new Promise(() => {}))
    await start('a')
    t.engine.steps.stub('child', 'end', undefined)
    await start('b')
    expect(told().sort()).toEqual(['0 a: Cancelled: a newer run takes its place', '0 b has b'])
  })
})

describe('`start` with an id', () => {
  test('twice gives the same run, also if that waits, gathers or was skipped', async () => {
    const make = jobs({ rateLimit: { limit: 1, period: '1h' } })
    await using t = await Story.of(make)
    const [limited] = t.workflows(make)
    const start = (id: string) => t.engine.start(limited!, { name: id }, { id })
    await start('one')
    await start('two')
    await t.crash()
    await start('one')
    const again = await start('two')
    expect(t.ends).toEqual(['one completed', 'two skipped rate-limit'])
    await expect(again.result()).rejects.toMatchObject({ code: 'RUN_SKIPPED' })
    await expect(t.engine.start(limited!, { name: 'other' }, { id: 'two' })).rejects.toMatchObject({
      code: 'RUN_CONFLICT',
    })
  })

  test('twice joins a batch once', async () => {
    const make = jobs({ batchEvents: { maxSize: 3, timeout: '10s' } })
    await using t = await Story.of(make)
    const [batched] = t.workflows(make)
    for (const id of ['one', 'two', 'two', 'one']) {
      await t.engine.start(batched!, { name: id }, { id })
    }
    await t.pass('10s')
    expect(t.told).toContain('10 +one,two')
  })
})

describe('a schedule', () => {
  const ticking =
    (flow: object, takes: '1s' | '150m' = '1s'): Make =>
    tell =>
      workflow({ id: 'tick', triggers: cron('@hourly'), ...flow }, async ({ events, step }) => {
        await step.run('tell', () => tell(`${events.length}`))
        await step.sleep(takes)
      })

  test.each([
    ['rate-limit', { rateLimit: { limit: 1, period: '150m' } }, ['3600 1', '14400 1']],
    ['idempotency', { idempotency: "'all'" }, ['3600 1']],
    ['debounce', { debounce: { period: '2h', edge: 'leading' } }, ['3600 1']],
  ])('whose tick is skipped ticks on: %s', async (reason, flow, told) => {
    await using t = await Story.of(ticking(flow))
    await t.pass('6h')
    expect(t.told).toEqual(expect.arrayContaining(told))
    expect(t.runs()).toHaveLength(6)
    expect(t.engine.runs({ status: 'skipped' }).length).toBeGreaterThan(2)
    for (const run of t.engine.runs({ status: 'skipped' })) expect(run.reason).toBe(reason)
  })

  test('whose run still holds the singleton ticks on', async () => {
    await using t = await Story.of(ticking({ singleton: { mode: 'skip' } }, '150m'))
    await t.pass('2h')
    await t.crash()
    await t.pass('5h')
    expect(t.told).toEqual(['3600 1', '14400 1', '25200 1'])
  })

  test('whose ticks are gathered ticks on', async () => {
    await using t = await Story.of(ticking({ batchEvents: { maxSize: 3, timeout: '12h' } }))
    await t.pass('150m')
    await t.crash()
    await t.pass('4h')
    expect(t.told).toEqual(['10800 3', '21600 3'])
  })

  test('whose runs are put off ticks on', async () => {
    const flow = { concurrency: { limit: 1, per: 'run' } }
    await using t = await Story.of(ticking(flow, '150m'))
    await t.pass('8h')
    expect(t.told).toEqual(['3600 1', '12600 1', '21600 1'])
    expect(
      t
        .runs()
        .map(({ status }) => status)
        .filter(status => status === 'scheduled'),
    ).toHaveLength(5)
  })

  test.each(['skip', 'buffer-one', 'buffer-all', 'cancel-other'] as const)(
    'that minds its overlaps ticks on after one that was skipped: %s',
    async overlap => {
      const make: Make = tell =>
        workflow(
          {
            id: 'tick',
            triggers: cron('@hourly', { overlap }),
            rateLimit: { limit: 1, period: '90m' },
          },
          async ({ step }) => void (await step.run('tell', () => tell('tick'))),
        )
      await using t = await Story.of(make)
      await t.pass('5h')
      expect(t.told).toEqual(['3600 tick', '10800 tick', '18000 tick'])
    },
  )
})
