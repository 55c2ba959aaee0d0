import { event, type WorkflowContext, workflow } from 'perdure'
import type { StoredRecord } from '../../journal/reader.ts'
import { type Timeline, timelineOf } from '../../src/inspect/timeline.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { RunView } from '../../src/testing/run-view.ts'

class CardTimeout extends Error {}
class CarrierDown extends Error {}

const placed = event<'shop/order.placed', { orderId: string; total: number; password: string }>(
  'shop/order.placed',
)
const picked = event<'shop/picked', { orderId: string }>('shop/picked')

/** Step bodies take virtual time: what is recorded of them is the same every time. */
const flowsOn = (machine: Machine) => {
  const after = (ms: number): Promise<void> =>
    new Promise(resolve => {
      machine.clock.alarm(ms, resolve)
    })

  const fulfil = workflow(
    { id: 'fulfil-order', triggers: placed, retries: 2, backoff: ['1s', '2s'] },
    async ({ event, step }) => {
      await step.run('reserve-stock', () => after(212))
      await step.run('charge-card', async ({ attempt }) => {
        await after(360)
        if (attempt === 0) throw new CardTimeout('the bank does not answer')
        return { charge: 'ch_1', cardNumber: '4111' }
      })
      await Promise.all([
        step.run('mail-receipt', () => after(230)),
        step.run('mail-warehouse', () => after(504)),
      ])
      await step.sleep('cool-off', '3m')
      await step.waitForEvent('picked', { event: picked, match: 'data.orderId', timeout: '24h' })
      await step.run('ship', async () => {
        await after(480)
        throw new CarrierDown(`POST https://carrier.test/labels: 503 for ${event.name}`)
      })
    },
  )

  const crawl = workflow({ id: 'crawl' }, async ({ step }: WorkflowContext<number>) => {
    await step.sendEvent('tell', { name: 'crawl/began', data: {} })
    for (let page = 0; page < 70; page++) await step.run('fetch-page', () => after(50 + page * 5))
    await Promise.race([
      step.run('slow', () => after(5_000)),
      step.run('quick', () => after(10)),
      step.sleep('1h'),
    ])
    await step.sleep('night', '9h')
  })

  const idle = workflow({ id: 'idle' }, async () => 'nothing to do')
  return { fulfil, crawl, idle }
}

/** Runs that were recorded in virtual time: one that failed, one of many steps that goes on. */
export async function shop(): Promise<ReadonlyMap<string, readonly StoredRecord[]>> {
  const machine = new Machine(timeOrderedIds(size => Buffer.alloc(size)))
  const { fulfil, crawl, idle } = flowsOn(machine)
  await machine.boot(() => ({ workflows: [fulfil, crawl, idle] }))
  const { engine } = machine
  if (engine === undefined) throw machine.failure
  const pass = (ms: number): Promise<void> => passTime(machine.clock, ms, () => machine.settle())
  const order = { orderId: 'ord_8812', total: 129.5, password: 'hunter2' }
  await engine.send({ ...placed(order), id: 'evt-4tq1' })
  void engine.start(crawl, 1, { id: 'crawl-1' })
  void engine.start(idle, undefined, { id: 'idle-1' })
  await machine.settle()
  await pass(187_000)
  void engine.send(picked({ orderId: 'ord_8812' }))
  await machine.settle()
  await pass(60_000)
  const runs = new Map<string, readonly StoredRecord[]>()
  for await (const { id } of engine.runs()) {
    runs.set(id, new RunView(machine.disk.rows, id).records())
  }
  await machine.stop()
  return runs
}

/** The run of this workflow, as a timeline. */
export function shopTimeline(
  runs: ReadonlyMap<string, readonly StoredRecord[]>,
  workflow: string,
): Timeline {
  for (const [run, records] of runs) {
    const timeline = timelineOf(run, records)
    if (timeline.workflow === workflow) return timeline
  }
  throw new Error(`there is no run of ${workflow}`)
}
