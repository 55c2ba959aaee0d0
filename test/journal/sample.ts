import {
  type Engine,
  type EngineOptions,
  openEngine,
  type WorkflowContext,
  workflow,
} from 'perdure'
import * as z from 'zod'
import { type HandClock, handClock } from './hand-clock.ts'

const START = Date.UTC(2030, 0, 1)

type Context<Data = unknown> = WorkflowContext<Data>

export const hello = workflow(
  { id: 'greeting' },
  async ({ event, step }: Context<{ name: string }>) =>
    step.run('compose', () => `Hello ${event.data.name}`),
)

const flaky = workflow(
  { id: 'payment', retries: 2, backoff: ['10s', '20s'] },
  async ({ step }: Context) =>
    step.run('charge', ({ attempt }) => {
      if (attempt === 0) throw new TypeError('card\nreader is offline')
      return { charged: 12n, at: new Date(START) }
    }),
)

const nap = workflow({ id: 'nap' }, async ({ step }: Context<{ long: boolean }>) => {
  await step.sleep('short', '30s')
  await Promise.all([
    step.sleepUntil('new year', new Date(Date.UTC(2031, 0, 1))),
    step.sleep('24h'),
  ])
})

const stopped = workflow({ id: 'patient' }, async ({ step }: Context) => {
  try {
    await step.sleep('1h')
  } finally {
    await step.shield(() => step.run('tidy up', () => undefined))
  }
})

const broken = workflow({ id: 'broken', retries: 0 }, async () => {
  throw new RangeError('out of range')
})

const endless = workflow({ id: 'endless' }, async ({ event, step }: Context<number>) => {
  if (event.data > 1) return 'enough'
  return step.continueAsNew(event.data + 1)
})

/** Not among the runs of the sample: its step never ends. */
export const stuck = workflow({ id: 'stuck' }, async ({ step }: Context) =>
  step.run('wait', () => new Promise<void>(() => {})),
)

const listening = workflow(
  {
    id: 'listening',
    cancelOn: [{ event: 'app/ended', match: 'data.user' }],
    schema: z.object({ user: z.number() }),
  },
  async ({ step }) =>
    step.waitForEvent('answer', { event: 'app/answered', match: 'data.user', timeout: '1h' }),
)

/** The code of all of them. */
export const sampleWorkflows = [hello, flaky, nap, stopped, broken, endless, stuck, listening]

/** Two more runs, that wait for events; one has got its own, but has not had its turn. */
export async function listen({ engine }: Sample): Promise<void> {
  for (const [user, id] of ['g-listening', 'h-listening'].entries()) {
    await engine.start(listening, { user }, { id })
    await reached(engine, id, 4)
  }
  const answered = (user: number) => ({ name: 'app/answered', data: { user } })
  await engine.send([{ ...answered(1), id: 'once' }, answered(2)])
}

export interface Sample {
  readonly engine: Engine
  readonly clock: HandClock
}

/**
 * An engine with a run of each kind: completed, retried, asleep twice over, cancelled, failed,
 * continued. Time and ids are fixed, so the same journal comes out every time.
 */
export async function sampleEngine(
  place: Pick<EngineOptions, 'path' | 'store' | 'durability'>,
): Promise<Sample> {
  const clock = handClock(START)
  let count = 0
  const engine = await openEngine({
    ...place,
    workflows: sampleWorkflows,
    retention: '1m',
    clock,
    ids: { run: () => `next-${++count}`, event: () => `evt-${++count}`, journal: () => 'sample' },
  })
  const greeting = await engine.start(hello, { name: 'Ada' }, { id: 'a-greeting' })
  await greeting.result()
  const payment = await engine.start(flaky, null, { id: 'b-payment' })
  await reached(engine, 'b-payment', 4)
  clock.advance(10_000)
  await payment.result()
  const patient = await engine.start(stopped, null, { id: 'd-patient' })
  await reached(engine, 'd-patient', 3)
  await patient.cancel('changed my mind')
  await patient.result().catch(() => {})
  await (await engine.start(broken, null, { id: 'e-broken' })).result().catch(() => {})
  await (await engine.start(endless, 0, { id: 'f-endless' })).result()
  await engine.start(nap, { long: true }, { id: 'c-nap' })
  await reached(engine, 'c-nap', 3)
  clock.advance(30_000)
  await reached(engine, 'c-nap', 6)
  return { engine, clock }
}

/** Waits until the run has as many entries. */
async function reached(engine: Engine, run: string, entries: number): Promise<void> {
  for (;;) {
    for await (const summary of engine.runs()) {
      if (summary.id === run && summary.entries >= entries) return
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}
