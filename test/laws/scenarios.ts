import { cron, event, NonRetriableError, type WorkflowContext, workflow } from 'perdure'
import type { AnyWorkflow } from '../../src/define/workflow.ts'
import type { Ordeal, OrdealOptions } from './ordeal.ts'
import type { StepNode } from './program.ts'

const MINUTE = 60_000

/** Something that people do with an engine. */
export interface Scenario extends Omit<OrdealOptions, 'strike' | 'workflows'> {
  readonly workflows: readonly AnyWorkflow[]
  /** May be cut short by any death of the engine, and go on in its next life. */
  play(ordeal: Ordeal): Promise<void>
  /** The time in which everything comes to its end, once all was asked. */
  readonly ms: number
}

type Context = WorkflowContext<unknown>

const paid = event<'app/paid', { order: string }>('app/paid')
const placed = event<'app/placed', { order: string }>('app/placed')

const start = (ordeal: Ordeal, of: AnyWorkflow, run: string): Promise<unknown> =>
  ordeal.ask(engine => engine.start(of, { order: run }, { id: run }), { what: 'start', run })

const flaky: StepNode = {
  kind: 'step',
  id: 'flaky',
  outcomes: [{ kind: 'error' }, { kind: 'value', pick: 0 }],
  retries: 2,
  backoff: 2_000,
}

const steps = workflow({ id: 'steps', retries: 2, backoff: [2_000] }, async ({ step }: Context) => {
  const first = await step.run('first', () => 1)
  const [second, third] = await Promise.all([
    step.run('second', () => first + 1),
    step.run('flaky', ({ attempt }) => {
      if (attempt === 0) throw new Error('not yet')
      return first + 2
    }),
  ])
  return { first, second, third }
})

const sleeper = workflow({ id: 'sleeper' }, async ({ step }: Context) => {
  await step.sleep('short', 1_000)
  const winner = await Promise.race([
    step.sleep('long', 2 * MINUTE).then(() => 'long'),
    step.sleep('less long', MINUTE).then(() => 'less long'),
  ])
  return step.run('end', () => winner)
})

const buyer = workflow({ id: 'buyer', triggers: placed }, async ({ event, step }) => {
  const payment = await step.waitForEvent('payment', {
    event: paid,
    match: 'data.order',
    timeout: '2m',
  })
  await step.sendEvent('tell', { name: 'app/told', data: event.data })
  return payment === null ? 'late' : step.run('ship', () => payment.data.order)
})

const told = workflow({ id: 'told', triggers: { event: 'app/told' } }, async ({ step }: Context) =>
  step.run('note', () => 'noted'),
)

const child = workflow({ id: 'child' }, async ({ event, step }: WorkflowContext<{ n: number }>) => {
  await step.sleep(2_000)
  if (event.data.n === 2) throw new NonRetriableError('no')
  return step.run('double', () => event.data.n * 2)
})

const parent = workflow({ id: 'parent' }, async ({ step }: Context) => {
  const settled = await Promise.allSettled(
    [1, 2].map(n => step.invoke(`child-${n}`, { workflow: child, data: { n } })),
  )
  return settled.map(({ status }) => status)
})

const cleaner = workflow({ id: 'cleaner' }, async ({ step }: Context) => {
  try {
    await step.run('book', () => 'booked')
    await step.sleep(2 * MINUTE)
  } finally {
    await step.shield(() => step.run('undo', () => 'undone'))
  }
})

const ticking = workflow({ id: 'ticking', triggers: cron('* * * * *') }, async ({ step }) =>
  step.run('report', () => 'reported'),
)

const queued = workflow(
  {
    id: 'queued',
    concurrency: { limit: 1, per: 'run' },
    throttle: { limit: 1, period: '5s' },
    timeouts: { start: '2m', finish: '1m' },
  },
  async ({ step }: Context) => {
    await step.sleep(1_000)
    return step.run('serve', () => 'served')
  },
)

const batched = workflow(
  { id: 'batched', triggers: placed, batchEvents: { maxSize: 2, timeout: '10s' } },
  async ({ events, step }) => step.run('pack', () => events.map(({ data }) => data.order)),
)

const debounced = workflow(
  { id: 'debounced', triggers: placed, debounce: { period: '5s', mode: 'all' } },
  async ({ events, step }) => step.run('count', () => events.length),
)

/** Representative of what the engine does with its disk. */
export const scenarios: { readonly [name: string]: Scenario } = {
  'a run of steps': {
    workflows: [steps],
    nodes: { flaky },
    ms: 10_000,
    play: async ordeal => void (await start(ordeal, steps, 'run')),
  },
  'runs that sleep': {
    workflows: [sleeper],
    ms: 2 * MINUTE,
    async play(ordeal) {
      await start(ordeal, sleeper, 'one')
      await ordeal.pass(500)
      await start(ordeal, sleeper, 'two')
    },
  },
  'runs that are brought back': {
    workflows: [steps, sleeper, cleaner],
    nodes: { flaky },
    ms: 3 * MINUTE,
    async play(ordeal) {
      await start(ordeal, steps, 'steps')
      await start(ordeal, sleeper, 'sleeper')
      await start(ordeal, cleaner, 'cleaner')
      ordeal.disk.crash()
      await ordeal.pass(1_500)
      ordeal.disk.crash()
      ordeal.clock.pass(MINUTE)
    },
  },
  'events that start and wake': {
    workflows: [buyer, told],
    residentRuns: 1,
    ms: 3 * MINUTE,
    async play(ordeal) {
      for (const order of ['a', 'b']) {
        await ordeal.ask(engine => engine.send(placed({ order }, { id: `placed-${order}` })))
      }
      await ordeal.pass(1_000)
      await ordeal.ask(engine => engine.send(paid({ order: 'a' }, { id: 'paid' })))
      await ordeal.ask(engine => engine.send(paid({ order: 'a' }, { id: 'paid' })))
    },
  },
  'a parent with children': {
    workflows: [parent, child],
    residentRuns: 1,
    ms: MINUTE,
    play: async ordeal => void (await start(ordeal, parent, 'parent')),
  },
  'a cancellation with a clean-up': {
    workflows: [cleaner],
    residentRuns: 1,
    ms: 2 * MINUTE,
    async play(ordeal) {
      await start(ordeal, cleaner, 'run')
      await ordeal.pass(1_000)
      await ordeal.ask(engine => engine.cancel('run', 'enough'), { what: 'cancel', run: 'run' })
    },
  },
  'old runs that are removed': {
    workflows: [steps],
    nodes: { flaky },
    retention: '1m',
    ms: 10_000,
    async play(ordeal) {
      ordeal.witness.asks('old')
      await ordeal.ask(engine => engine.start(steps, null, { id: 'old' }))
      await ordeal.pass(2 * MINUTE)
      await ordeal.ask(engine => engine.gc())
      await start(ordeal, steps, 'new')
    },
  },
  'a schedule': {
    workflows: [ticking],
    ms: MINUTE / 2,
    play: ordeal => ordeal.pass(2 * MINUTE),
  },
  'runs that wait for their turn': {
    workflows: [queued],
    residentRuns: 1,
    ms: MINUTE,
    async play(ordeal) {
      for (const run of ['one', 'two', 'three']) await start(ordeal, queued, run)
    },
  },
  'events that are gathered': {
    workflows: [batched, debounced],
    residentRuns: 1,
    ms: MINUTE / 2,
    async play(ordeal) {
      for (const order of ['a', 'b', 'c']) {
        await ordeal.ask(engine => engine.send(placed({ order }, { id: order })))
      }
    },
  },
}
